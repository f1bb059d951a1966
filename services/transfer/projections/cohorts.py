"""One document a cohort: which branch, under whom, when frozen, how many (GRD-06)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel, UpdateOne

from services.transfer.domain.events import REGISTRY
from services.transfer.domain.events_of_cohorts import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded
from services.transfer.projections.transfers import LOG
from shared.authority.decide import STEPS_MAX
from shared.contracts import org
from shared.eventstore.driver import aggregated
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_PLACED = {org.OrganizationEstablished.type_name(), org.OrganizationMoved.type_name()}


class Cohorts(DocumentProjection):
    """{_id: stream, branch, above, year, members, left_out: [person], frozen_at}; none while awaited, or when
    withdrawn. Beside them {_id: organization, superior} of every organization.

    `above`: the branch and all over it now, as far as is known. It changes with every move of one of them, so that
    the cohorts of a subtree are found by an index, and no subtree is walked.
    """

    name: ClassVar[str] = "cohorts"
    version: ClassVar[int] = 2
    topics: ClassVar[tuple[str, ...]] = (LOG, org.EVENTS)
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("above", 1), ("year", 1), ("branch", 1)], sparse=True),
    )  # fmt: skip

    def wants(self, type_: str, stream: str) -> bool:
        return stream.startswith("cohort-") or type_ in _PLACED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],) if event.type in _PLACED else (event.stream,)

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        """Events of the tree and of cohorts come in any order: whatever a batch says of either is placed anew."""
        batch = [event for event in batch if self.wants(event.type, event.stream)]
        await super().apply(session, batch)
        placed = [event.data["organization"] for event in batch if event.type in _PLACED]
        frozen = [event.stream for event in batch if event.type not in _PLACED]
        touched = [{name: {"$in": those}} for name, those in (("_id", frozen), ("above", placed)) if those]
        shown = {"branch": 1, "above": 1}
        found = [d for where in touched async for d in self.collection.find(where, shown, session=session)]
        lines = await self._lines({each["branch"] for each in found}, session)
        writes = [
            UpdateOne({"_id": each["_id"]}, {"$set": {"above": lines[each["branch"]]}})
            for each in found
            if each.get("above") != lines[each["branch"]]
        ]
        if writes:
            await self.collection.bulk_write(writes, ordered=False, session=session)

    async def _lines(self, branches: Collection[str], session: Any) -> dict[str, list[str]]:
        """Each branch and all over it, with one query a level."""
        lines = {branch: [branch] for branch in branches}
        for _ in range(STEPS_MAX):
            wanted = {"_id": {"$in": list({line[-1] for line in lines.values()})}, "superior": {"$type": "string"}}
            found = {d["_id"]: d["superior"] async for d in self.collection.find(wanted, session=session)}
            if not found:
                break
            lines = {b: [*line, found[line[-1]]] if line[-1] in found else line for b, line in lines.items()}
        return lines

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        if event.type in _PLACED:
            return {"superior": event.data["superior"]}
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case CohortFrozen() as fact, None:
                at = to_micros(event.at)
                of = {"branch": fact.branch, "year": fact.year, "left_out": [], "frozen_at": at}
                return of | {"members": len(fact.members)}
            case CohortFrozen(members=members), dict():
                return document | {"members": document["members"] + len(members)}
            case GraduateExcluded(frozen=True, person=person), dict():
                return document | {"left_out": [*document["left_out"], person]}
            case GraduateIncluded(frozen=True, person=person), dict() if person in document["left_out"]:
                return document | {"left_out": [each for each in document["left_out"] if each != person]}
            case GraduateIncluded(frozen=True), dict():
                return document | {"members": document["members"] + 1}
            case CohortWithdrawn(), _:
                return None
            case _:
                return document

    async def below(self, organization: str, year: int, limit: int, beginning: str = "", after: str = "") -> list[str]:
        """The branches in a subtree with a cohort of a year, in order: from `beginning` on, or those `after` one."""
        where = {"above": organization, "year": year, "branch": {"$gt": after} if after else {"$gte": beginning}}
        found = (await self.current()).find(where, {"branch": 1}).sort("branch", 1).limit(limit)
        return [each["branch"] async for each in found]

    async def years(self, organization: str) -> list[int]:
        """Of which years there are cohorts in a subtree, the newest first."""
        return sorted(await (await self.current()).distinct("year", {"above": organization}), reverse=True)

    async def counted(self, organization: str, year: int) -> Document:
        """{branches, members, first, last} of a subtree: without who was left out; the instants of the freezing."""
        left_out = {"$size": "$left_out"}
        sums = {
            "_id": None,
            "branches": {"$sum": 1},
            "members": {"$sum": {"$subtract": ["$members", left_out]}},
            "first": {"$min": "$frozen_at"},
            "last": {"$max": "$frozen_at"},
        }
        where = {"above": organization, "year": year}
        found = await aggregated(await self.current(), [{"$match": where}, {"$group": sums}])
        return found[0] if found else {"branches": 0, "members": 0, "first": None, "last": None}
