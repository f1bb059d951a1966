"""What surrounds an event: who, when, because of what. Payload classes hold none of this."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a principal's id (a person's, an operator's, or `service:<name>`) and in whose name.

    `central` is the role of a central operator, said by the token of the request; the form of an id gives no role.
    """

    principal: str
    organization: str | None = None
    central: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A command's surroundings: the actor, its idempotency key, a hash of its body and its place in a chain.

    `correlation` is the id of the first cause, `causation` of the nearest (an event's id); both empty for a fresh one.
    """

    actor: Actor
    key: str
    body_hash: str
    correlation: str = ""
    causation: str = ""


class Personal(BaseModel):
    """The personal parts of one event: sealed as one document with the key of `person`, never stored in clear."""

    model_config = ConfigDict(frozen=True)
    person: str
    values: dict[str, Any]


class Event(BaseModel):
    """Base of stored and of published events: frozen; unknown fields are ignored, so that a rollback reads newer facts.

    Personal values go into `personal` and nowhere else. It is sealed when stored and None when loaded; `evolve`
    never needs it. `schema_version` grows with an incompatible change, and an upcaster then carries old ones.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    schema_version: ClassVar[int] = 1
    personal: Personal | None = None


class Command(BaseModel):
    """Base of commands: frozen, and anything unexpected is refused (no over-posting)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sealed(NamedTuple):
    """A sealed part as stored and sent: algorithm, id of the person's key, nonce and ciphertext (with tag)."""

    person: str
    alg: str
    kid: str
    nonce: bytes
    ciphertext: bytes


class Recorded(NamedTuple):
    """One event as every reader gets it, from the store or from Kafka. A tuple: made for every record of every reader,
    and a frozen dataclass takes three times as long to make.

    `type` is `<context>.<Name>.v<n>`; `version` is the commit's number in its stream, `index` the place in the commit.
    """

    event_id: str
    type: str
    stream: str
    version: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks
    at: datetime
    actor: Actor
    correlation: str
    causation: str
    data: Mapping[str, Any]
    sealed: Sealed | None = None

    @property
    def name(self) -> str:
        """The event's name without context and version."""
        return self.type.split(".")[1]
