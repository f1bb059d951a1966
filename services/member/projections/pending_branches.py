"""ORG-11: which branches only wait for their people to leave, from the facts of org."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection
from shared.runtime.gathered import Gathered

_TOLD = frozenset(c.type_name() for c in (org.OrganizationEstablished, org.OrganizationInformationChanged))


class PendingBranches(DocumentProjection):
    """{_id: branch}, of pending branches only."""

    name: ClassVar[str] = "pending_branches"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self._asked: Gathered[str, Document] = Gathered(self._find)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _TOLD

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        return {} if event.data.get("branch_kind") == org.BranchKind.PENDING else None

    async def among(self, organizations: Collection[str]) -> frozenset[str]:
        return frozenset(await self._asked.some(organizations))

    async def _find(self, organizations: Collection[str]) -> dict[str, Document]:
        found = (await self.current()).find({"_id": {"$in": list(organizations)}}, {"_id": 1})
        return {document["_id"]: document async for document in found}
