"""Commits: what is to be appended, and the stored form of it (docs/decisions/0001)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

from shared.contracts.base import Contract
from shared.eventstore.conditions import Condition
from shared.kernel import ids
from shared.kernel.clock import Clock, from_micros, to_micros
from shared.kernel.envelope import Actor, Event, Recorded, Request, Sealed
from shared.kernel.registry import Registry
from shared.privacy.sealing import seal

COMMIT_BYTES_MAX = 512 * 1024

Document = RawBSONDocument
"""A commit's document, encoded once: its size is judged by what will be sent."""

Publish = Callable[[Event, str, int], Sequence[Contract]]
"""`published.py` of a service: (event, stream, version) -> the public events it becomes, often none."""


class CommitTooLarge(ValueError):
    """A commit above 512 KB: the use case must split what it does."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One append to one stream. `version` is the one it will have: the stream's present version + 1.

    `keys` holds the sealing key of every person with personal parts in it; `previous_at` is the instant of the
    stream's last commit in microseconds.
    """

    stream: str
    version: int
    commit_id: str
    request: Request
    events: tuple[Event, ...]
    conditions: tuple[Condition, ...] = ()
    keys: Mapping[str, bytes] = field(default_factory=dict)
    previous_at: int = 0

    @property
    def id(self) -> str:
        return row_id(self.stream, self.version)


@dataclass(frozen=True, slots=True)
class Stored:
    """A commit read back: its events upcast to today's form, personal parts still sealed."""

    stream: str
    version: int
    commit_id: str
    request_hash: str
    at: int
    events: tuple[Event, ...]


def row_id(stream: str, version: int) -> str:
    """`<stream>:<10 digits>`; the primary key alone is the optimistic lock."""
    return f"{stream}:{version:010d}"


class Codec:
    """Turns commits into documents and documents into events, for one service.

    `registry` has the service's stored events; `publish` maps them to public ones, which are stored beside them.
    """

    def __init__(self, service: str, registry: Registry, publish: Publish, clock: Clock) -> None:
        self.service = service
        self.log_topic = f"{service}.log.v1"
        self._registry = registry
        self._publish = publish
        self._clock = clock

    def now(self) -> datetime:
        """The present instant, as stamped on what is written."""
        return self._clock.now()

    def encode(self, commit: Commit) -> Document:
        """The document of a commit, sealed and mapped to public events, as it will be sent. Raises CommitTooLarge."""
        events = [
            self._entry(commit, i, self.log_topic, e, self._registry.type_of(e)) for i, e in enumerate(commit.events)
        ]
        published = [p for e in commit.events for p in self._publish(e, commit.stream, commit.version)]
        public = [
            {"topic": p.topic} | self._entry(commit, i, p.topic, p, p.type_name())
            for i, p in enumerate(published, start=len(events))
        ]
        request = commit.request
        document = {
            "_id": commit.id,
            "stream": commit.stream,
            "version": commit.version,
            "commit_id": commit.commit_id,
            "request_hash": request.body_hash,
            "causation": request.causation,
            "correlation": request.correlation or commit.commit_id,
            "actor": _actor(request.actor),
            "at": max(to_micros(self._clock.now()), commit.previous_at + 1),
            "events": events,
            "public": public,
        }
        encoded = bson.encode(document)
        if len(encoded) > COMMIT_BYTES_MAX:
            raise CommitTooLarge(commit.id)
        return RawBSONDocument(encoded)

    def decode(self, document: Mapping[str, Any]) -> Stored:
        return Stored(
            stream=document["stream"],
            version=document["version"],
            commit_id=document["commit_id"],
            request_hash=document["request_hash"],
            at=document["at"],
            events=tuple(self._registry.load_data(e["type"], e["data"]) for e in document["events"]),
        )

    def recorded(self, document: Mapping[str, Any]) -> list[Recorded]:
        """The stored events of a commit as a reader of the private log gets them."""
        by = document["actor"]
        actor = Actor(by["principal"], by["organization"], by.get("central", False))
        return [
            Recorded(
                event_id=ids.event_id(document["commit_id"], self.log_topic, index),
                type=entry["type"],
                stream=document["stream"],
                version=document["version"],
                index=index,
                at=from_micros(document["at"]),
                actor=actor,
                correlation=document["correlation"],
                causation=document["causation"],
                data=entry["data"],
                sealed=Sealed(**entry["sealed"]) if entry["sealed"] else None,
            )
            for index, entry in enumerate(document["events"])
        ]

    @staticmethod
    def _entry(commit: Commit, index: int, topic: str, event: Event, type_: str) -> dict[str, Any]:
        sealed = None
        if event.personal is not None:
            person = event.personal.person
            event_id = ids.event_id(commit.commit_id, topic, index)
            part = seal(commit.keys[person], person, event_id, event.personal.values)
            sealed = {
                "person": part.person,
                "alg": part.alg,
                "kid": part.kid,
                "nonce": part.nonce,
                "ciphertext": part.ciphertext,
            }
        return {"type": type_, "data": event.model_dump(mode="json", exclude={"personal"}), "sealed": sealed}


def _actor(actor: Actor) -> dict[str, Any]:
    """`central` stands only where it is so, as in all commits from before there was the field."""
    named = {"principal": actor.principal, "organization": actor.organization}
    return named | ({"central": True} if actor.central else {})
