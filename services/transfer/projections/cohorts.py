"""One document a cohort: which branch, when frozen, how many (GRD-06)."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from pymongo import IndexModel

from services.transfer.domain.events import REGISTRY
from services.transfer.domain.events_of_cohorts import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded
from services.transfer.projections.transfers import LOG
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection


class Cohorts(DocumentProjection):
    """{_id: stream, branch, year, members, left_out: [person], frozen_at}; none while awaited, or when withdrawn."""

    name: ClassVar[str] = "cohorts"
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    indexes: ClassVar[Sequence[IndexModel]] = (IndexModel([("branch", 1), ("year", 1)]),)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith("cohort-")

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
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

    async def of(self, branches: Collection[str], year: int) -> list[Document]:
        """Those of the branches in a year."""
        found = (await self.current()).find({"branch": {"$in": list(branches)}, "year": year})
        return list(await found.to_list(None))
