"""One document an application for an account (ADM-07): whose it is and how it stands; nothing personal."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.org.domain.events import (
    REGISTRY,
    AccountApplicationApproved,
    AccountApplicationLapsed,
    AccountApplicationRefused,
    AccountApplicationSubmitted,
    ApplicationDataDestroyed,
)
from services.org.projections.organizations import LOG
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

STREAMS = "application-"
WAITING, APPROVED, REFUSED, LAPSED = "waiting", "approved", "refused", "lapsed"
ENDED = (APPROVED, REFUSED, LAPSED)


class AccountApplications(DocumentProjection):
    """{_id: application, version, organization, state, submitted_at, due_at, decided_at or None}."""

    name: ClassVar[str] = "account_applications"
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("organization", 1), ("state", 1), ("submitted_at", 1), ("_id", 1)]),
    )

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith(STREAMS)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case AccountApplicationSubmitted() as fact, None:
                return {
                    "organization": fact.organization,
                    "state": WAITING,
                    "submitted_at": to_micros(event.at),
                    "due_at": to_micros(fact.due_at),
                    "decided_at": None,
                }
            case AccountApplicationApproved(), dict():
                return _ended(document, APPROVED, event)
            case AccountApplicationRefused(), dict():
                return _ended(document, REFUSED, event)
            case AccountApplicationLapsed(), dict():
                return _ended(document, LAPSED, event)
            case ApplicationDataDestroyed(), dict():
                return document
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def page(
        self, organizations: Sequence[str], *, ended: bool, limit: int, after: Sequence[Any] | None
    ) -> list[Document]:
        """Those of these organizations that wait, the oldest first, or have ended, the newest first."""
        way, past = (-1, "$lt") if ended else (1, "$gt")
        where = _of(organizations, ended=ended)
        if after is not None:
            at, id_ = after
            where["$or"] = [{"submitted_at": {past: at}}, {"submitted_at": at, "_id": {past: id_}}]
        found = self.collection.find(where).sort([("submitted_at", way), ("_id", way)]).limit(limit)
        return list(await found.to_list(None))

    async def count(self, organizations: Sequence[str], *, ended: bool) -> int:
        return int(await self.collection.count_documents(_of(organizations, ended=ended)))


def _of(organizations: Sequence[str], *, ended: bool) -> Document:
    return {
        "organization": {"$in": list(organizations)},
        "state": {"$in": list(ENDED)} if ended else WAITING,
    }


def _ended(document: Document, state: str, event: Recorded) -> Document:
    return document | {"state": state, "decided_at": to_micros(event.at)}
