"""What the worker of the deadlines sends when an instant has come; each command decides again (P8)."""

from datetime import datetime, timedelta

from services.transfer.domain.disputed import Case, Objection
from services.transfer.domain.events import (
    TransferAnswerAwaited,
    TransferEvent,
    TransferFailed,
    TransferReminded,
    TransferTimedOut,
)
from services.transfer.domain.events_of_disputes import CoordinationReminded
from services.transfer.domain.steps import ANSWERED_WITHIN, agreed, became_late, decided
from services.transfer.domain.transfer import (
    Approved,
    Ended,
    Ending,
    Pending,
    Requested,
    Transfer,
    Unassigned,
)
from services.transfer.domain.waiting import REMINDERS_IN_TIME, WEEK, reminder_at, reminders_passed, tells_superior
from services.transfer.domain.working_days import Calendar
from shared.kernel.envelope import Command

ASKED_AGAIN_EVERY = timedelta(days=1)


class TimeOutTransfer(Command):
    """TRF-09, P8: the time of a step, or of member's hold, is over."""


class RemindTransfer(Command):
    """TRF-10, BEY-04: whoever has to decide is reminded, or late."""


class AskMemberAgain(Command):
    """TRF-22: member has not answered."""


class RemindCoordination(Command):
    """TRF-12, P8: whoever was asked to talk to both sides has not answered."""


def time_out_transfer(
    _command: TimeOutTransfer, state: Transfer, now: datetime, calendar: Calendar
) -> list[TransferEvent]:
    """Nothing for what was decided, and nothing before its time. Its province may take silence for a yes."""
    match state:
        case Requested(due_at=due_at) if now >= due_at:
            failed = {"cause": "hold_unanswered", "held": True, "release_due_at": now + ANSWERED_WITHIN}
            return [TransferFailed(person=state.asked.person, **failed)]
        case Pending() if state.is_over(now) and _silence_is_yes(state):
            return [*became_late(state, now), *agreed(state, now, calendar, automatic=True)]
        case Pending() if state.is_over(now):
            over = {"side": state.side, "organization": state.organization, "release_due_at": now + ANSWERED_WITHIN}
            return [*became_late(state, now), TransferTimedOut(**over, **decided(state, now))]
        case _:
            return []


def remind_transfer(_command: RemindTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Of reminders that were missed only the last is given: a worker that was away doubles nothing."""
    match state:
        case Pending() if not state.is_over(now):
            return [*_reminders(state, now), *became_late(state, now)]
        case Unassigned():
            return [*_reminders(state, now), *became_late(state, now)]
        case _:
            return []


def ask_member_again(_command: AskMemberAgain, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for what was answered; else once a day until it is."""
    match state:
        case Approved(due_at=datetime() as due_at) | Ending(due_at=datetime() as due_at) if now >= due_at:
            branch = state.branch if isinstance(state, Approved) else None
            who = {"person": state.asked.person, "from_branch": state.asked.from_branch}
            return [TransferAnswerAwaited(**who, branch=branch, due_at=now + ASKED_AGAIN_EVERY)]
        case _:
            return []


def remind_coordination(_command: RemindCoordination, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Weekly until it is answered: a case that nobody answers is never forgotten."""
    match state:
        case (
            Ending(case=Case.OPEN, case_due_at=datetime() as due_at)
            | Ended(case=Case.OPEN, case_due_at=datetime() as due_at)
        ) if now >= due_at:
            who = {"person": state.asked.person, "organization": state.case_with}
            return [CoordinationReminded(**who, due_at=now + WEEK)]
        case _:
            return []


def next_look(state: Transfer) -> datetime | None:
    """When there is something to remind of, or to call late, next; None where nothing is left of it."""
    if not isinstance(state, Pending | Unassigned) or state.since is None:
        return None
    looks = [] if state.late or state.late_at is None else [state.late_at]
    if _waits_for_ever(state) or state.reminded < REMINDERS_IN_TIME:
        looks.append(reminder_at(state.reminded + 1, state.since, state.asked.term(state.side).period))
    if isinstance(state, Pending) and state.due_at is not None:
        looks = [look for look in looks if look < state.due_at]
    return min(looks, default=None)


def _waits_for_ever(state: Pending | Unassigned) -> bool:
    """TRF-04, TRF-16: reminders go on."""
    return isinstance(state, Unassigned) or state.due_at is None


def _silence_is_yes(state: Pending) -> bool:
    """Not while the member objects and nobody has decided about that (TRF-11)."""
    return state.asked.term(state.side).automatic and state.objection is not Objection.OPEN


def _reminders(state: Pending | Unassigned, now: datetime) -> list[TransferEvent]:
    if state.since is None:
        return []
    most = None if _waits_for_ever(state) else REMINDERS_IN_TIME
    numbers = reminders_passed(state.since, state.asked.term(state.side).period, state.reminded, most, now)
    to = {"person": state.asked.person, "side": state.side, "organization": state.organization, "due_at": state.due_at}
    return [TransferReminded(**to, number=number, superior=tells_superior(number)) for number in numbers]
