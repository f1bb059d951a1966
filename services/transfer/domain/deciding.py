"""The commands of people and of member, each with the function of its name; who may ask for what, the routes decide."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field

from services.transfer.domain.disputed import Objection
from services.transfer.domain.events import (
    DestinationAssigned,
    Side,
    Term,
    TransferAnswerAwaited,
    TransferClosed,
    TransferCompleted,
    TransferEvent,
    TransferFailed,
    TransferRefused,
    TransferRequested,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_arrivals import RegisterPlace
from services.transfer.domain.events_of_exchange import Outside
from services.transfer.domain.events_of_successions import FailureCause
from services.transfer.domain.refusals import (
    AlreadyThere,
    BranchOutsideDestination,
    LastApprovalGiven,
    NoBranchToAssign,
    TransferOver,
    TransferStepOver,
)
from services.transfer.domain.refusals_of_arrivals import EmploymentUnverified, LetterMissing
from services.transfer.domain.refusals_of_disputes import ObjectionUndecided
from services.transfer.domain.steps import (
    ANSWERED_WITHIN,
    agreed,
    approved,
    became_late,
    decided,
    following,
    needs_letter,
    opened,
)
from services.transfer.domain.transfer import (
    Absent,
    Approved,
    Ended,
    Ending,
    Pending,
    Requested,
    Transfer,
    Unassigned,
)
from services.transfer.domain.working_days import Calendar
from shared.kernel.envelope import Command, Personal


class RequestTransfer(Command):
    """TRF-01. `assigns`: `to` is no branch; `hold_life`: how long member has to hold the person; `terms`, `above`:
    today's. `situation`, `place`: TRF-19.
    """

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    reason: str
    hold_life: timedelta
    terms: tuple[Term, ...] = ()
    above: tuple[str, ...] = ()
    note: str = ""
    superior: str | None = None
    batch: str | None = None
    papers: Mapping[str, str] = Field(default_factory=dict)
    register_place: RegisterPlace | None = None
    outside: Outside | None = None
    situation: str = ""
    place: str = ""


class OpenTransfer(Command):
    """TRF-22: member holds the person."""


class ApproveTransfer(Command):
    """The step of `organization` is agreed to, by somebody who may decide for it. `floating`: TRF-20."""

    organization: str
    floating: bool = False


class RefuseTransfer(Command):
    """TRF-12: the same, not agreed to."""

    organization: str
    ground: str


class AssignDestination(Command):
    """TRF-04, TRF-06: `above` are the organizations over `branch`, itself included. `floating`: TRF-20."""

    branch: str
    above: tuple[str, ...]
    floating: bool = False


class WithdrawTransfer(Command):
    """TRF-11: by who started it."""


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
    values = command.model_dump(exclude={"hold_life", "note", "papers"})
    personal = {name: value for name, value in (("note", command.note), ("papers", command.papers)) if value}
    sealed = Personal(person=command.person, values=personal) if personal else None
    return [TransferRequested(**values, hold_due_at=now + command.hold_life, personal=sealed)]


def open_transfer(_command: OpenTransfer, state: Transfer, now: datetime, calendar: Calendar) -> list[TransferEvent]:
    """Nothing for one that is open already, or whose end is on its way to member; no steps need no yes (TRF-08).

    A hold that comes when everything was over, because a record had been put aside, is answered by a release.
    """
    match state:
        case Requested() if not state.asked.steps:
            return [approved(state.asked, state.asked.to, now)]
        case Requested():
            return [opened(state.asked, now, calendar)]
        case Ended():
            who = {"person": state.asked.person, "from_branch": state.asked.from_branch}
            return [TransferAnswerAwaited(**who, branch=None, due_at=None)]
        case _:
            return []


def approve_transfer(
    command: ApproveTransfer, state: Transfer, now: datetime, calendar: Calendar
) -> list[TransferEvent]:
    """The next step begins, or a branch is to be assigned, or nothing is left.

    Raises as `waiting_for` does, ObjectionUndecided, LetterMissing, EmploymentUnverified.
    """
    step = waiting_for(command.organization, state, now)
    if step.objection is Objection.OPEN:
        raise ObjectionUndecided
    if step.side is Side.IN and needs_letter(step.asked) and not step.asked.papers:
        raise LetterMissing
    if step.side is Side.IN and command.floating and not step.verified:
        raise EmploymentUnverified
    return [*became_late(step, now), *agreed(step, now, calendar)]


def refuse_transfer(command: RefuseTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Raises TransferOver, TransferStepOver."""
    step = waiting_for(command.organization, state, now)
    refused = {"side": step.side, "organization": step.organization, "ground": command.ground}
    over = TransferRefused(**refused, **decided(step, now), release_due_at=now + ANSWERED_WITHIN)
    return [*became_late(step, now), over]


def assign_destination(
    command: AssignDestination, state: Transfer, now: datetime, calendar: Calendar
) -> list[TransferEvent]:
    """At the end, or before another system lets somebody go, who then has a branch at once (TRF-17).

    Raises NoBranchToAssign, BranchOutsideDestination, AlreadyThere, EmploymentUnverified.
    """
    if not isinstance(state, Unassigned):
        raise NoBranchToAssign
    if state.asked.to not in command.above:
        raise BranchOutsideDestination(field="branch")
    if state.asked.from_branch == command.branch:
        raise AlreadyThere(field="branch")
    if command.floating and not state.verified:
        raise EmploymentUnverified(field="branch")
    chosen = {"branch": command.branch, "above": command.above, "organization": state.asked.to}
    if state.onward is not None:
        chosen |= following(state.asked, state.onward, now, calendar)
        return [*became_late(state, now), DestinationAssigned(**chosen, **decided(state, now))]
    assigned = DestinationAssigned(**chosen, **decided(state, now))
    return [*became_late(state, now), assigned, approved(state.asked, command.branch, now)]


def withdraw_transfer(_command: WithdrawTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Until the last approval. Raises TransferOver, LastApprovalGiven."""
    match state:
        case Requested(due_at=due_at) if now < due_at:
            return [TransferWithdrawn(person=state.asked.person, release_due_at=now + ANSWERED_WITHIN)]
        case Pending() if not state.is_over(now):
            return [TransferWithdrawn(person=state.asked.person, release_due_at=now + ANSWERED_WITHIN)]
        case Unassigned(onward=int()):
            return [TransferWithdrawn(person=state.asked.person, release_due_at=now + ANSWERED_WITHIN)]
        case Unassigned() | Approved():
            raise LastApprovalGiven
        case _:
            raise TransferOver


def fail_transfer(command: FailTransfer, state: Transfer) -> list[TransferEvent]:
    """Member's no, which leaves no hold: also the end of what ended before member had answered."""
    match state:
        case Requested() | Approved():
            return [TransferFailed(person=state.asked.person, cause=command.cause, held=False)]
        case Ending():
            return [TransferClosed()]
        case _:
            return []


def complete_transfer(_command: CompleteTransfer, state: Transfer, kind: str = "") -> list[TransferEvent]:
    """Once. GRD-06: `kind` of place the branch moved into is."""
    if not isinstance(state, Approved):
        return []
    who = {"person": state.asked.person, "from_branch": state.asked.from_branch}
    why = {"reason": state.asked.reason, "destination": kind}
    return [TransferCompleted(**who, branch=state.branch, **why)]


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
    if step.is_over(now):
        raise TransferOver
    if step.organization != organization:
        raise TransferStepOver
    return step
