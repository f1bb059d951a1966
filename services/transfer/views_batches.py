"""What is shown of batches: each member with what became of them (TRF-08)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from services.transfer.projections.batches import BatchList
from services.transfer.projections.transfers import APPROVED, REQUESTED, Transfers
from services.transfer.shapes_batches import BatchCard, BatchLine, BatchMember
from services.transfer.use_cases.batches import transfer_of
from services.transfer.use_cases.visible import NOT_FOUND_SECONDS
from shared.http.pace import even_pace
from shared.http.paging import Cursors, Page
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros

LEFT_OUT, WAITING = "left_out", "waiting"
GOING_ON = (WAITING, REQUESTED, APPROVED)
SAME = ("organization", "from_branch", "to", "reason", "note", "by")


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Named]: ...


class Rights(Protocol):
    async def may_read(self, principal: Principal, scope: str) -> bool: ...
    async def require_read(self, principal: Principal, scope: str) -> None: ...


class BatchViews:
    """Reads only."""

    def __init__(
        self, service: str, batches: BatchList, transfers: Transfers, tree: Tree, rights: Rights, cursors: Cursors
    ) -> None:
        self._service = service
        self._batches = batches
        self._transfers = transfers
        self._tree = tree
        self._rights = rights
        self._cursors = cursors

    async def card(self, principal: Principal, batch: str) -> BatchCard:
        """Raises NothingHere."""
        async with even_pace(NOT_FOUND_SECONDS):
            found = await self._batches.get(batch)
            if found is None or not await self._rights.may_read(principal, found["organization"]):
                raise NothingHere
        members = await self._members(found)
        settled = found["carried_out"] and not any(member.state in GOING_ON for member in members)
        return BatchCard(**await self._line(found), members=members, settled=settled)

    async def of_organization(
        self, principal: Principal, organization: str, limit: int, cursor: str | None
    ) -> Page[BatchLine]:
        """The newest first. Raises OutsideAuthority."""
        await self._rights.require_read(principal, organization)
        of = ["batches", organization]
        found = await self._batches.page(organization, limit + 1, self._cursors.read(of, cursor))
        shown, more = found[:limit], len(found) > limit
        last = [shown[-1]["requested_at"], shown[-1]["_id"]] if more else []
        return Page[BatchLine](
            items=[BatchLine(**await self._line(each)) for each in shown],
            next=self._cursors.write(of, last) if more else None,
        )

    async def _members(self, batch: Mapping[str, Any]) -> list[BatchMember]:
        left_out = {each["person"]: each["cause"] for each in batch["left_out"]}
        ids = {person: transfer_of(self._service, batch["_id"], person) for person in batch["people"]}
        transfers = await self._transfers.many(list(ids.values()))
        return [_member(person, left_out.get(person), transfers.get(ids[person])) for person in batch["people"]]

    async def _line(self, found: Mapping[str, Any]) -> dict[str, Any]:
        names = await self._tree.nodes([found["organization"], found["from_branch"], found["to"]])
        said = {f"{name}_name": names[found[of]].name if found[of] in names else "" for name, of in _NAMED}
        at, count = from_micros(found["requested_at"]), len(found["people"])
        numbers = {"people": count, "left_out": len(found["left_out"]), "requested_at": at, "batch": found["_id"]}
        return {name: found[name] for name in SAME} | said | numbers


_NAMED: Sequence[tuple[str, str]] = (("organization", "organization"), ("from", "from_branch"), ("to", "to"))


def _member(person: str, cause: str | None, transfer: Mapping[str, Any] | None) -> BatchMember:
    if cause is not None:
        return BatchMember(person=person, transfer=None, state=LEFT_OUT, cause=cause)
    if transfer is None:
        return BatchMember(person=person, transfer=None, state=WAITING, cause=None)
    return BatchMember(person=person, transfer=transfer["_id"], state=transfer["state"], cause=transfer["cause"])
