"""People as member identified them: found by the keyed hash of their number. The name is clear, the rest stays sealed.

Deletable (P11): released people are removed, an erased person's name is empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from shared.contracts.member import IDENTITY, PersonContactChanged, PersonIdentified, PersonReleased
from shared.kernel.clock import from_micros, to_micros
from shared.kernel.envelope import Recorded, Sealed
from shared.privacy.sealing import open_
from shared.privacy.vault import Erased, KeyReader
from shared.projections.documents import Document, DocumentProjection

IDENTIFIED = PersonIdentified.type_name()
CONTACT_CHANGED = PersonContactChanged.type_name()
RELEASED = PersonReleased.type_name()


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """`sealed` are the sealed parts with their events' ids, later ones hold newer values of the same fields."""

    person: str
    number_hash: str
    name: str
    identified_at: datetime
    sealed: tuple[tuple[str, Sealed], ...]


class People(DocumentProjection):
    """{_id: person, number_hash, name, identified_at, identified: {event_id, sealed}, contact: the same or None}."""

    name = "people"
    topics = (IDENTITY,)
    indexes = (IndexModel([("number_hash", 1), ("identified_at", -1)]),)

    def __init__(self, database: Any, keys: KeyReader) -> None:
        super().__init__(database)
        self._keys = keys
        self._names: dict[str, str] = {}

    def wants(self, type_: str, stream: str) -> bool:  # noqa: ARG002 - decided by the type
        return type_ in {IDENTIFIED, CONTACT_CHANGED, RELEASED}

    def keys(self, event: Recorded) -> Iterable[str]:
        return (event.data["person"],)

    async def before(self, batch: Sequence[Recorded]) -> None:
        """Opens the names of a batch with one look into the vault. Raises KeysMissing or SealBroken."""
        parts = {e.event_id: e.sealed for e in batch if e.type == IDENTIFIED and e.sealed}
        people = {e.event_id: e.data["person"] for e in batch if e.event_id in parts}
        keys = await self._keys.keys(people.values())
        self._names = {}
        for event_id, part in parts.items():
            key = keys[people[event_id]]
            if not isinstance(key, Erased):
                self._names[event_id] = open_(key, part, people[event_id], event_id)["name"]

    def evolve(self, document: Document | None, event: Recorded, key: str) -> Document | None:  # noqa: ARG002 - one document an event
        part = {"event_id": event.event_id, "sealed": event.sealed._asdict()} if event.sealed else None
        if event.type == IDENTIFIED:
            return {
                "number_hash": event.data["number_hash"],
                "name": self._names.get(event.event_id, ""),
                "identified_at": to_micros(event.at),
                "identified": part,
                "contact": None,
            }
        if event.type == CONTACT_CHANGED and document is not None:
            return document | {"contact": part}
        return None if event.type == RELEASED else document

    async def by_number(self, number_hash: str) -> KnownPerson | None:
        """The person with this number; the one identified last, should an earlier one not be released here yet."""
        found = (await self.current()).find({"number_hash": number_hash}).sort("identified_at", -1).limit(1)
        documents = await found.to_list(1)
        return _known(documents[0]) if documents else None

    async def by_id(self, person: str) -> KnownPerson | None:
        document = await (await self.current()).find_one({"_id": person})
        return _known(document) if document else None

    async def opened(self, known: KnownPerson) -> dict[str, str]:
        """`number` and `mobile` on file, opened for one use and not to be kept; nothing of an erased person."""
        key = (await self._keys.keys([known.person]))[known.person]
        values: dict[str, str] = {}
        if not isinstance(key, Erased):
            for event_id, part in known.sealed:
                values |= {k: v or "" for k, v in open_(key, part, known.person, event_id).items()}
        return values


def _known(document: Document) -> KnownPerson:
    parts = [part for part in (document["identified"], document["contact"]) if part]
    return KnownPerson(
        person=document["_id"],
        number_hash=document["number_hash"],
        name=document["name"],
        identified_at=from_micros(document["identified_at"]),
        sealed=tuple((part["event_id"], Sealed(**part["sealed"])) for part in parts),
    )
