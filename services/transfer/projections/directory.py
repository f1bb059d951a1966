"""The organizations that take people in, as the systems of 北京, 广东 and 福建 are told of them (BEY-08)."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pymongo import IndexModel

from shared.contracts import org
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

_ESTABLISHED = org.OrganizationEstablished.type_name()
_CHANGED = org.OrganizationInformationChanged.type_name()
_DISSOLVED = org.OrganizationDissolved.type_name()
OVERLAP_MICROS = 3_600_000_000
"""What came late from another partition is told again from an hour before."""


class OwnDirectory(DocumentProjection):
    """{_id: organization, name, ended, at}: `at` is the instant of the last change in microseconds.

    Neither leading bodies (TRF-01) nor register branches take anybody in, so they have no document.
    """

    name: ClassVar[str] = "own_directory"
    topics: ClassVar[tuple[str, ...]] = (org.EVENTS,)
    indexes: ClassVar[Sequence[IndexModel]] = (IndexModel([("at", 1), ("_id", 1)]),)

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {_ESTABLISHED, _CHANGED, _DISSOLVED}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["organization"],)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002
        at = {"at": to_micros(event.at)}
        if event.type == _DISSOLVED:
            return document | {"ended": True} | at if document else None
        none = event.data["category"] == org.Category.LEADING_BODY or event.data.get("registers")
        if none and document is None:
            return None
        return {"name": event.data["full_name"], "ended": bool(none)} | at

    async def behind(self, version: str, limit: int) -> tuple[list[Document], str]:
        """Up to `limit` changes behind a version, the oldest first, and the version after them."""
        at, _, id_ = version.partition(":")
        since = int(at) if at.isdecimal() and len(at) < 18 else 0
        where = {"$or": [{"at": {"$gt": since}}, {"at": since, "_id": {"$gt": id_}}]}
        found = (await self.current()).find(where).sort([("at", 1), ("_id", 1)]).limit(limit)
        rows: list[Document] = await found.to_list(None)
        if len(rows) == limit:
            return rows, f"{rows[-1]['at']}:{rows[-1]['_id']}"
        latest = rows[-1]["at"] if rows else since + OVERLAP_MICROS
        return rows, f"{max(latest - OVERLAP_MICROS, 0)}:"
