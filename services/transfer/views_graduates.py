"""Graduates who are left behind, now, in a subtree; why, and whom to call today (GRD-06, BEY-09)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.transfer.domain.refusals import SubtreeTooLarge
from services.transfer.projections.cohorts import Cohorts
from services.transfer.projections.graduates import STUCK, Graduates
from services.transfer.projections.members import Members
from services.transfer.shapes_graduates import Call, GraduateLine, Reason, Situation
from shared.contracts.org import Category
from shared.http.paging import Cursors, Page
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros

ORGANIZATIONS_MAX = 10_000
CALLS_MAX = 20


class Scope(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def category(self) -> str: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Scope]: ...
    async def subordinates(self, superiors: Collection[str], limit: int) -> Sequence[Scope]: ...


class Rights(Protocol):
    async def require_read(self, principal: Principal, scope: str) -> None: ...


class GraduateViews:
    """Reads only. A subtree is walked down at the time of asking, as far as ORGANIZATIONS_MAX organizations."""

    def __init__(
        self, graduates: Graduates, cohorts: Cohorts, members: Members, tree: Tree, rights: Rights, cursors: Cursors
    ) -> None:
        self._graduates = graduates
        self._cohorts = cohorts
        self._members = members
        self._tree = tree
        self._rights = rights
        self._cursors = cursors

    async def left_behind(
        self, principal: Principal, organization: str, year: int, stuck: str, limit: int, cursor: str | None
    ) -> Page[GraduateLine]:
        """Branch by branch. Raises OutsideAuthority, SubtreeTooLarge."""
        await self._rights.require_read(principal, organization)
        of = ["graduates", organization, year, stuck]
        branches = [each["branch"] for each in await self._frozen(organization, year)]
        found = await self._graduates.page(branches, year, stuck, limit + 1, self._cursors.read(of, cursor))
        shown, more = found[:limit], len(found) > limit
        return Page[GraduateLine](
            items=await self._lines(shown),
            next=self._cursors.write(of, [shown[-1][each] for each in ("branch", "stuck", "_id")]) if more else None,
        )

    async def situation(self, principal: Principal, organization: str, year: int, now: datetime) -> Situation:
        """How many for which reason, the weightiest first, and who could do most about it today.

        Raises OutsideAuthority, SubtreeTooLarge.
        """
        await self._rights.require_read(principal, organization)
        frozen = await self._frozen(organization, year)
        groups = await self._graduates.grouped([each["branch"] for each in frozen], year)
        by_reason: dict[tuple[str, str | None], int] = defaultdict(int)
        by_call: dict[str, dict[str, Any]] = {}
        for group in groups:
            by_reason[group["stuck"], group["ground"]] += group["people"]
            held = by_call.setdefault(group["call"], {"people": 0, "since": group["since"], "reasons": {}})
            held["people"] += group["people"]
            held["since"] = min(held["since"], group["since"])
            held["reasons"][group["stuck"]] = held["reasons"].get(group["stuck"], 0) + group["people"]
        ranked = sorted(by_call.items(), key=lambda each: (-each[1]["people"], each[1]["since"], each[0]))[:CALLS_MAX]
        nodes = await self._tree.nodes([organization for organization, _ in ranked])
        instants = [each["frozen_at"] for each in frozen]
        return Situation(
            year=year,
            branches=len(frozen),
            members=sum(each["members"] - len(each["left_out"]) for each in frozen),
            left_behind=sum(by_reason.values()),
            first_frozen_at=from_micros(min(instants)) if instants else None,
            last_frozen_at=from_micros(max(instants)) if instants else None,
            reasons=[
                Reason(stuck=stuck, ground=ground, people=people)
                for (stuck, ground), people in sorted(
                    by_reason.items(), key=lambda each: (-each[1], STUCK.index(each[0][0]), each[0][1] or "")
                )
            ],
            calls=[
                Call(
                    organization=called,
                    name=nodes[called].name if called in nodes else "",
                    people=values["people"],
                    reasons=values["reasons"],
                    since=from_micros(values["since"]),
                    days=max(0, (now - from_micros(values["since"])).days),
                )
                for called, values in ranked
            ],
        )

    async def left(self, people: Collection[str]) -> dict[str, str]:
        """Of the people those who are left behind, with the branch they are in now."""
        left = [person for person, each in (await self._graduates.of(people)).items() if each["stuck"]]
        return await self._members.branches(left)

    async def _frozen(self, organization: str, year: int) -> list[dict[str, Any]]:
        """The cohorts below an organization."""
        return await self._cohorts.of(await self.branches_below(organization), year)

    async def branches_below(self, organization: str) -> list[str]:
        """The branches in a subtree, itself included where it is one. Raises SubtreeTooLarge."""
        node = (await self._tree.nodes([organization])).get(organization)
        if node is not None and node.category == Category.BRANCH:
            return [organization]
        branches: list[str] = []
        ahead, left = [organization], ORGANIZATIONS_MAX
        while ahead:
            found = await self._tree.subordinates(ahead, left + 1)
            if len(found) > left:
                raise SubtreeTooLarge(most=ORGANIZATIONS_MAX)
            left -= len(found)
            branches += [each.id for each in found if each.category == Category.BRANCH]
            ahead = [each.id for each in found if each.category != Category.BRANCH]
        return branches

    async def _lines(self, documents: Sequence[Mapping[str, Any]]) -> list[GraduateLine]:
        now_in = await self._members.branches([each["_id"] for each in documents])
        transfers = {each["_id"]: each["transfer"] or {} for each in documents}
        wanted = {each["branch"] for each in documents} | {each["call"] for each in documents} | set(now_in.values())
        wanted |= {transfer["to"] for transfer in transfers.values() if transfer}
        names = {id_: node.name for id_, node in (await self._tree.nodes(wanted)).items()}
        lines = []
        for each in documents:
            transfer = transfers[each["_id"]] if each["stuck"] != "not_started" else {}
            lines.append(
                GraduateLine(
                    person=each["_id"],
                    branch=now_in.get(each["_id"], each["branch"]),
                    branch_name=names.get(now_in.get(each["_id"], each["branch"]), ""),
                    cohort=each["branch"],
                    stuck=each["stuck"],
                    since=from_micros(each["since"]),
                    call=each["call"],
                    call_name=names.get(each["call"], ""),
                    transfer=transfer.get("transfer"),
                    to=transfer.get("to"),
                    to_name=names.get(transfer.get("to", ""), ""),
                    reason=transfer.get("reason"),
                    ground=transfer.get("ground"),
                )
            )
        return lines
