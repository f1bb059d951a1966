"""Graduates who are left behind, now, in a subtree; why, and whom to call today (GRD-06, BEY-09)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.transfer.domain.refusals import SubtreeTooLarge
from services.transfer.projections.cohorts import Cohorts
from services.transfer.projections.graduates import STUCK, Graduates
from services.transfer.projections.members import Members
from services.transfer.shapes_graduates import Call, GraduateLine, Reason, Situation, YearLeft
from shared.authority.decide import Line
from shared.http.paging import Cursors, Page
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros

COHORTS_MAX = 60_000
"""Of what is counted at once. Ten to twelve million graduates a year in branches of about forty would be fewer than
300,000 in the country, and no province has a fifth of them: an estimate, not a count.
"""
AT_ONCE = 500
CALLS_MAX = 20


class Scope(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Scope]: ...
    async def lines(self, scopes: Collection[str]) -> Mapping[str, Line]: ...


class Rights(Protocol):
    async def require_read(self, principal: Principal, scope: str) -> None: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...


class GraduateViews:
    """Reads only. The cohorts of a subtree are found by their places, some at a time."""

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
        """Branch by branch, however large the subtree is. Raises OutsideAuthority."""
        await self._rights.require_read(principal, organization)
        of = ["graduates", organization, year, stuck]
        found = await self._found(organization, year, stuck, limit + 1, self._cursors.read(of, cursor))
        shown, more = found[:limit], len(found) > limit
        return Page[GraduateLine](
            items=await self._lines(principal, shown),
            next=self._cursors.write(of, [shown[-1][each] for each in ("branch", "stuck", "_id")]) if more else None,
        )

    async def _found(
        self, organization: str, year: int, stuck: str, limit: int, after: Sequence[Any] | None
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        branches = await self._cohorts.below(organization, year, AT_ONCE, beginning=after[0] if after else "")
        while branches and len(found) < limit:
            found += await self._graduates.page(branches, year, stuck, limit - len(found), after)
            after = None
            branches = await self._cohorts.below(organization, year, AT_ONCE, after=branches[-1])
        return found

    async def situation(self, principal: Principal, organization: str, year: int, now: datetime) -> Situation:
        """How many for which reason, the weightiest first, and who could do most about it today.

        Raises OutsideAuthority, SubtreeTooLarge.
        """
        await self._rights.require_read(principal, organization)
        counted = await self._counted(organization, year)
        by_reason: dict[tuple[str, str | None], int] = defaultdict(int)
        by_call: dict[str, dict[str, Any]] = {}
        async for group in self._groups(organization, year):
            by_reason[group["stuck"], group["ground"]] += group["people"]
            held = by_call.setdefault(group["call"], {"people": 0, "since": group["since"], "reasons": {}})
            held["people"] += group["people"]
            held["since"] = min(held["since"], group["since"])
            held["reasons"][group["stuck"]] = held["reasons"].get(group["stuck"], 0) + group["people"]
        ranked = sorted(by_call.items(), key=lambda each: (-each[1]["people"], each[1]["since"], each[0]))[:CALLS_MAX]
        nodes = await self._tree.nodes([organization for organization, _ in ranked])
        return Situation(
            year=year,
            branches=counted["branches"],
            members=counted["members"],
            left_behind=sum(by_reason.values()),
            first_frozen_at=from_micros(counted["first"]) if counted["branches"] else None,
            last_frozen_at=from_micros(counted["last"]) if counted["branches"] else None,
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

    async def years(self, principal: Principal, organization: str) -> list[YearLeft]:
        """Of every year of which somebody is left behind how many. Raises OutsideAuthority, SubtreeTooLarge."""
        await self._rights.require_read(principal, organization)
        found = []
        for year in await self._cohorts.years(organization):
            await self._counted(organization, year)
            found.append(YearLeft(year=year, left_behind=await self._left_of(organization, year)))
        return [each for each in found if each.left_behind]

    async def _left_of(self, organization: str, year: int) -> int:
        return sum([group["people"] async for group in self._groups(organization, year)])

    async def left(self, people: Collection[str]) -> dict[str, str]:
        """Of the people those who are left behind, with the branch they are in now."""
        left = [person for person, each in (await self._graduates.of(people)).items() if each["stuck"]]
        return await self._members.branches(left)

    async def _groups(self, organization: str, year: int) -> AsyncIterator[dict[str, Any]]:
        """How many are left behind for which reason, some branches at a time."""
        branches = await self._cohorts.below(organization, year, AT_ONCE)
        while branches:
            for group in await self._graduates.grouped(branches, year):
                yield group
            branches = await self._cohorts.below(organization, year, AT_ONCE, after=branches[-1])

    async def _counted(self, organization: str, year: int) -> dict[str, Any]:
        """Raises SubtreeTooLarge."""
        counted = await self._cohorts.counted(organization, year)
        if counted["branches"] > COHORTS_MAX:
            raise SubtreeTooLarge(most=COHORTS_MAX)
        return counted

    async def waiting(self, organization: str, year: int, only: str) -> dict[str, dict[str, Any]]:
        """{people, since} of each organization that people left behind wait for, `only` for one reason.

        Raises SubtreeTooLarge.
        """
        await self._counted(organization, year)
        waiting: dict[str, dict[str, Any]] = {}
        async for group in self._groups(organization, year):
            if only and group["stuck"] != only:
                continue
            held = waiting.setdefault(group["call"], {"people": 0, "since": group["since"]})
            held["people"] += group["people"]
            held["since"] = min(held["since"], group["since"])
        return waiting

    async def within(self, organization: str, branches: Collection[str]) -> set[str]:
        """Those of the branches that are the organization itself or below it."""
        return {each for each, line in (await self._tree.lines(branches)).items() if organization in line.ids}

    async def _lines(self, principal: Principal, documents: Sequence[Mapping[str, Any]]) -> list[GraduateLine]:
        now_in = await self._members.branches([each["_id"] for each in documents])
        transfers = {each["_id"]: each["transfer"] or {} for each in documents}
        wanted = {each["branch"] for each in documents} | {each["call"] for each in documents} | set(now_in.values())
        wanted |= {transfer["to"] for transfer in transfers.values() if transfer}
        names = {id_: node.name for id_, node in (await self._tree.nodes(wanted)).items()}
        branches = {now_in.get(each["_id"], each["branch"]) for each in documents if each["stuck"] != "waiting"}
        startable = {each for each in branches if await self._rights.may_write(principal, each)}
        lines = []
        for each in documents:
            branch = now_in.get(each["_id"], each["branch"])
            transfer = transfers[each["_id"]] if each["stuck"] != "not_started" else {}
            lines.append(
                GraduateLine(
                    person=each["_id"],
                    branch=branch,
                    branch_name=names.get(branch, ""),
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
                    may_start=each["stuck"] != "waiting" and branch in startable,
                )
            )
        return lines
