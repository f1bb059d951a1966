"""Papers beside a transfer, and what the new branch does for who arrives (TRF-16, TRF-20, TRF-21, TRF-26)."""

from datetime import date, datetime

from services.transfer.domain.arrival import Arrival
from services.transfer.domain.deciding import waiting_for
from services.transfer.domain.events import Side, TransferEvent
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    Finding,
    HandOverNoted,
    MemberContacted,
    WorkSettled,
)
from services.transfer.domain.refusals import TransferOver
from services.transfer.domain.refusals_of_arrivals import (
    CheckInInTheFuture,
    NotArrived,
    NothingToVerify,
    PaperInTheFuture,
    SettledInTheFuture,
    SettledTooOften,
    TooManyPapers,
    VerifiedTooOften,
)
from services.transfer.domain.transfer import Absent, Approved, Ended, Pending, Transfer, Unassigned
from shared.contracts.org import BranchKind
from shared.kernel.clock import local_date
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Refusal

PASSING = frozenset({BranchKind.FLOATING, BranchKind.BRIDGING})
"""TRF-20, GRD-08: branches that people leave again, once work or study, or the employer's organization, is settled."""
NOTES_MAX = 20
"""Papers beside one transfer, findings while one step waits, days on which work was settled: far more than anybody
needs, and an end.
"""


class NoteHandOver(Command):
    """TRF-26: `letter` is the number or the name of the paper; it is sealed with the person's key."""

    organization: str
    letter: str
    issued_on: date


class VerifyEmployment(Command):
    """TRF-20."""

    organization: str
    finding: Finding


class ContactMember(Command):
    """TRF-21: contact and data are up to date."""


class RecordCheckIn(Command):
    """TRF-21: the member came in person on that day."""

    checked_in_on: date


class SettleWork(Command):
    """TRF-20: work or study is settled since that day."""

    settled_on: date


def note_hand_over(command: NoteHandOver, state: Transfer, now: datetime) -> list[TransferEvent]:
    """At any time, papers come when they come. Raises TransferOver, TooManyPapers, PaperInTheFuture."""
    if isinstance(state, Absent):
        raise TransferOver
    if state.asked.papers >= NOTES_MAX:
        raise TooManyPapers(most=NOTES_MAX)
    _not_after(command.issued_on, now, PaperInTheFuture, "issued_on")
    sealed = Personal(person=state.asked.person, values={"letter": command.letter})
    return [HandOverNoted(organization=command.organization, issued_on=command.issued_on, personal=sealed)]


def verify_employment(command: VerifyEmployment, state: Transfer, now: datetime) -> list[TransferEvent]:
    """While its step, or its choice of a branch, waits; else once, of who came without it (TRF-03, TRF-08, TRF-09).

    Raises TransferOver, TransferStepOver, NothingToVerify, VerifiedTooOften.
    """
    step: Pending | Unassigned
    if isinstance(state, Ended) and state.arrival is not None and state.arrival.branch == command.organization:
        if state.arrival.verified:
            raise NothingToVerify
        return [EmploymentVerified(organization=command.organization, finding=command.finding)]
    if isinstance(state, Unassigned) and state.organization == command.organization:
        step = state
    else:
        step = waiting_for(command.organization, state, now)
    if step.side is not Side.IN:
        raise NothingToVerify
    if step.verified >= NOTES_MAX:
        raise VerifiedTooOften(most=NOTES_MAX)
    return [EmploymentVerified(organization=command.organization, finding=command.finding)]


def contact_member(_command: ContactMember, state: Transfer) -> list[TransferEvent]:
    """Once. Raises NotArrived."""
    arrival = arrived(state)
    return [] if arrival.contacted else [MemberContacted(organization=arrival.branch)]


def record_check_in(command: RecordCheckIn, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Once. Raises NotArrived, CheckInInTheFuture."""
    arrival = arrived(state)
    _not_after(command.checked_in_on, now, CheckInInTheFuture, "checked_in_on")
    if arrival.checked_in:
        return []
    return [CheckInRecorded(organization=arrival.branch, checked_in_on=command.checked_in_on)]


def settle_work(command: SettleWork, state: Transfer, now: datetime) -> list[TransferEvent]:
    """The last day said counts, and employment is verified by it.

    Raises NotArrived, SettledInTheFuture, SettledTooOften.
    """
    arrival = arrived(state)
    _not_after(command.settled_on, now, SettledInTheFuture, "settled_on")
    if arrival.settled_on == command.settled_on:
        return []
    if arrival.settled >= NOTES_MAX:
        raise SettledTooOften(most=NOTES_MAX)
    return [WorkSettled(organization=arrival.branch, settled_on=command.settled_on)]


def branch_of(state: Transfer) -> str | None:
    """Where the member goes, or came; None while that is not decided."""
    match state:
        case Approved(branch=branch) | Ended(arrival=Arrival(branch=branch)):
            return branch
        case _:
            return None


def arrived(state: Transfer) -> Arrival:
    """Of a transfer that was completed. Raises NotArrived."""
    if isinstance(state, Ended) and state.arrival is not None:
        return state.arrival
    raise NotArrived


def _not_after(day: date, now: datetime, refusal: type[Refusal], field: str) -> None:
    today = local_date(now)
    if day > today:
        raise refusal(field=field, today=today.isoformat())
