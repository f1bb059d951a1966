"""Which organizations have an admin: for all others their superior decides (ADM-08)."""

from collections.abc import Collection, Iterable
from typing import ClassVar

from shared.contracts import org
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_APPOINTED, _REVOKED = org.AdminAppointed.type_name(), org.AdminRevoked.type_name()


class Administered(DocumentProjection):
    """{_id: organization, admins}: an organization without any has no document."""

    name: ClassVar[str] = "administered"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {_APPOINTED, _REVOKED}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        others = [each for each in (document or {}).get("admins", ()) if each != event.data["person"]]
        admins = [*others, event.data["person"]] if event.type == _APPOINTED else others
        return {"admins": admins} if admins else None

    async def lacking(self, organizations: Collection[str]) -> set[str]:
        """Those of the organizations that have no admin."""
        found = (await self.current()).find({"_id": {"$in": list(organizations)}}, {"_id": 1})
        return set(organizations) - {each["_id"] async for each in found}
