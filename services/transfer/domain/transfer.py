"""The transfer of a member as a process: what it waits for, until when, and how it ended (TRF-01 to TRF-11, TRF-22)."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from services.transfer.domain.arrival import Arrival, after
from services.transfer.domain.asked import Asked
from services.transfer.domain.disputed import Case, Objection
from services.transfer.domain.events import (
    DestinationAssigned,
    Side,
    TransferAnswerAwaited,
    TransferApproved,
    TransferBecameLate,
    TransferClosed,
    TransferCompleted,
    TransferDelayExplained,
    TransferEvent,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferReminded,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    HandOverNoted,
    MemberContacted,
    WorkSettled,
)
from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.domain.events_of_successions import TransferRedirected
from shared.kernel.decider import Decider


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

    `late`: it was said that it is, from `late_at` on; `explained`: why it takes so long. `endless_from` instead of
    `due_at`: it waits since then, for ever (TRF-16). `verified`: how often employment was looked into (TRF-20).
    """

    asked: Asked
    done: int
    due_at: datetime | None
    late_at: datetime | None = None
    late: bool = False
    reminded: int = 0
    explained: str | None = None
    objection: Objection | None = None
    endless_from: datetime | None = None
    verified: int = 0

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
        if self.due_at is not None:
            return self.due_at - self.asked.term(self.side).period
        if self.endless_from is None:
            raise ValueError("a step has an end, or a beginning")
        return self.endless_from

    def is_over(self, now: datetime) -> bool:
        """TRF-09: its time has passed."""
        return self.due_at is not None and now >= self.due_at


@dataclass(frozen=True, slots=True)
class Unassigned:
    """TRF-04: the receiving organization has to choose a branch, however long it takes.

    The rest as above; `onward`: the step that follows (TRF-17). Of those before there were reminders nobody knows
    since when.
    """

    asked: Asked
    since: datetime | None = None
    late_at: datetime | None = None
    late: bool = False
    reminded: int = 0
    explained: str | None = None
    onward: int | None = None
    verified: int = 0

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
    """Waits for member to move the person to `branch`; from `due_at` on it is asked again. `verified`: as above."""

    asked: Asked
    branch: str
    due_at: datetime | None = None
    verified: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """It ended, and member may still hold the person for it: no other one can be started until it says otherwise.

    Of a refused one there may be a `case` (TRF-12), which `case_with` is to answer and is reminded of at `case_due_at`.
    """

    asked: Asked
    due_at: datetime | None = None
    case: Case | None = None
    case_due_at: datetime | None = None
    case_with: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """Nobody is held for it. The rest as above."""

    asked: Asked
    case: Case | None = None
    case_due_at: datetime | None = None
    case_with: str = ""
    arrival: Arrival | None = None


_OBJECTIONS = {TransferObjected: Objection.OPEN, TransferObjectionDismissed: Objection.DISMISSED}
Begun = Requested | Pending | Unassigned | Approved | Ending | Ended
Transfer = Absent | Begun


def evolve(state: Transfer, event: TransferEvent) -> Transfer:
    """The state after one more event of the stream."""
    match event, state:
        case TransferRequested(), Absent():
            said = [each.name for each in fields(Asked) if each.name != "papers"]
            asked = Asked(**{name: getattr(event, name) for name in said})
            return Requested(asked, event.hold_due_at)
        case TransferOpened(), Requested():
            return _step(event, state, 0)
        case TransferStepApproved(unassigned_from=None), Pending() if event.due_at or event.endless_from:
            return _step(event, state, state.done + 1)
        case TransferStepApproved(), Pending():
            onward = state.done + 1 if state.done + 1 < len(state.asked.steps) else None
            since, late_at = event.unassigned_from, event.late_at
            return Unassigned(state.asked, since, late_at, onward=onward, verified=state.verified)
        case DestinationAssigned(), Unassigned():
            return _chosen(event, state)
        case TransferApproved(), Requested():
            return Approved(state.asked, event.branch, event.move_due_at)
        case TransferApproved(), Unassigned():
            return Approved(state.asked, event.branch, event.move_due_at, state.verified)
        case _, Absent():
            raise ValueError(f"{type(event).__name__} of a transfer that nobody asked for")
        case _:
            return _meanwhile(state, event)


def _step(event: TransferOpened | TransferStepApproved, before: Requested | Pending, done: int) -> Pending:
    step = Pending(before.asked, done, event.due_at, event.late_at, endless_from=event.endless_from)
    return replace(step, objection=before.objection)


def _chosen(event: DestinationAssigned, before: Unassigned) -> Transfer:
    if before.onward is None:
        return before
    asked = replace(before.asked, to=event.branch, assigns=False)
    return Pending(asked, before.onward, event.due_at, event.late_at, endless_from=event.endless_from)


def _meanwhile(state: Begun, event: TransferEvent) -> Transfer:
    """What changes nothing of how far it is."""
    match event, state:
        case TransferReminded(number=number), Pending() | Unassigned():
            return replace(state, reminded=number)
        case TransferBecameLate(), Pending() | Unassigned():
            return replace(state, late=True)
        case TransferDelayExplained(explanation=explanation), Pending() | Unassigned():
            return replace(state, explained=explanation)
        case TransferObjected() | TransferObjectionDismissed(), Requested() | Pending():
            return replace(state, objection=_OBJECTIONS[type(event)])
        case TransferRedirected(), Requested() | Pending() | Unassigned():
            return _redirected(state, event)
        case HandOverNoted(), _:
            return replace(state, asked=replace(state.asked, papers=state.asked.papers + 1))
        case EmploymentVerified(), Pending() | Unassigned():
            return replace(state, verified=state.verified + 1)
        case _:
            return _afterwards(state, event)


def _redirected(state: Requested | Pending | Unassigned, event: TransferRedirected) -> Transfer:
    """TRF-23: whoever is asked anew has not been reminded, is not late, and has verified nothing (TRF-20)."""
    asked = replace(state.asked, from_branch=event.from_branch, to=event.to, assigns=event.assigns)
    match state:
        case Pending() if event.due_at:
            step = Pending(asked, state.done, event.due_at, event.late_at)
            return replace(step, objection=state.objection)
        case Unassigned() if event.unassigned_from:
            return Unassigned(asked, event.unassigned_from, event.late_at, onward=state.onward)
        case _:
            return replace(state, asked=asked)


def _afterwards(state: Begun, event: TransferEvent) -> Transfer:
    """What is said when everything is decided."""
    match event, state:
        case TransferAnswerAwaited(due_at=due_at), Approved() | Ending() | Ended():
            return state if isinstance(state, Ended) else replace(state, due_at=due_at)
        case CoordinationRequested() | CoordinationReminded() | CoordinationHandedOn(), Ending() | Ended():
            return replace(state, case=Case.OPEN, case_due_at=event.due_at, case_with=event.organization)
        case CoordinationAnswered(), Ending() | Ended():
            return replace(state, case=Case.ANSWERED, case_due_at=None)
        case EmploymentVerified() | MemberContacted() | CheckInRecorded() | WorkSettled(), Ended(
            arrival=Arrival() as arrival
        ):
            return replace(state, arrival=after(arrival, event))
        case _:
            return _over(state, event)


def _over(state: Begun, event: TransferEvent) -> Transfer:
    match event:
        case TransferRefused():
            return Ending(state.asked, event.release_due_at, Case.POSSIBLE)
        case TransferWithdrawn() | TransferTimedOut() | TransferFailed(held=True):
            return Ending(state.asked, event.release_due_at)
        case TransferCompleted() if isinstance(state, Approved):
            return Ended(state.asked, arrival=Arrival(state.branch, verified=state.verified > 0))
        case TransferFailed() | TransferCompleted() | TransferClosed():
            if isinstance(state, Ending):
                return Ended(state.asked, state.case, state.case_due_at, state.case_with)
            return Ended(state.asked)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


TRANSFER: Decider[Transfer, TransferEvent] = Decider("transfer", Absent(), evolve)


def asked_of(state: Transfer) -> Asked | None:
    """None for a transfer that is not there."""
    return None if isinstance(state, Absent) else state.asked
