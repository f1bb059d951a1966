"""What is shown of the exchange: to the sides of a transfer, and to who looks after the systems (TRF-17, BEY-08)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from services.transfer.domain.events_of_exchange import DailyWorkFailed, DirectoryTaken, ReconciliationMade
from services.transfer.exchange.daily import DailyWork
from services.transfer.exchange.directories import OutsideDirectory
from services.transfer.exchange.peers import Peers, stream_of
from services.transfer.exchange.protocol import Person
from services.transfer.projections.exchanges import ENTERING, IN, OFFERED, Exchanges
from services.transfer.shapes_outside import (
    Difference,
    ExchangeLine,
    ExchangeOfSubtree,
    OfferCard,
    OutsideOrganization,
    Said,
    SystemShown,
    SystemsShown,
    Which,
)
from shared.contracts.org import Register
from shared.eventstore.store import EventStore
from shared.http.paging import Cursors, Page
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros

SYSTEMS = tuple(register.value for register in Register if register is not Register.SPECIAL_UNITS)
SHOWN = 50
FOUND = 20


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Named]: ...


class Rights(Protocol):
    async def require_read(self, principal: Principal, scope: str) -> None: ...


class OutsideViews:
    """Reads only."""

    def __init__(
        self,
        store: EventStore,
        exchanges: Exchanges,
        peers: Peers,
        directory: OutsideDirectory,
        daily: DailyWork,
        tree: Tree,
        rights: Rights,
        cursors: Cursors,
    ) -> None:
        self._store = store
        self._exchanges = exchanges
        self._peers = peers
        self._directory = directory
        self._daily = daily
        self._tree = tree
        self._rights = rights
        self._cursors = cursors

    async def search(self, system: str, text: str) -> list[OutsideOrganization]:
        """TRF-17: of the exchanged directory, by a part of the full name."""
        return [
            OutsideOrganization(organization=found.organization, name=found.name)
            for found in await self._directory.search(system, text, FOUND)
        ]

    async def of_transfer(self, transfer: str) -> list[ExchangeLine]:
        """The exchange of a transfer; none of an ordinary one."""
        found = await self._exchanges.of_transfer(transfer)
        return await self._lines([found] if found else [])

    async def waiting(self, organization: str) -> list[ExchangeLine]:
        """Offers that the organization is to decide, and newcomers that it is to enter, the oldest first."""
        where = {"direction": IN, "organization": organization, "stage": {"$in": [OFFERED, ENTERING]}, "transfer": None}
        return await self._lines(await self._exchanges.find(where, [("began_at", 1)], SHOWN))

    async def of_subtree(
        self, principal: Principal, organization: str, which: Which, system: str, limit: int, cursor: str | None
    ) -> Page[ExchangeOfSubtree]:
        """Of the organization and all below it, the newest first. Raises OutsideAuthority."""
        await self._rights.require_read(principal, organization)
        differs = {d["exchange"]: d["kind"] for s in SYSTEMS for d in await self._daily.differences(s)}
        wanted: dict[Which, dict[str, Any]] = {
            Which.OPEN: {"closed": False},
            Which.ALL: {},
            Which.FAILING: {"closed": False, "failed": {"$gt": 0}},
            Which.FOUND: {"$or": [{"findings.0": {"$exists": True}}, {"_id": {"$in": sorted(differs)}}]},
        }
        asked = {"above": organization} | ({"system": system} if system else {})
        of = ["exchanges", organization, which.value, system]
        found = await self._exchanges.page({"$and": [asked, wanted[which]]}, limit + 1, self._cursors.read(of, cursor))
        shown = found[:limit]
        last = [shown[-1]["began_at"], shown[-1]["_id"]] if len(found) > limit else None
        return Page[ExchangeOfSubtree](
            items=[
                ExchangeOfSubtree(**dict(line), difference=differs.get(line.exchange))
                for line in await self._lines(shown)
            ],
            next=self._cursors.write(of, last) if last else None,
        )

    async def offer(self, exchange: str, person: Person | None) -> OfferCard | None:
        """None where the read model has not seen it yet."""
        found = await self._exchanges.get(exchange)
        if found is None:
            return None
        [line] = await self._lines([found])
        who = person.model_dump() if person else {"name": "", "number": "", "document_kind": ""}
        return OfferCard(**dict(line), **who)

    async def systems(self) -> SystemsShown:
        """All three, also those that nothing was agreed with."""
        return SystemsShown(
            own_keys=list(self._peers.own.public), systems=[await self._system(system) for system in SYSTEMS]
        )

    async def _system(self, system: str) -> SystemShown:
        agreement, last = await self._peers.agreement(system), await self._last(system)
        open_ = {"system": system, "closed": False}
        failing = await self._exchanges.find(open_ | {"failed": {"$gt": 0}}, [("began_at", -1)], SHOWN)
        found = await self._exchanges.find(
            {"system": system, "findings.0": {"$exists": True}}, [("began_at", -1)], SHOWN
        )
        made, taken, failed = last.get(ReconciliationMade), last.get(DirectoryTaken), last.get(DailyWorkFailed)
        differences = await self._daily.differences(system)
        return SystemShown(
            system=system,
            connected=bool(agreement.address) and self._peers.own.ready,
            address=agreement.address,
            keys=[key.kid for key in agreement.keys],
            own_keys=[key.kid for key in self._peers.own.public],
            own_keys_taken=sorted(agreement.taken),
            directory=await self._directory.count(system),
            directory_at=from_micros(taken[1]) if taken else None,
            queue=await self._exchanges.count(open_),
            failing=await self._lines(failing),
            findings=await self._lines(found),
            failed=agreement.failed,
            failed_cause=failed[0].cause if failed and agreement.failed else None,
            reconciled_on=made[0].day if made else None,
            reconciled_people=made[0].people if made else 0,
            both=made[0].both if made else 0,
            neither=made[0].neither if made else 0,
            differences=[
                Difference(kind=d["kind"], exchange=d["exchange"], person=d["person"]) for d in differences[:SHOWN]
            ],
        )

    async def _last(self, system: str) -> Mapping[type, Any]:
        """The last fact of each kind on the stream of a system, with its instant."""
        found: dict[type, Any] = {}
        for commit in await self._store.load(stream_of(system)):
            for event in commit.events:
                found[type(event)] = (event, commit.at)
        return found

    async def _lines(self, rows: Sequence[Mapping[str, Any]]) -> list[ExchangeLine]:
        names = await self._tree.nodes([row["organization"] for row in rows if row["organization"]])
        return [_line(row, names) for row in rows]


def _line(row: Mapping[str, Any], names: Mapping[str, Named]) -> ExchangeLine:
    same = ("direction", "system", "transfer", "person", "organization", "stage", "failed", "cause", "decision")
    more = ("ground", "outcome", "newcomer", "findings")
    until = row["decide_until"]
    return ExchangeLine(
        exchange=row["_id"],
        **{name: row[name] for name in (*same, *more)},
        organization_name=names[row["organization"]].name if row["organization"] in names else "",
        outside_name=row["outside_name"] or "",
        reason=row["reason"] or "",
        decide_until=from_micros(until) if until else None,
        began_at=from_micros(row["began_at"]),
        said=[Said(what=each["what"], at=from_micros(each["at"])) for each in row["said"]],
    )
