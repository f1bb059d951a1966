"""The exchange protocol, version 1: the messages of both sides (TRF-17, BEY-08; docs/exchange.md)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = "1"
PREFIX = "/exchange/v1"
NATIONAL = "national"
PAGE_MAX = 500
PEOPLE_MAX = 2_000

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
Tag = Annotated[str, Field(pattern=r"^[0-9a-f.]{40,100}$")]

State = Literal["unknown", "received", "accepted", "refused", "completed", "withdrawn", "timed_out", "failed"]
Outcomes = Literal["completed", "withdrawn", "timed_out", "failed"]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Shape):
    """Travels sealed for the receiver only, and is written into no log."""

    name: Name
    number: Annotated[str, Field(min_length=1, max_length=64)]
    document_kind: Name


class Message(Shape):
    """`message` names it once and for ever: sent again, it bears the same; `transfer` is named by who offers."""

    message: Id
    transfer: Id


class Offer(Message):
    """Somebody wants to go to `organization` of the receiver, whose full name is exactly `organization_name`.

    `person` is a `Person` as compact JWE for the receiver. Decisions until `decide_until` count.
    """

    organization: Id
    organization_name: Name
    from_name: Name
    reason: Code
    decide_until: datetime
    person: Annotated[str, Field(max_length=4_000)]


class Decision(Message):
    """Of who received the offer. The first one stands: another one is answered by it."""

    decision: Literal["accepted", "refused"]
    ground: Code | Literal[""] = ""


class Outcome(Message):
    """Of who offered: only `completed` makes the person a member over there; all others end it for both."""

    outcome: Outcomes


class Standing(Shape):
    """How a transfer stands on the side that answers."""

    transfer: Id
    state: State
    ground: Code | Literal[""] = ""


class Receipt(Standing):
    """The answer to a message: which one, the SHA-256 of its bytes as they came, and how the transfer stands now."""

    message: Id
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Listed(Shape):
    """An organization that takes people in; `ended`: it does so no longer."""

    organization: Id
    name: Name
    ended: bool = False


class Directory(Shape):
    """What changed behind `since`, the oldest first; ask again with `version` as long as there is `more`."""

    version: Annotated[str, Field(max_length=100)]
    more: bool
    organizations: Annotated[tuple[Listed, ...], Field(max_length=PAGE_MAX)]


class Held(Shape):
    """BEY-08: `tag` is a keyed hash of a number; `here`: this side has the person as a member."""

    tag: Tag
    here: bool


class Reconciliation(Shape):
    """The people that crossed between the two, by tag, behind `after` up to `until`; both empty for all of them."""

    day: date
    after: Tag | Literal[""] = ""
    until: Tag | Literal[""] = ""
    people: Annotated[tuple[Held, ...], Field(max_length=PEOPLE_MAX)]


class Reconciled(Shape):
    """The same stretch as the other side has it."""

    people: Annotated[tuple[Held, ...], Field(max_length=PEOPLE_MAX * 2)]


class Key(Shape):
    """A public key as in RFC 8037: `sig` is Ed25519, `enc` X25519."""

    kid: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
    use: Literal["sig", "enc"]
    x: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Keys(Shape):
    """All keys of the sender from now on, signed with one that the receiver knows already."""

    keys: Annotated[tuple[Key, ...], Field(min_length=2, max_length=8)]


class KeysTaken(Shape):
    keys: tuple[str, ...]
