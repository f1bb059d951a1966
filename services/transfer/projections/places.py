"""What sort of place each organization is, by which a transfer's destination is told apart (GRD-06)."""

from collections.abc import Iterable
from typing import ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_HANDLED = {org.OrganizationEstablished.type_name(), org.OrganizationInformationChanged.type_name()}


class Places(DocumentProjection):
    """{_id: organization, kind: the branch's, sector: leaf code of 行业类别}; a dissolved one keeps its document."""

    name: ClassVar[str] = "places"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in _HANDLED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        return {"kind": event.data["branch_kind"], "sector": event.data["sector"]}

    async def place(self, organization: str) -> tuple[str, str]:
        """(kind, sector); empty of one that is not known."""
        found = await (await self.current()).find_one({"_id": organization})
        return (found["kind"], found["sector"]) if found else ("", "")
