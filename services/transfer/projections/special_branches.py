"""Which branches are floating or bridging ones, from the facts of org (TRF-19, TRF-20)."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection
from shared.runtime.gathered import Gathered

_TOLD = frozenset(c.type_name() for c in (org.OrganizationEstablished, org.OrganizationInformationChanged))
_KEPT = (org.BranchKind.FLOATING.value, org.BranchKind.BRIDGING.value)


class SpecialBranches(DocumentProjection):
    """{_id: branch, kind}, of floating and bridging branches only."""

    name: ClassVar[str] = "special_branches"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self._asked: Gathered[str, str] = Gathered(self._kinds)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _TOLD

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        kind = event.data.get("branch_kind")
        return {"kind": kind} if kind in _KEPT else None

    async def kind(self, organization: str) -> str:
        """`floating`, `bridging`, or empty for every other organization."""
        return await self._asked.get(organization) or ""

    async def _kinds(self, organizations: Collection[str]) -> dict[str, str]:
        found = (await self.current()).find({"_id": {"$in": list(organizations)}})
        return {each["_id"]: each["kind"] async for each in found}

    async def is_floating(self, organization: str) -> bool:
        return await self.kind(organization) == org.BranchKind.FLOATING
