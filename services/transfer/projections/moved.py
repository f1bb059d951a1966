"""Which organizations ever moved to another superior (ORG-17, ORG-21): few, so that all can be asked for at once."""

from collections.abc import Iterable
from typing import ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_MOVED = org.OrganizationMoved.type_name()


class MovedOrganizations(DocumentProjection):
    """{_id: organization, superior}: the superior that it moved to last."""

    name: ClassVar[str] = "moved_organizations"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ == _MOVED

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        return {"superior": event.data["superior"]}

    async def some(self, limit: int) -> list[str]:
        """At most `limit` of them."""
        found = (await self.current()).find({}, {"_id": 1}).limit(limit)
        return [each["_id"] async for each in found]
