"""What must hold, beside a stream's version, for a commit to go in: claims of unique values and steps of gates.

All of them are rows changed in the very transaction of the commit, so no orphan is ever left and nothing sweeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Claim:
    """`value` (a keyed hash, never the value itself) of `kind` belongs to the stream of the commit, and to no other."""

    kind: str
    value: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a claim back; matched on its owner, the stream of the commit."""

    kind: str
    value: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Gate:
    """A step on a row that several streams share: `by` is added to `counter` if `where` matches.

    `collection` and `id` name the row. With `create`, a row that is not there is made from `where` first. `where` holds
    equalities or MongoDB conditions. `state` is what the row's field of that name becomes; empty leaves it as it is.
    `sets` are further fields that the row gets.
    """

    collection: str
    id: str
    counter: str
    by: int
    where: Mapping[str, Any] = field(default_factory=dict)
    create: bool = False
    state: str = ""
    sets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that comes into being with the commit, in a collection that is not the store's (a person's key)."""

    database: str
    collection: str
    document: Mapping[str, Any]


Condition = Claim | Release | Gate | Row


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a commit did not go in: `version` (the stream moved on), `claim`, `release` or `gate`, and which one."""

    reason: str
    condition: Condition | None = None
    owner: str | None = None
