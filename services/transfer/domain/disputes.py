"""What is said about a transfer beside its steps: why it takes so long, that the member objects, that a refusal needs
somebody who talks to both sides (TRF-10, TRF-11, TRF-12).
"""

from datetime import datetime

from services.transfer.domain.disputed import Case, Objection
from services.transfer.domain.events import TransferDelayExplained, TransferEvent, TransferWithdrawn
from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.domain.refusals import LastApprovalGiven, TransferOver
from services.transfer.domain.refusals_of_disputes import (
    CoordinationAlreadyAnswered,
    NoApprovalToStop,
    NoCoordination,
    NoObjection,
    NothingWaits,
    NotRefused,
    ObjectionDismissed,
    OwnTransfer,
)
from services.transfer.domain.steps import ANSWERED_WITHIN
from services.transfer.domain.transfer import (
    Approved,
    Ended,
    Ending,
    Pending,
    Requested,
    Transfer,
    Unassigned,
)
from services.transfer.domain.waiting import FIRST
from shared.kernel.envelope import Command


class ExplainDelay(Command):
    """TRF-10: `organization` cannot decide yet; `explanation` is a code of the list. The deadline goes on."""

    organization: str
    explanation: str


class ObjectToTransfer(Command):
    """TRF-11: by the member. `withdraws`: by setting nobody has to decide about it."""

    objection: str
    withdraws: bool


class DecideObjection(Command):
    """TRF-11: by the starter's superior."""

    upheld: bool


class RequestCoordination(Command):
    """TRF-12: a refused transfer is handed to the admins of `organization`, the member's own or who succeeded it."""

    organization: str


class HandOnCoordination(Command):
    """TRF-23: `gone`, which was to answer, is there no more; `organization` succeeds it."""

    gone: str
    organization: str


class AnswerCoordination(Command):
    """TRF-12: by these; `answer` is a code of the list."""

    answer: str


def explain_delay(command: ExplainDelay, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for what was explained so already. Raises NothingWaits."""
    if not isinstance(state, Pending | Unassigned) or state.organization != command.organization:
        raise NothingWaits
    if isinstance(state, Pending) and state.is_over(now):
        raise NothingWaits
    if state.explained == command.explanation:
        return []
    about = {"person": state.asked.person, "side": state.side, "due_at": state.due_at}
    return [TransferDelayExplained(**about, **command.model_dump())]


def object_to_transfer(command: ObjectToTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Once, until the last approval. What needs none (TRF-08) nobody's decision could stop: it is withdrawn or goes on.

    Raises OwnTransfer, NoApprovalToStop, ObjectionDismissed, LastApprovalGiven, TransferOver.
    """
    open_ = _objectionable(state, now)
    if open_.asked.organization(open_.asked.started_by) is None:
        raise OwnTransfer
    if not open_.asked.steps and not command.withdraws:
        raise NoApprovalToStop
    if open_.objection is Objection.DISMISSED:
        raise ObjectionDismissed
    if open_.objection is Objection.OPEN:
        return []
    objected = TransferObjected(objection=command.objection)
    return [objected, _withdrawn(open_, now)] if command.withdraws else [objected]


def decide_objection(command: DecideObjection, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Upheld, it is withdrawn; dismissed, its steps go on. Raises NoObjection, LastApprovalGiven, TransferOver."""
    open_ = _objectionable(state, now)
    if open_.objection is not Objection.OPEN:
        raise NoObjection
    return [_withdrawn(open_, now)] if command.upheld else [TransferObjectionDismissed()]


def request_coordination(command: RequestCoordination, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Once; first reminded of after 72 hours, like a step. Raises NotRefused."""
    match state:
        case Ending(case=None) | Ended(case=None):
            raise NotRefused
        case Ending(case=Case.POSSIBLE) | Ended(case=Case.POSSIBLE):
            return [CoordinationRequested(organization=command.organization, due_at=now + FIRST)]
        case Ending() | Ended():
            return []
        case _:
            raise NotRefused


def answer_coordination(command: AnswerCoordination, state: Transfer) -> list[TransferEvent]:
    """Once. Raises NoCoordination, CoordinationAlreadyAnswered."""
    match state:
        case Ending(case=Case.OPEN) | Ended(case=Case.OPEN):
            return [CoordinationAnswered(organization=state.case_with, answer=command.answer)]
        case Ending(case=Case.ANSWERED) | Ended(case=Case.ANSWERED):
            raise CoordinationAlreadyAnswered
        case _:
            raise NoCoordination


def hand_on_coordination(command: HandOnCoordination, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for what waits for no answer of `gone`; the successor has its own time."""
    match state:
        case Ending(case=Case.OPEN, case_with=command.gone) | Ended(case=Case.OPEN, case_with=command.gone):
            who = {"person": state.asked.person, "former": command.gone, "organization": command.organization}
            return [CoordinationHandedOn(**who, due_at=now + FIRST)]
        case _:
            return []


def coordinator(state: Transfer) -> str | None:
    """Who is to answer a case, or did; None where there is none."""
    return state.case_with or None if isinstance(state, Ending | Ended) else None


def _objectionable(state: Transfer, now: datetime) -> Requested | Pending:
    match state:
        case Requested(due_at=due_at) if now < due_at:
            return state
        case Pending() if not state.is_over(now):
            return state
        case Unassigned() | Approved():
            raise LastApprovalGiven
        case _:
            raise TransferOver


def _withdrawn(state: Requested | Pending, now: datetime) -> TransferWithdrawn:
    return TransferWithdrawn(person=state.asked.person, objected=True, release_due_at=now + ANSWERED_WITHIN)
