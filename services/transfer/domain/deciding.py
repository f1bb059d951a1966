"""The commands of a transfer, each with the function of its name; who may ask for what, the routes decide (ADM-08)."""

from datetime import datetime, timedelta

from services.transfer.domain.events import (
    DestinationAssigned,
    FailureCause,
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
from services.transfer.domain.refusals import (
    AlreadyThere,
    BranchOutsideDestination,
    LastApprovalGiven,
    NoBranchToAssign,
    TransferOver,
    TransferStepOver,
)
from services.transfer.domain.transfer import (
    Absent,
    Approved,
    Asked,
    Ended,
    Ending,
    Pending,
    Requested,
    Transfer,
    Unassigned,
)
from shared.kernel.envelope import Command


class RequestTransfer(Command):
    """TRF-01. `assigns`: `to` is no branch; `hold_life`: how long member has to hold the person."""

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    reason: str
    hold_life: timedelta


class OpenTransfer(Command):
    """TRF-22: member holds the person. `step_life`, here and below: how long a step may take (TRF-09)."""

    step_life: timedelta


class ApproveTransfer(Command):
    """The step of `organization` is agreed to, by somebody who may decide for it."""

    organization: str
    step_life: timedelta


class RefuseTransfer(Command):
    """TRF-12: the same, not agreed to."""

    organization: str
    ground: str


class AssignDestination(Command):
    """TRF-04, TRF-06: `above` are the organizations over `branch`, itself included."""

    branch: str
    above: tuple[str, ...]


class WithdrawTransfer(Command):
    """TRF-11: by who started it."""


class TimeOutTransfer(Command):
    """TRF-09, P8: sent when a deadline has come; decides again."""


class FailTransfer(Command):
    """member refused to hold or to move the person."""

    cause: FailureCause


class CompleteTransfer(Command):
    """TRF-22: member moved the person."""


class CloseTransfer(Command):
    """TRF-02: member holds the person no longer for it."""


def request_transfer(command: RequestTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Raises AlreadyThere; that a person has one open transfer at most, the claim of it sees to."""
    if not isinstance(state, Absent):
        return []
    if command.from_branch == command.to:
        raise AlreadyThere(field="to")
    values = command.model_dump(exclude={"hold_life"})
    return [TransferRequested(**values, hold_due_at=now + command.hold_life)]


def open_transfer(command: OpenTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for one that is open already, or ended meanwhile: member then gives up the hold by that end."""
    return [TransferOpened(due_at=now + command.step_life)] if isinstance(state, Requested) else []


def approve_transfer(command: ApproveTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """The next step begins, or a branch is to be assigned, or nothing is left. Raises as `waiting_for` does."""
    step = waiting_for(command.organization, state, now)
    last = step.done + 1 == len(step.asked.steps)
    agreed = {"side": step.side, "organization": step.organization}
    if not last:
        return [TransferStepApproved(**agreed, due_at=now + command.step_life)]
    approved: list[TransferEvent] = [TransferStepApproved(**agreed)]
    return approved if step.asked.assigns else [*approved, _approved(step.asked, step.asked.to)]


def refuse_transfer(command: RefuseTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Raises TransferOver, TransferStepOver."""
    step = waiting_for(command.organization, state, now)
    refused = {"side": step.side, "organization": step.organization, "ground": command.ground}
    return [TransferRefused(person=step.asked.person, **refused)]


def assign_destination(command: AssignDestination, state: Transfer) -> list[TransferEvent]:
    """Raises NoBranchToAssign, BranchOutsideDestination, AlreadyThere."""
    if not isinstance(state, Unassigned):
        raise NoBranchToAssign
    if state.asked.to not in command.above:
        raise BranchOutsideDestination(field="branch")
    if state.asked.from_branch == command.branch:
        raise AlreadyThere(field="branch")
    return [DestinationAssigned(branch=command.branch), _approved(state.asked, command.branch)]


def withdraw_transfer(_command: WithdrawTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Until the last approval. Raises TransferOver, LastApprovalGiven."""
    match state:
        case Requested(due_at=due_at) | Pending(due_at=due_at) if now < due_at:
            return [TransferWithdrawn(person=state.asked.person)]
        case Unassigned() | Approved():
            raise LastApprovalGiven
        case _:
            raise TransferOver


def time_out_transfer(_command: TimeOutTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for what was decided, and nothing before its time."""
    match state:
        case Requested(due_at=due_at) if now >= due_at:
            return [TransferFailed(person=state.asked.person, cause="hold_unanswered", held=True)]
        case Pending(due_at=due_at) if now >= due_at:
            return [TransferTimedOut(person=state.asked.person, side=state.side)]
        case _:
            return []


def fail_transfer(command: FailTransfer, state: Transfer) -> list[TransferEvent]:
    """Member's no, which leaves no hold: also the end of what ended before member had answered."""
    match state:
        case Requested() | Approved():
            return [TransferFailed(person=state.asked.person, cause=command.cause, held=False)]
        case Ending():
            return [TransferClosed()]
        case _:
            return []


def complete_transfer(_command: CompleteTransfer, state: Transfer) -> list[TransferEvent]:
    """Once."""
    return [TransferCompleted()] if isinstance(state, Approved) else []


def close_transfer(_command: CloseTransfer, state: Transfer) -> list[TransferEvent]:
    """Once, for one that ended."""
    return [TransferClosed()] if isinstance(state, Ending) else []


def step_of(state: Transfer) -> Pending:
    """The step that waits, whether or not its time is over. Raises TransferOver, TransferStepOver."""
    match state:
        case Pending():
            return state
        case Absent() | Ending() | Ended():
            raise TransferOver
        case _:
            raise TransferStepOver


def waiting_for(organization: str, state: Transfer, now: datetime) -> Pending:
    """The step that waits for an organization, and whose time is not over. Raises TransferOver, TransferStepOver."""
    step = step_of(state)
    if now >= step.due_at:
        raise TransferOver
    if step.organization != organization:
        raise TransferStepOver
    return step


def _approved(asked: Asked, branch: str) -> TransferApproved:
    return TransferApproved(person=asked.person, from_branch=asked.from_branch, branch=branch)
