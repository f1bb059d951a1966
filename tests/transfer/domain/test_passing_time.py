"""What time does to a transfer: reminders, lateness, silence that is a yes, and member that does not answer."""

from datetime import UTC, date, datetime

import pytest

from services.transfer.domain.deciding import (
    AssignDestination,
    OpenTransfer,
    RefuseTransfer,
    assign_destination,
    open_transfer,
    refuse_transfer,
)
from services.transfer.domain.events import (
    DestinationAssigned,
    Side,
    Term,
    TransferApproved,
    TransferBecameLate,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
)
from services.transfer.domain.events_of_rules import WorkingDaysEntered
from services.transfer.domain.passing_time import (
    next_look,
)
from services.transfer.domain.refusals import TransferOver
from services.transfer.domain.transfer import TRANSFER
from services.transfer.domain.working_days import Calendar
from shared.testing.scenario import given
from tests.transfer.domain.histories import (
    BECAME_LATE,
    CLASS,
    COMMITTEE,
    DAY,
    ENTERED,
    HOUR,
    IN,
    LATE,
    MOMENT,
    NOW,
    OUT,
    PERSON,
    approves,
    opened,
    reminded,
    reminds,
    times_out,
    unassigned,
)

FIRST_IN = {"person": PERSON, "side": Side.IN, "organization": IN}


@pytest.mark.rule("TRF-10", "BEY-04")
def test_reminders_come_on_days_3_7_and_9_the_superior_is_told_on_day_8_each_once_and_none_early() -> None:
    happened, late = opened(), False
    for day, number, superior in ((3, 1, False), (7, 2, False), (8, 3, True), (9, 4, False)):
        at = NOW + day * DAY
        if at > LATE and not late:
            happened, late = reminds(happened, LATE).then(BECAME_LATE), True
        reminds(happened, at - MOMENT).then_nothing()
        assert next_look(happened.state) == at
        happened = reminds(happened, at).then(reminded(number, superior=superior))
        reminds(happened, at).then_nothing()
    assert next_look(happened.state) is None
    reminds(happened, NOW + 10 * DAY - MOMENT).then_nothing()


@pytest.mark.rule("TRF-10", "P8")
def test_a_worker_that_was_away_gives_only_the_last_reminder_to_each_and_then_goes_on() -> None:
    back = reminds(opened(), NOW + 8 * DAY + HOUR).then(reminded(2), reminded(3, superior=True), BECAME_LATE)
    assert next_look(back.state) == NOW + 9 * DAY
    reminds(opened(), NOW + 9 * DAY + HOUR).then(reminded(3, superior=True), reminded(4), BECAME_LATE)
    reminds(opened(), NOW + 10 * DAY).then_nothing()
    times_out(opened(), NOW + 30 * DAY).then(
        BECAME_LATE,
        TransferTimedOut(
            person=PERSON, since=NOW, late=True, side=Side.IN, organization=IN, release_due_at=NOW + 30 * DAY + HOUR
        ),
    )


@pytest.mark.rule("TRF-09", "BEY-04", "TRF-10")
def test_the_days_scale_with_the_period_and_the_first_reminder_comes_after_72_hours_at_the_latest() -> None:
    longer = opened(terms=(Term(side=Side.IN, hours=20 * 24),))
    assert next_look(longer.state) == NOW + 3 * DAY
    due_at = NOW + 20 * DAY
    late = BECAME_LATE.model_copy(update={"due_at": due_at})
    first = reminds(reminds(longer, NOW + 3 * DAY).then(reminded(1, IN, due_at)), LATE).then(late)
    assert next_look(first.state) == NOW + 14 * DAY
    second = reminds(first, NOW + 14 * DAY).then(reminded(2, IN, due_at))
    third = reminds(second, NOW + 16 * DAY).then(reminded(3, IN, due_at, superior=True))
    reminds(third, NOW + 18 * DAY).then(reminded(4, IN, due_at))
    shorter = opened(terms=(Term(side=Side.IN, hours=5 * 24),))
    assert next_look(shorter.state) == NOW + 36 * HOUR
    due_at = NOW + 5 * DAY
    reminds(shorter, NOW + 4 * DAY).then(reminded(2, IN, due_at), reminded(3, IN, due_at, superior=True))


@pytest.mark.rule("TRF-10", "OPS-05")
def test_more_than_five_working_days_are_late_and_it_is_said_once_whoever_says_it() -> None:
    reminds(opened(), LATE - MOMENT).then(reminded(2))
    late = reminds(opened(), LATE).then(reminded(2), BECAME_LATE)
    agreed = TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN)
    moved = TransferApproved(person=PERSON, from_branch=OUT, branch=IN, move_due_at=LATE + HOUR)
    approves(late, IN, LATE).then(agreed.model_copy(update={"late": True}), moved)
    approves(opened(), IN, LATE).then(BECAME_LATE, agreed.model_copy(update={"late": True}), moved)
    approves(opened(), IN, LATE - MOMENT).then(agreed, moved.model_copy(update={"move_due_at": LATE - MOMENT + HOUR}))
    command = RefuseTransfer(organization=IN, ground="not_of_this_unit")
    refused = TransferRefused(
        person=PERSON,
        since=NOW,
        late=True,
        side=Side.IN,
        organization=IN,
        ground="not_of_this_unit",
        release_due_at=LATE + HOUR,
    )
    opened().when(lambda state: refuse_transfer(command, state, LATE)).then(BECAME_LATE, refused)


@pytest.mark.rule("TRF-04", "TRF-10")
def test_a_branch_that_is_not_assigned_is_reminded_of_for_ever_and_the_superior_with_it() -> None:
    happened = unassigned()
    for day, number, superior in ((3, 1, False), (7, 2, False)):
        happened = reminds(happened, NOW + day * DAY).then(reminded(number, COMMITTEE, None, superior=superior))
    late = TransferBecameLate(person=PERSON, since=NOW, side=Side.IN, organization=COMMITTEE)
    told = reminded(3, COMMITTEE, None, superior=True)
    happened = reminds(happened, NOW + 8 * DAY).then(told, late)
    happened = reminds(happened, NOW + 9 * DAY).then(reminded(4, COMMITTEE, None))
    for week in (1, 2, 3):
        at = NOW + (10 + 7 * week) * DAY
        reminds(happened, at - MOMENT).then_nothing()
        happened = reminds(happened, at).then(reminded(4 + week, COMMITTEE, None, superior=True))
        assert next_look(happened.state) == at + 7 * DAY
    missed = reminds(unassigned(), NOW + 100 * DAY).then(
        reminded(4, COMMITTEE, None), reminded(16, COMMITTEE, None, superior=True), late
    )
    assert next_look(missed.state) == NOW + 101 * DAY
    times_out(missed, NOW + 1000 * DAY).then_nothing()
    command = AssignDestination(branch=CLASS, above=(CLASS, COMMITTEE))
    at = NOW + 100 * DAY
    moved = TransferApproved(person=PERSON, from_branch=OUT, branch=CLASS, move_due_at=at + HOUR)
    done = missed.when(lambda state: assign_destination(command, state, at, ENTERED))
    done.then(
        DestinationAssigned(
            person=PERSON, organization=COMMITTEE, since=NOW, late=True, branch=CLASS, above=(CLASS, COMMITTEE)
        ),
        moved,
    )


@pytest.mark.rule("TRF-09")
def test_each_step_keeps_the_term_that_its_province_had_when_the_transfer_was_started() -> None:
    terms = (Term(side=Side.OUT, hours=5 * 24), Term(side=Side.IN, hours=20 * 24))
    happened = opened(Side.MEMBER, terms=terms)
    over = TransferTimedOut(
        person=PERSON, since=NOW, side=Side.OUT, organization=OUT, release_due_at=NOW + 5 * DAY + HOUR
    )
    times_out(happened, NOW + 5 * DAY - MOMENT).then_nothing()
    times_out(happened, NOW + 5 * DAY).then(over)
    agreed = TransferStepApproved(
        person=PERSON,
        since=NOW,
        side=Side.OUT,
        organization=OUT,
        next_organization=IN,
        due_at=NOW + 21 * DAY,
        late_at=LATE + DAY,
        by_weekdays=False,
    )
    approves(happened, OUT, NOW + DAY).then(agreed)


@pytest.mark.rule("TRF-09")
def test_where_a_province_takes_silence_for_a_yes_the_step_is_approved_at_its_end_and_not_before() -> None:
    terms = (Term(side=Side.OUT, hours=15 * 24, automatic=True), Term(side=Side.IN))
    happened, end = opened(Side.MEMBER, terms=terms), NOW + 15 * DAY
    times_out(happened, end - MOMENT).then_nothing()
    late = TransferBecameLate(person=PERSON, since=NOW, due_at=end, side=Side.OUT, organization=OUT)
    next_late = datetime(2026, 12, 22, 16, tzinfo=UTC)
    yes = TransferStepApproved(
        person=PERSON,
        since=NOW,
        late=True,
        side=Side.OUT,
        organization=OUT,
        automatic=True,
        next_organization=IN,
        due_at=end + 10 * DAY,
        late_at=next_late,
    )
    second = times_out(happened, end).then(late, yes)
    approves(happened, OUT, end).refused(TransferOver)
    times_out(second, end).then_nothing()
    in_late = TransferBecameLate(person=PERSON, since=end, due_at=end + 10 * DAY, side=Side.IN, organization=IN)
    returned = TransferTimedOut(
        person=PERSON, since=end, late=True, side=Side.IN, organization=IN, release_due_at=end + 10 * DAY + HOUR
    )
    times_out(second, end + 10 * DAY).then(in_late, returned)


@pytest.mark.rule("TRF-09", "TRF-06")
def test_silence_of_a_committee_is_a_yes_and_it_still_has_to_assign() -> None:
    happened = opened(to=COMMITTEE, terms=(Term(side=Side.IN, hours=15 * 24, automatic=True),))
    at = NOW + 15 * DAY
    late = TransferBecameLate(person=PERSON, since=NOW, due_at=at, side=Side.IN, organization=COMMITTEE)
    yes = TransferStepApproved(
        person=PERSON,
        since=NOW,
        late=True,
        side=Side.IN,
        organization=COMMITTEE,
        automatic=True,
        next_organization=COMMITTEE,
        unassigned_from=at,
        late_at=datetime(2026, 12, 22, 16, tzinfo=UTC),
    )
    times_out(happened, at).then(late, yes)


@pytest.mark.rule("TRF-10")
def test_of_a_transfer_begun_before_there_were_reminders_each_step_is_reminded_of_all_the_same() -> None:
    asked = TransferRequested(
        person=PERSON, from_branch=OUT, to=COMMITTEE, assigns=True, started_by=Side.OUT, reason="x", hold_due_at=NOW
    )
    before = given(TRANSFER, asked, TransferOpened(due_at=NOW + 10 * DAY))
    assert next_look(before.state) == NOW + 3 * DAY
    since_nobody_knows = given(
        TRANSFER,
        asked,
        TransferOpened(due_at=NOW + 10 * DAY),
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=COMMITTEE),
    )
    assert next_look(since_nobody_knows.state) is None
    reminds(since_nobody_knows, NOW + 50 * DAY).then_nothing()


@pytest.mark.rule("OPS-05", "TRF-10")
def test_the_first_days_of_october_are_no_working_days_and_nobody_is_late_by_them() -> None:
    holidays = tuple(date(2026, 10, day) for day in range(1, 8))
    calendar = Calendar({2026: WorkingDaysEntered(year=2026, off=holidays, on=(date(2026, 10, 10),))})
    before = datetime(2026, 9, 30, 2, tzinfo=UTC)  # a Wednesday
    asked = TransferRequested(
        person=PERSON, from_branch=OUT, to=IN, assigns=False, started_by=Side.OUT, reason="x", hold_due_at=before
    )
    for given_calendar, late_at, by_weekdays in (
        (calendar, datetime(2026, 10, 13, 16, tzinfo=UTC), False),
        (Calendar(), datetime(2026, 10, 7, 16, tzinfo=UTC), True),
    ):
        decided = given(TRANSFER, asked).when(
            lambda state, calendar=given_calendar: open_transfer(OpenTransfer(), state, before, calendar)
        )
        due_at = before + 10 * DAY
        decided.then(TransferOpened(**FIRST_IN, due_at=due_at, late_at=late_at, by_weekdays=by_weekdays))
