"""GRD-03, GRD-04: which branches are graduate branches, and of which year, from the facts of org."""

from collections.abc import Collection, Iterable
from typing import ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_BECAME, _RESTORED = org.BecameGraduateBranch.type_name(), org.GraduateBranchRestored.type_name()


class GraduateBranches(DocumentProjection):
    """{_id: branch, year}, of graduate branches only."""

    name: ClassVar[str] = "graduate_branches"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {_BECAME, _RESTORED}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["branch"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        return {"year": event.data["year"]} if event.type == _BECAME else None

    async def years(self, branches: Collection[str]) -> dict[str, int]:
        """The year of those that are graduate branches."""
        found = (await self.current()).find({"_id": {"$in": list(branches)}}, {"year": 1})
        return {document["_id"]: document["year"] async for document in found}
