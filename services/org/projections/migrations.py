"""One document a migration (ORG-17): who asks, where to, whom it waits for and until when, who decided what."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.org.domain.events import REGISTRY
from services.org.domain.events_of_moves import (
    MigrationApproved,
    MigrationRefused,
    MigrationRequested,
    MigrationTimedOut,
    MigrationWithdrawn,
)
from services.org.projections.organizations import LOG
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.projections.documents import Document, DocumentProjection

STREAMS = "migration-"
PENDING, MOVED, REFUSED, WITHDRAWN, TIMED_OUT = "pending", "moved", "refused", "withdrawn", "timed_out"


class Migrations(DocumentProjection):
    """{organization, superior, to, note, state, waits_for or None, due_at or None, requested_at, ended_at or None,
    steps: [{what, organization or None, by, at}], ground, ground_note}. Instants are microseconds.
    """

    name: ClassVar[str] = "migrations"
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (
        IndexModel([("waits_for", 1), ("requested_at", 1), ("_id", 1)]),
        IndexModel([("organization", 1), ("requested_at", 1), ("_id", 1)]),
        IndexModel([("superior", 1), ("requested_at", 1), ("_id", 1)]),
        IndexModel([("to", 1), ("requested_at", 1), ("_id", 1)]),
    )

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith(STREAMS)

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case MigrationRequested() as fact, None:
                return {
                    "organization": fact.organization,
                    "superior": fact.superior,
                    "to": fact.to,
                    "note": fact.note,
                    "state": PENDING,
                    "waits_for": fact.superior,
                    "due_at": to_micros(fact.due_at),
                    "requested_at": to_micros(event.at),
                    "ended_at": None,
                    "steps": [_step("requested", fact.organization, event)],
                    "ground": None,
                    "ground_note": "",
                }
            case MigrationApproved(superior=superior, due_at=due_at), dict():
                steps = [*document["steps"], _step("approved", superior, event)]
                if due_at is None:
                    return document | _ended(MOVED, event) | {"steps": steps}
                return document | {"waits_for": document["to"], "due_at": to_micros(due_at), "steps": steps}
            case MigrationRefused() as fact, dict():
                why = {"ground": fact.ground, "ground_note": fact.note}
                steps = [*document["steps"], _step("refused", fact.superior, event)]
                return document | _ended(REFUSED, event) | {"steps": steps} | why
            case MigrationWithdrawn(), dict():
                steps = [*document["steps"], _step("withdrawn", document["organization"], event)]
                return document | _ended(WITHDRAWN, event) | {"steps": steps}
            case MigrationTimedOut(), dict():
                steps = [*document["steps"], _step("timed_out", document["waits_for"], event)]
                return document | _ended(TIMED_OUT, event) | {"steps": steps}
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def get(self, migration: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": migration})
        return found

    async def page(self, where: Mapping[str, Any], limit: int, after: Sequence[Any] | None) -> list[Document]:
        """The newest first."""
        query: Document = dict(where)
        if after is not None:
            at, id_ = after
            earlier = [{"requested_at": {"$lt": at}}, {"requested_at": at, "_id": {"$lt": id_}}]
            query = {"$and": [query, {"$or": earlier}]}
        found = (await self.current()).find(query).sort([("requested_at", -1), ("_id", -1)]).limit(limit)
        return list(await found.to_list(None))

    async def count(self, where: Mapping[str, Any]) -> int:
        return int(await (await self.current()).count_documents(dict(where)))


def _step(what: str, organization: str | None, event: Recorded) -> Document:
    return {"what": what, "organization": organization, "by": event.actor.principal, "at": to_micros(event.at)}


def _ended(state: str, event: Recorded) -> Document:
    return {"state": state, "waits_for": None, "due_at": None, "ended_at": to_micros(event.at)}
