"""Read models made of documents: a pure fold, loaded and written once a batch."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from copy import copy, deepcopy
from typing import Any, ClassVar, Self

from pymongo import DeleteOne, IndexModel, ReplaceOne

from shared.eventstore.driver import ensure_collections
from shared.kernel.envelope import Recorded
from shared.projections.copies import COPIES, Copies, collection_of
from shared.runtime.service import Stopped

Document = dict[str, Any]


class DocumentProjection(ABC):
    """One collection, `<name>_v<version>`; each event changes the documents that `keys` names.

    It may have several copies (kernel.md 4): queries ask `current` for the collection to read, `apply` writes
    `collection`, that of the first copy or of the one given to `at`.

    A subclass is pure apart from its queries: `evolve` gets a copy that it may change and gives the new document, or
    None to delete it. Adding a handled event type or a field is a new `version`: a new collection, filled from the
    first event on.

    With `per_stream` the document's id is the stream's and it carries the stream's `version`, raised by every commit
    whether handled or not; such documents are never deleted, and a version that does not follow stops the projection.

    `copied_with` is the key (`name-v1`) of the read model that it is a part of, where one loop feeds several.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    topics: ClassVar[tuple[str, ...]]
    per_stream: ClassVar[bool] = False
    copied_with: ClassVar[str] = ""
    indexes: ClassVar[Sequence[IndexModel]] = ()

    def __init__(self, database: Any) -> None:
        self._database = database
        self.copies = Copies(database, self.copied_with or f"{self.name}-v{self.version}")
        self._number: int | None = None
        self.collection = self._of(1)

    def at(self, number: int) -> Self:
        other = copy(self)
        other._number = number  # noqa: SLF001 - a copy of this very object
        other.collection = self._of(number)
        return other

    async def current(self) -> Any:
        """The collection to read."""
        return self._of(await self.copies.read())

    @property
    def collections(self) -> tuple[str, ...]:
        return (self.collection.name,)

    def _of(self, number: int) -> Any:
        return self._database[collection_of(f"{self.name}_v{self.version}", number)]

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - by default all of its topics
        """Whether events of a type on a stream change anything here; others are not even decoded."""
        return True

    def keys(self, event: Recorded) -> Iterable[str]:
        """The ids of the documents an event may change; by default its stream's."""
        return (event.stream,)

    @abstractmethod
    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        """The document after the event. Unknown event types leave it as it is."""

    async def before(self, batch: Sequence[Recorded]) -> None:  # noqa: B027 - most read models need nothing
        """What a batch needs from outside before it is folded (opened personal parts), fetched at once."""

    def compared(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What two copies at equal positions agree in: all of it, unless something depends on other than the facts."""
        return document

    async def take_over(self, session: Any) -> None:  # noqa: B027 - most read models need nothing
        """Nothing else depends on which copy is fed."""

    async def prepare(self) -> None:
        collection = await self.current() if self._number is None else self.collection
        await ensure_collections(self._database, COPIES, collection.name)
        if self.indexes:
            await collection.create_indexes(list(self.indexes))

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        batch = [event for event in batch if self.wants(event.type, event.stream)]
        if not batch:
            return
        await self.before(batch)
        touched = [(event, key) for event in batch for key in self.keys(event)]
        ids = list(dict.fromkeys(key for _, key in touched))
        found = self.collection.find({"_id": {"$in": ids}}, session=session)
        stored: dict[str, Document] = {d["_id"]: d async for d in found}
        now: dict[str, Document | None] = {}
        for event, key in touched:
            before = now[key] if key in now else deepcopy(stored.get(key))
            now[key] = self._step(before, event, key)
        new: list[Document] = []
        writes: list[ReplaceOne[Document] | DeleteOne] = []
        for key, document in now.items():
            if document is None:
                if key in stored:
                    writes.append(DeleteOne({"_id": key}))
            elif key not in stored:
                new.append(document)
            elif document != stored[key]:
                writes.append(ReplaceOne({"_id": key}, document))
        if new:
            await self.collection.insert_many(new, ordered=False, session=session)
        if writes:
            await self.collection.bulk_write(writes, ordered=False, session=session)

    def _step(self, document: Document | None, event: Recorded, key: str) -> Document | None:
        if not self.per_stream:
            after = self.evolve(document, event, key)
            return None if after is None else after | {"_id": key}
        held = document["version"] if document else 0
        if event.version not in (held, held + 1) or event.version == 0:
            raise Stopped(f"{self.name}: {key} is at {held} and got {event.version}: rebuild it with tuan rebuild")
        after = self.evolve(document, event, key)
        return (after or document or {}) | {"_id": key, "version": event.version}
