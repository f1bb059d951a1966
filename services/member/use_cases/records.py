"""A person's record as stored: sealed parts opened and folded, hashes and keys made."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from services.member.domain.events import MembershipEnded, NumberReleased, PersonEvent
from services.member.domain.events_of_rosters import MemberRelocated
from services.member.domain.events_of_transfers import MemberMoved
from services.member.domain.person_record import PersonRecord
from services.member.domain.person_state import PERSON, Known, PersonState
from shared.contracts.document_kinds import DOCUMENT_LOOKUPS
from shared.eventstore.conditions import Claim, Condition, Gate, Release, Row
from shared.eventstore.store import EventStore
from shared.kernel.clock import Clock
from shared.kernel.envelope import Recorded
from shared.privacy.lookup import LookupKey
from shared.privacy.sealing import open_
from shared.privacy.vault import ERASED, Vault
from shared.runtime.gathered import Gathered

NUMBER_CLAIM = "number"
DEVELOPMENT_CLAIM = "development-number"
ROSTERS = "rosters"

NOT_IN_RECORD = {"branch", "branch_name", "positions"}
"""Facts of their own events, not of the sealed record."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as it stands: state, opened record, version and instant of the last commit."""

    id: str
    state: PersonState
    record: PersonRecord | None
    version: int
    at: int
    entered_at: datetime

    @property
    def known(self) -> Known | None:
        return self.state if isinstance(self.state, Known) else None


class Records:
    """Opens and prepares people's records for the use cases of this service."""

    def __init__(self, store: EventStore, vault: Vault, lookup: LookupKey, clock: Clock) -> None:
        self.store = store
        self.vault = vault
        self._lookup = lookup
        self._clock = clock
        self._owners: Gathered[str, str] = Gathered(self._find_owners)

    def number_hash(self, kind: str, number: str) -> str:
        """By which a number is claimed and found. Raises KeyError for an unknown kind."""
        return self._lookup.hash(DOCUMENT_LOOKUPS[kind], number)

    def development_hash(self, number: str) -> str:
        return self._lookup.hash(DEVELOPMENT_CLAIM, number)

    def content_hash(self, organization: str, template: str, content: bytes) -> str:
        """Names one content for one organization and template, without telling what it is."""
        return self._lookup.hash("workbook", f"{organization}/{template}/{hashlib.sha256(content).hexdigest()}")

    def new_key(self, owner: str) -> tuple[bytes, Row]:
        return self.vault.new_key(owner, self._clock.now())

    async def owners(self, claims: Iterable[Claim]) -> dict[str, str]:
        """Claim id -> the stream that holds it, for those that are held."""
        return await self._find_owners([c.id for c in claims])

    async def owner(self, claim: Claim) -> str | None:
        """The stream that holds a claim, if one does."""
        return await self._owners.get(claim.id)

    async def _find_owners(self, claims: Collection[str]) -> dict[str, str]:
        found = self.store.database["claims"].find({"_id": {"$in": list(claims)}}, {"owner": 1})
        return {row["_id"]: row["owner"] async for row in found}

    async def load(self, people: Sequence[str]) -> dict[str, Person]:
        """Those of `people` that exist, their records opened: one query for the streams, one for the keys.

        Raises KeysMissing if the vault lacks a key.
        """
        streams: dict[str, list[dict[str, Any]]] = {}
        async for document in self.store.documents(people):
            streams.setdefault(document["stream"], []).append(document)
        keys = await self.vault.keys(streams) if streams else {}
        return {p: self._folded(p, documents, keys[p]) for p, documents in streams.items()}

    async def history(self, person: str) -> list[tuple[Recorded, PersonEvent, dict[str, Any]]]:
        """Every event of a person with its envelope and its opened values, oldest first (MEM-20)."""
        documents = [d async for d in self.store.documents([person])]
        key = (await self.vault.keys([person]))[person]
        lines = []
        for document in documents:
            events = self.store.codec.decode(document).events
            for recorded, event in zip(self.store.codec.recorded(document), events, strict=True):
                lines.append((recorded, cast("PersonEvent", event), opened(recorded, key)))
        return lines

    def _folded(self, person: str, documents: Sequence[Mapping[str, Any]], key: Any) -> Person:
        stored = [self.store.codec.decode(d) for d in documents]
        state = PERSON.fold(e for s in stored for e in s.events)  # type: ignore[misc]
        values: dict[str, Any] = {}
        for recorded in (r for d in documents for r in self.store.codec.recorded(d)):
            values |= opened(recorded, key)
        record = PersonRecord.model_validate(values) if values else None
        first = self.store.codec.recorded(documents[0])[0]
        return Person(person, state, record, stored[-1].version, stored[-1].at, first.at)


def opened(recorded: Recorded, key: Any) -> dict[str, Any]:
    """The values in a record's sealed part; empty if it has none or the key was destroyed."""
    if recorded.sealed is None or key is ERASED:
        return {}
    return open_(key, recorded.sealed, recorded.stream, recorded.event_id)


def values_of(record: PersonRecord) -> dict[str, Any]:
    """What is sealed of a record, as JSON has it; fields that are not filled are left out."""
    return record.model_dump(mode="json", exclude_none=True, exclude=NOT_IN_RECORD)


def entry_conditions(
    key_row: Row, number_hash: str, development_hash: str | None, branch: str | None
) -> tuple[Condition, ...]:
    """What must hold for somebody new to come in: numbers free, roster open; the key's row comes along."""
    conditions: list[Condition] = [key_row, Claim(NUMBER_CLAIM, number_hash)]
    if development_hash:
        conditions.append(Claim(DEVELOPMENT_CLAIM, development_hash))
    if branch:
        conditions.append(entering(branch))
    return tuple(conditions)


def entering(branch: str) -> Gate:
    """One more on a branch's roster, which must be open; its row is made at the first entry."""
    return Gate(ROSTERS, branch, "members", 1, {"state": "open"}, create=True)


def joining_conditions(development_hash: str | None, branch: str) -> tuple[Condition, ...]:
    """What must hold for somebody registered to become a member: the number free, the roster open."""
    claims = (Claim(DEVELOPMENT_CLAIM, development_hash),) if development_hash else ()
    return (*claims, entering(branch))


def leaving_conditions(events: Iterable[PersonEvent]) -> tuple[Condition, ...]:
    """MEM-27: the numbers are free again, and the roster, open or closing, has one less."""
    conditions: list[Condition] = []
    for event in events:
        if isinstance(event, NumberReleased):
            conditions.append(Release(NUMBER_CLAIM, event.number_hash))
        if isinstance(event, NumberReleased | MembershipEnded) and event.development_hash:
            conditions.append(Release(DEVELOPMENT_CLAIM, event.development_hash))
        if isinstance(event, MembershipEnded):
            conditions.append(leaving(event.branch))
    return tuple(conditions)


def leaving(branch: str) -> Gate:
    """One less on a branch's roster, which may be closing."""
    return Gate(ROSTERS, branch, "members", -1, {"state": {"$in": ["open", "closing"]}})


def moving_conditions(events: Iterable[object]) -> tuple[Condition, ...]:
    """TRF-22, ORG-10: both rosters, in the transaction of the move."""
    moves = [event for event in events if isinstance(event, MemberMoved | MemberRelocated)]
    return tuple(gate for move in moves for gate in (leaving(move.from_branch), entering(move.to_branch)))
