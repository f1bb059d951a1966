"""The transfer of a member as a process: what it waits for, until when, and how it ended (TRF-01 to TRF-11, TRF-22)."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from services.transfer.domain.events import (
    STEPS,
    DestinationAssigned,
    Side,
    TransferApproved,
    TransferClosed,
    TransferCompleted,
    TransferEvent,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; it stays the same to the end. `to` is a branch unless it `assigns` one."""

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side

    @property
    def steps(self) -> tuple[Side, ...]:
        """Who has to agree, in order."""
        return STEPS[self.started_by]

    def organization(self, side: Side) -> str | None:
        """In whose name a side acts; the member acts in nobody's."""
        return {Side.OUT: self.from_branch, Side.IN: self.to}.get(side)


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Requested:
    """Waits until `due_at` for member to hold the person."""

    asked: Asked
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """Waits until `due_at` for the step after those `done`."""

    asked: Asked
    done: int
    due_at: datetime

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


@dataclass(frozen=True, slots=True)
class Unassigned:
    """TRF-04: everybody agreed; the receiving organization has to choose a branch, however long it takes."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class Approved:
    """Waits for member to move the person to `branch`."""

    asked: Asked
    branch: str


@dataclass(frozen=True, slots=True)
class Ending:
    """It ended, and member may still hold the person for it: no other one can be started until it says otherwise."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing of it is left."""

    asked: Asked


Transfer = Absent | Requested | Pending | Unassigned | Approved | Ending | Ended
Begun = Requested | Pending | Unassigned | Approved | Ending | Ended


def evolve(state: Transfer, event: TransferEvent) -> Transfer:
    """The state after one more event of the stream."""
    match event, state:
        case TransferRequested(), Absent():
            asked = Asked(event.person, event.from_branch, event.to, event.assigns, event.started_by)
            return Requested(asked, event.hold_due_at)
        case TransferOpened(), Requested():
            return Pending(state.asked, 0, event.due_at)
        case TransferStepApproved(due_at=datetime() as due_at), Pending():
            return Pending(state.asked, state.done + 1, due_at)
        case TransferStepApproved(), Pending():
            return Unassigned(state.asked)
        case DestinationAssigned(), Unassigned():
            return state
        case TransferApproved(), Unassigned():
            return Approved(state.asked, event.branch)
        case _, Absent():
            raise ValueError(f"{type(event).__name__} of a transfer that nobody asked for")
        case _:
            return _over(state, event)


def _over(state: Begun, event: TransferEvent) -> Transfer:
    match event:
        case TransferRefused() | TransferWithdrawn() | TransferTimedOut() | TransferFailed(held=True):
            return Ending(state.asked)
        case TransferFailed() | TransferCompleted() | TransferClosed():
            return Ended(state.asked)
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
