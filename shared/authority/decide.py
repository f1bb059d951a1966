"""The decision itself, pure (ADM-08): who administers a scope writes there and one step below, and reads all below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

STEPS_MAX = 10
"""How far up authority reaches. A line that is longer, or runs in a circle, gives none (kernel.md 5)."""


class Act(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Scope:
    """One node of the tree; one that is `gone` is there to be read only."""

    id: str
    superior: str | None
    category: str
    name: str
    version: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A scope and what is known above it, the scope itself first.

    `sound` is False for a circle and for more than ten steps. The last superior may be named and not known yet: a copy
    is filled from several partitions.
    """

    scopes: tuple[Scope, ...] = ()
    sound: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """All scopes of the line by id, the last superior included even if nothing else is known of it."""
        if not self.scopes:
            return ()
        last = self.scopes[-1].superior
        known = tuple(scope.id for scope in self.scopes)
        return known if last is None else (*known, last)

    @property
    def lives(self) -> bool:
        """Whether its first scope is one where anything can be done: known up to the top, or nearly, and not gone."""
        return bool(self.scopes) and self.sound and not self.scopes[0].gone

    @property
    def root(self) -> str | None:
        """The top of the tree, if the line reaches it."""
        return self.scopes[-1].id if self.scopes and self.scopes[-1].superior is None else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a principal has: scopes administered, scopes where a post is held, and whether a central operator.

    An operator does what an admin of the root does, whatever the tree's root is.
    """

    administers: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """A right whose reach is not that of ADM-08's general rule: `who` gives the scopes whose admins have it."""

    name: str
    who: Callable[[Line], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """`by` is the scope whose admin (or, to read, post) allows it."""

    by: str


@dataclass(frozen=True, slots=True)
class Denied:
    """`who_could` are the scopes whose admins could, nearest first; empty if the target is not known or not sound."""

    who_could: tuple[str, ...] = ()


Decision = Allowed | Denied


def may(standing: Standing, line: Line, act: Act | Duty) -> Decision:
    """Whether a principal may act on the first scope of a line."""
    readable = act is Act.READ and line.scopes and line.sound
    if not (line.lives or readable):
        return Denied()
    able = _able(line, act)
    own = standing.administers | ({line.root} if standing.operator and line.root else set())
    if act is Act.READ:
        own |= standing.holds
    for scope in able:
        if scope in own:
            return Allowed(scope)
    return Denied(able[:2] if act is Act.READ else able)


def _able(line: Line, act: Act | Duty) -> tuple[str, ...]:
    """The scopes whose admins may, nearest first."""
    match act:
        case Duty():
            return tuple(act.who(line))
        case Act.READ:
            return line.ids
        case Act.WRITE:
            return line.ids[:2]
        case _:
            assert_never(act)
