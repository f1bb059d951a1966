"""A transfer from the request to its end, as facts, commands and facts (TRF-01 to TRF-12, TRF-22)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain.deciding import (
    ApproveTransfer,
    AssignDestination,
    CloseTransfer,
    CompleteTransfer,
    FailTransfer,
    OpenTransfer,
    RefuseTransfer,
    RequestTransfer,
    WithdrawTransfer,
    approve_transfer,
    assign_destination,
    close_transfer,
    complete_transfer,
    fail_transfer,
    open_transfer,
    refuse_transfer,
    request_transfer,
    withdraw_transfer,
)
from services.transfer.domain.events import (
    DestinationAssigned,
    Side,
    TransferApproved,
    TransferBecameLate,
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
from services.transfer.domain.passing_time import TimeOutTransfer, time_out_transfer
from services.transfer.domain.refusals import (
    AlreadyThere,
    BranchOutsideDestination,
    LastApprovalGiven,
    NoBranchToAssign,
    TransferOver,
    TransferStepOver,
)
from services.transfer.domain.transfer import TRANSFER
from services.transfer.domain.working_days import Calendar
from shared.testing.scenario import Decided, History, given

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
HOUR, STEP = timedelta(hours=1), timedelta(hours=240)
WEEKDAYS = Calendar()
LATE = datetime(2026, 12, 4, 16, tzinfo=UTC)
"""NOW is a Saturday: the fifth working day after it is the Friday, and no year was entered."""
PERSON, OUT, IN, COMMITTEE, OTHER = "person-1", "branch-out", "branch-in", "committee", "branch-other"

Happened = History[Any, TransferEvent]


def requested(started_by: Side, to: str = IN) -> TransferRequested:
    return TransferRequested(
        person=PERSON,
        from_branch=OUT,
        to=to,
        assigns=to == COMMITTEE,
        started_by=started_by,
        reason="change_of_school",
        hold_due_at=NOW + HOUR,
    )


def pending(started_by: Side = Side.OUT, to: str = IN) -> Happened:
    return given(TRANSFER, requested(started_by, to), TransferOpened(due_at=NOW + STEP))


def approves(happened: Happened, organization: str, now: datetime = NOW) -> Decided[Any, TransferEvent]:
    command = ApproveTransfer(organization=organization)
    return happened.when(lambda state: approve_transfer(command, state, now, WEEKDAYS))


def approved(branch: str = IN, at: datetime = NOW) -> TransferApproved:
    return TransferApproved(person=PERSON, from_branch=OUT, branch=branch, move_due_at=at + HOUR)


def moving(branch: str = IN) -> Happened:
    return approves(pending(), IN).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN), approved(branch)
    )


def times_out(happened: Happened, now: datetime) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: time_out_transfer(TimeOutTransfer(), state, now, WEEKDAYS))


def withdraws(happened: Happened, now: datetime = NOW) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: withdraw_transfer(WithdrawTransfer(), state, now))


def fails(happened: Happened, cause: Any = "not_a_member_there") -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: fail_transfer(FailTransfer(cause=cause), state))


@pytest.mark.rule("TRF-01", "TRF-22")
def test_a_request_gives_member_an_hour_to_hold_the_person() -> None:
    values = requested(Side.OUT).model_dump(exclude={"hold_due_at", "personal"})
    command = RequestTransfer(**values, hold_life=HOUR)
    history = given(TRANSFER).when(lambda state: request_transfer(command, state, NOW)).then(requested(Side.OUT))
    history.when(lambda state: request_transfer(command, state, NOW)).then_nothing()
    there = command.model_copy(update={"to": OUT})
    given(TRANSFER).when(lambda state: request_transfer(there, state, NOW)).refused(AlreadyThere)


@pytest.mark.rule("TRF-22", "TRF-09")
def test_it_opens_once_when_member_holds_the_person_and_the_step_has_240_hours() -> None:
    command = OpenTransfer()
    history = given(TRANSFER, requested(Side.OUT)).when(lambda state: open_transfer(command, state, NOW, WEEKDAYS))
    opened = history.then(
        TransferOpened(
            person=PERSON,
            side=Side.IN,
            organization=IN,
            due_at=NOW + timedelta(days=10),
            late_at=LATE,
            by_weekdays=True,
        )
    )
    opened.when(lambda state: open_transfer(command, state, NOW + HOUR, WEEKDAYS)).then_nothing()


@pytest.mark.rule("TRF-05")
def test_out_to_a_branch_needs_that_branch_alone() -> None:
    approves(pending(Side.OUT), OUT).refused(TransferStepOver)
    approves(pending(Side.OUT), IN).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN), approved()
    )


@pytest.mark.rule("TRF-03")
def test_in_to_a_branch_needs_the_branch_left_alone() -> None:
    approves(pending(Side.IN), IN).refused(TransferStepOver)
    approves(pending(Side.IN), OUT).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.OUT, organization=OUT), approved()
    )


@pytest.mark.rule("TRF-07", "TRF-09")
def test_one_started_by_the_member_needs_the_branch_left_and_then_the_other_each_in_its_own_time() -> None:
    later = NOW + timedelta(hours=239)
    late = {"late_at": datetime(2026, 12, 15, 16, tzinfo=UTC), "by_weekdays": True}
    by = {"person": PERSON, "since": NOW, "side": Side.OUT, "organization": OUT}
    first = TransferStepApproved(**by, next_organization=IN, due_at=later + STEP, **late)
    left = approves(pending(Side.MEMBER), OUT, later).then(first)
    approves(left, OUT, later).refused(TransferStepOver)
    times_out(left, NOW + STEP).then_nothing()
    ended = TransferTimedOut(
        person=PERSON, since=later, late=True, side=Side.IN, organization=IN, release_due_at=later + STEP + HOUR
    )
    times_out(left, later + STEP).then(
        TransferBecameLate(person=PERSON, since=later, due_at=later + STEP, side=Side.IN, organization=IN), ended
    )
    approves(left, IN, later).then(
        TransferStepApproved(person=PERSON, since=later, side=Side.IN, organization=IN), approved(at=later)
    )


@pytest.mark.rule("TRF-06", "TRF-04")
def test_a_committee_agrees_and_then_assigns_a_branch_below_it_however_late() -> None:
    late = {"late_at": LATE, "by_weekdays": True}
    agreed = TransferStepApproved(
        person=PERSON,
        since=NOW,
        side=Side.IN,
        organization=COMMITTEE,
        next_organization=COMMITTEE,
        **late,
        unassigned_from=NOW,
    )
    waiting = approves(pending(Side.OUT, COMMITTEE), COMMITTEE).then(agreed)
    times_out(waiting, NOW + 100 * STEP).then_nothing()
    withdraws(waiting).refused(LastApprovalGiven)

    def assigns(happened: Happened, branch: str, *above: str) -> Decided[Any, TransferEvent]:
        command = AssignDestination(branch=branch, above=above)
        return happened.when(lambda state: assign_destination(command, state, NOW, WEEKDAYS))

    assigns(waiting, OTHER, OTHER, "another committee").refused(BranchOutsideDestination)
    assigns(waiting, OUT, OUT, COMMITTEE).refused(AlreadyThere)
    chosen = assigns(waiting, OTHER, OTHER, COMMITTEE).then(
        DestinationAssigned(person=PERSON, organization=COMMITTEE, since=NOW, branch=OTHER, above=(OTHER, COMMITTEE)),
        approved(OTHER),
    )
    assigns(chosen, OTHER, OTHER, COMMITTEE).refused(NoBranchToAssign)
    assigns(pending(Side.OUT, COMMITTEE), OTHER, OTHER, COMMITTEE).refused(NoBranchToAssign)


@pytest.mark.rule("TRF-09", "P8")
def test_at_the_very_instant_the_time_is_over_and_not_one_moment_before() -> None:
    before, at = NOW + STEP - timedelta(microseconds=1), NOW + STEP
    times_out(pending(), before).then_nothing()
    over = times_out(pending(), at).then(
        TransferTimedOut(person=PERSON, since=NOW, side=Side.IN, organization=IN, release_due_at=at + HOUR)
    )
    times_out(over, at + HOUR).then_nothing()
    approves(over, IN, at).refused(TransferOver)
    approves(pending(), IN, at).refused(TransferOver)
    approves(pending(), IN, before).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN), approved(at=before)
    )
    withdraws(pending(), at).refused(TransferOver)


@pytest.mark.rule("TRF-09", "TRF-22")
def test_a_hold_that_nobody_answers_ends_it_after_the_hour_and_is_given_up_when_it_comes_late() -> None:
    asked = given(TRANSFER, requested(Side.OUT))
    times_out(asked, NOW + HOUR - timedelta(seconds=1)).then_nothing()
    again = NOW + HOUR + HOUR
    unanswered = TransferFailed(person=PERSON, cause="hold_unanswered", held=True, release_due_at=again)
    ended = times_out(asked, NOW + HOUR).then(unanswered)
    ended.when(lambda state: open_transfer(OpenTransfer(), state, NOW + HOUR, WEEKDAYS)).then_nothing()
    closed = ended.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    closed.when(lambda state: close_transfer(CloseTransfer(), state)).then_nothing()


@pytest.mark.rule("TRF-11")
def test_it_is_withdrawn_until_the_last_approval() -> None:
    withdrawn = TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR)
    withdraws(given(TRANSFER, requested(Side.OUT))).then(withdrawn)
    ended = withdraws(pending()).then(withdrawn)
    withdraws(ended).refused(TransferOver)
    withdraws(pending(), NOW + STEP).refused(TransferOver)
    withdraws(given(TRANSFER, requested(Side.OUT)), NOW + HOUR).refused(TransferOver)
    withdraws(moving()).refused(LastApprovalGiven)
    withdraws(given(TRANSFER)).refused(TransferOver)


@pytest.mark.rule("TRF-12")
def test_a_refusal_names_the_side_and_the_ground_and_nothing_follows() -> None:
    command = RefuseTransfer(organization=IN, ground="not_of_this_unit")
    by = {"side": Side.IN, "organization": IN, "ground": "not_of_this_unit"}
    refused = TransferRefused(person=PERSON, since=NOW, **by, release_due_at=NOW + HOUR)
    ended = pending().when(lambda state: refuse_transfer(command, state, NOW)).then(refused)
    ended.when(lambda state: refuse_transfer(command, state, NOW)).refused(TransferOver)
    approves(ended, IN).refused(TransferOver)
    times_out(ended, NOW + STEP).then_nothing()
    ended.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())


@pytest.mark.rule("TRF-22")
def test_it_is_complete_when_member_has_moved_the_person_and_failed_when_it_could_not() -> None:
    done = (
        moving()
        .when(lambda state: complete_transfer(CompleteTransfer(), state))
        .then(TransferCompleted(person=PERSON, from_branch=OUT, branch=IN, reason="change_of_school", destination=""))
    )
    done.when(lambda state: complete_transfer(CompleteTransfer(), state)).then_nothing()
    fails(done).then_nothing()
    over = fails(moving(), "branch_closing").then(TransferFailed(person=PERSON, cause="branch_closing", held=False))
    over.when(lambda state: complete_transfer(CompleteTransfer(), state)).then_nothing()


@pytest.mark.rule("TRF-22", "TRF-02")
def test_a_refused_hold_fails_it_or_closes_what_was_withdrawn_before() -> None:
    asked = given(TRANSFER, requested(Side.OUT))
    fails(asked, "held").then(TransferFailed(person=PERSON, cause="held", held=False))
    withdrawn = withdraws(asked).then(TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR))
    closed = fails(withdrawn, "held").then(TransferClosed())
    fails(closed, "held").then_nothing()


@pytest.mark.rule("TRF-02")
def test_only_what_ended_is_closed_and_once() -> None:
    def closes(happened: Happened) -> Decided[Any, TransferEvent]:
        return happened.when(lambda state: close_transfer(CloseTransfer(), state))

    for open_ in (given(TRANSFER, requested(Side.OUT)), pending(), moving()):
        closes(open_).then_nothing()
    withdrawn = withdraws(pending()).then(TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR))
    closes(closes(withdrawn).then(TransferClosed())).then_nothing()


def test_a_fact_that_cannot_follow_is_a_fault_of_the_program() -> None:
    for facts in ([TransferOpened(due_at=NOW)], [requested(Side.OUT), requested(Side.OUT)]):
        with pytest.raises(ValueError, match="Transfer"):
            _ = given(TRANSFER, *facts).state
