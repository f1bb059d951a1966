"""What the copies are fed with. `shared/contracts/authority_feed.py` says which published event means which."""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a principal has in a scope: `administers` decides, `holds` (a post) only reads."""

    ADMINISTERS = "administers"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class ScopeMade:
    """A scope is there; `superior` is None for the root."""

    scope: str
    superior: str | None
    category: str
    name: str


@dataclass(frozen=True, slots=True)
class ScopeDescribed:
    scope: str
    category: str
    name: str


@dataclass(frozen=True, slots=True)
class ScopeMoved:
    """A scope stands under another one, and all below it with it."""

    scope: str
    superior: str


@dataclass(frozen=True, slots=True)
class ScopeGone:
    """Nobody writes there any more; whoever could read it still can."""

    scope: str


@dataclass(frozen=True, slots=True)
class Granted:
    """`post` tells several rights of one kind in one scope apart; empty where there is only one."""

    principal: str
    scope: str
    right: Right
    post: str = ""


@dataclass(frozen=True, slots=True)
class Revoked:
    principal: str
    scope: str
    right: Right
    post: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """From the lane: what `principal` administers in `scope` by a grant older than `version` is void."""

    principal: str
    scope: str
    version: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """From the lane: a place of `scope` older than `version` is void, it stands under `superior`."""

    scope: str
    superior: str
    version: int


Word = ScopeMade | ScopeDescribed | ScopeMoved | ScopeGone | Granted | Revoked | Withdrawn | Replaced
