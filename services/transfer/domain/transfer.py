"""The transfer of a member as a process: what it waits for, until when, and how it ended (TRF-01 to TRF-11, TRF-22)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from services.transfer.domain.events import (
    STEPS,
    CoordinationAnswered,
    CoordinationReminded,
    CoordinationRequested,
    DestinationAssigned,
    Side,
    Term,
    TransferAnswerAwaited,
    TransferApproved,
    TransferBecameLate,
    TransferClosed,
    TransferCompleted,
    TransferDelayExplained,
    TransferEvent,
    TransferFailed,
    TransferObjected,
    TransferObjectionDismissed,
    TransferOpened,
    TransferRefused,
    TransferReminded,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_exchange import Outside
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; it stays the same to the end. `to` is a branch unless it `assigns` one."""

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    terms: tuple[Term, ...] = ()
    outside: Outside | None = None
    superior: str | None = None

    @property
    def steps(self) -> tuple[Side, ...]:
        """Who has to agree, in order."""
        return STEPS[self.started_by]

    def organization(self, side: Side) -> str | None:
        """In whose name a side acts; the member acts in nobody's."""
        return {Side.OUT: self.from_branch, Side.IN: self.to, Side.ABOVE: self.superior}.get(side)

    def decided_outside(self, side: Side) -> bool:
        """TRF-17: the other system decides its side, and nobody here does."""
        theirs = Side.OUT if self.started_by is Side.OUTSIDE else Side.IN
        return self.outside is not None and side is theirs

    def term(self, side: Side) -> Term:
        """TRF-09: as it was when the transfer was started."""
        return next((term for term in self.terms if term.side == side), Term(side=side))


class Objection(StrEnum):
    """TRF-11: it waits for the starter's superior, or was dismissed."""

    OPEN = "open"
    DISMISSED = "dismissed"


class Case(StrEnum):
    """TRF-12: of a refused transfer: it can be asked that somebody talks to both sides, was asked, or answered."""

    POSSIBLE = "possible"
    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Requested:
    """Waits until `due_at` for member to hold the person."""

    asked: Asked
    due_at: datetime
    objection: Objection | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Waits until `due_at` for the step after those `done`, of which `reminded` reminders were given.

    `late`: it was said that it is, from `late_at` on; `explained`: why it takes so long.
    """

    asked: Asked
    done: int
    due_at: datetime
    late_at: datetime | None = None
    late: bool = False
    reminded: int = 0
    explained: str | None = None
    objection: Objection | None = None

    @property
    def side(self) -> Side:
        return self.asked.steps[self.done]

    @property
    def organization(self) -> str:
        """Whose step it is."""
        organization = self.asked.organization(self.side)
        if organization is None:
            raise ValueError("no step is the member's")
        return organization

    @property
    def since(self) -> datetime:
        return self.due_at - self.asked.term(self.side).period


@dataclass(frozen=True, slots=True)
class Unassigned:
    """TRF-04: everybody agreed; the receiving organization has to choose a branch, however long it takes.

    The rest as above. Of those before there were reminders nobody knows since when.
    """

    asked: Asked
    since: datetime | None = None
    late_at: datetime | None = None
    late: bool = False
    reminded: int = 0
    explained: str | None = None

    @property
    def side(self) -> Side:
        return Side.IN

    @property
    def organization(self) -> str:
        return self.asked.to

    @property
    def due_at(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Approved:
    """Waits for member to move the person to `branch`; from `due_at` on it is asked again."""

    asked: Asked
    branch: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """It ended, and member may still hold the person for it: no other one can be started until it says otherwise."""

    asked: Asked
    due_at: datetime | None = None
    case: Case | None = None
    case_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Nobody is held for it; of a refused one there may be a `case`, reminded of at `case_due_at` while it is open."""

    asked: Asked
    case: Case | None = None
    case_due_at: datetime | None = None


Transfer = Absent | Requested | Pending | Unassigned | Approved | Ending | Ended
Begun = Requested | Pending | Unassigned | Approved | Ending | Ended


def evolve(state: Transfer, event: TransferEvent) -> Transfer:
    """The state after one more event of the stream."""
    match event, state:
        case TransferRequested(), Absent():
            return Requested(_what(event), event.hold_due_at)
        case TransferOpened(), Requested():
            return Pending(state.asked, 0, event.due_at, event.late_at, objection=state.objection)
        case TransferStepApproved(due_at=datetime() as due_at), Pending():
            return Pending(state.asked, state.done + 1, due_at, event.late_at, objection=state.objection)
        case TransferStepApproved(), Pending():
            return Unassigned(state.asked, event.unassigned_from, event.late_at)
        case DestinationAssigned(), Unassigned():
            return state
        case TransferApproved(), Requested() | Unassigned():
            return Approved(state.asked, event.branch, event.move_due_at)
        case _, Absent():
            raise ValueError(f"{type(event).__name__} of a transfer that nobody asked for")
        case _:
            return _meanwhile(state, event)


def _what(event: TransferRequested) -> Asked:
    kept = ("person", "from_branch", "to", "assigns", "started_by", "terms", "superior", "outside")
    return Asked(**{name: getattr(event, name) for name in kept})


def _meanwhile(state: Begun, event: TransferEvent) -> Transfer:
    """What changes nothing of how far it is."""
    match event, state:
        case TransferReminded(number=number), Pending() | Unassigned():
            return replace(state, reminded=number)
        case TransferBecameLate(), Pending() | Unassigned():
            return replace(state, late=True)
        case TransferDelayExplained(explanation=explanation), Pending() | Unassigned():
            return replace(state, explained=explanation)
        case TransferObjected(), Requested() | Pending():
            return replace(state, objection=Objection.OPEN)
        case TransferObjectionDismissed(), Requested() | Pending():
            return replace(state, objection=Objection.DISMISSED)
        case _:
            return _afterwards(state, event)


def _afterwards(state: Begun, event: TransferEvent) -> Transfer:
    """What is said when everything is decided."""
    match event, state:
        case TransferAnswerAwaited(due_at=due_at), Approved() | Ending():
            return replace(state, due_at=due_at)
        case TransferAnswerAwaited(), Ended():
            return state
        case CoordinationRequested(), Ending() | Ended():
            return replace(state, case=Case.OPEN, case_due_at=event.due_at)
        case CoordinationReminded(), Ending() | Ended():
            return replace(state, case_due_at=event.due_at)
        case CoordinationAnswered(), Ending() | Ended():
            return replace(state, case=Case.ANSWERED, case_due_at=None)
        case _:
            return _over(state, event)


def _over(state: Begun, event: TransferEvent) -> Transfer:
    match event:
        case TransferRefused():
            return Ending(state.asked, event.release_due_at, Case.POSSIBLE)
        case TransferWithdrawn() | TransferTimedOut() | TransferFailed(held=True):
            return Ending(state.asked, event.release_due_at)
        case TransferFailed() | TransferCompleted() | TransferClosed():
            of = (state.case, state.case_due_at) if isinstance(state, Ending) else (None, None)
            return Ended(state.asked, *of)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


TRANSFER: Decider[Transfer, TransferEvent] = Decider("transfer", Absent(), evolve)


def asked_of(state: Transfer) -> Asked | None:
    """What was asked for; None for a transfer that is not there."""
    match state:
        case Absent():
            return None
        case Requested() | Pending() | Unassigned() | Approved() | Ending() | Ended():
            return state.asked
        case _:
            assert_never(state)
