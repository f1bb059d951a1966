"""One document a batch: who asked for whom, and whose transfer was not started (TRF-08)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from services.transfer.domain.events import REGISTRY
from services.transfer.domain.events_of_batches import (
    BatchCarriedOut,
    BatchMemberLeftOut,
    BatchMemberListed,
    BatchRequested,
)
from services.transfer.projections.transfers import LOG
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader
from shared.projections.documents import Document, DocumentProjection


class BatchList(DocumentProjection):
    """{organization, from_branch, to, reason, note, people, left_out, carried_out, by, requested_at}.

    `left_out`: [{person, cause}]; `note` in clear. Instants are microseconds.
    """

    name: ClassVar[str] = "batches"
    topics: ClassVar[tuple[str, ...]] = (LOG,)
    per_stream: ClassVar[bool] = True
    indexes: ClassVar[Sequence[IndexModel]] = (IndexModel([("organization", 1), ("requested_at", 1), ("_id", 1)]),)

    def __init__(self, database: Any, keys: KeyReader) -> None:
        super().__init__(database)
        self._keys = keys
        self._opened: dict[str, dict[str, Any]] = {}

    async def before(self, batch: Sequence[Recorded]) -> None:
        self._opened = await open_batch(self._keys, [each for each in batch if self.wants(each.type, each.stream)])

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the stream
        return stream.startswith("batch-")

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not REGISTRY.knows(event.type):
            return document
        match REGISTRY.load(event), document:
            case BatchRequested() as fact, None:
                asked = fact.model_dump(mode="json", include={"organization", "from_branch", "to", "reason"})
                when = {"by": event.actor.principal, "requested_at": to_micros(event.at)}
                return asked | when | {"note": "", "people": [], "left_out": [], "carried_out": False}
            case BatchMemberListed(person=person), dict():
                note = self._opened.get(event.event_id, {}).get("note", "") or document["note"]
                return document | {"people": [*document["people"], person], "note": note}
            case BatchMemberLeftOut(person=person, cause=cause), dict():
                return document | {"left_out": [*document["left_out"], {"person": person, "cause": cause}]}
            case BatchCarriedOut(), dict():
                return document | {"carried_out": True}
            case fact, _:
                raise ValueError(f"{type(fact).__name__} does not fit the document {key}")

    async def get(self, batch: str) -> Document | None:
        found: Document | None = await (await self.current()).find_one({"_id": batch})
        return found

    async def page(self, organization: str, limit: int, after: Sequence[Any] | None) -> list[Document]:
        """Those that an organization asked for, the newest first."""
        where: dict[str, Any] = {"organization": organization}
        if after is not None:
            at, id_ = after
            where["$or"] = [{"requested_at": {"$lt": at}}, {"requested_at": at, "_id": {"$lt": id_}}]
        found = (await self.current()).find(where).sort([("requested_at", -1), ("_id", -1)]).limit(limit)
        return list(await found.to_list(None))
