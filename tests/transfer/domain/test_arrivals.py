"""What the new branch does for who came, once each and on days that have come (TRF-20, TRF-21, TRF-26)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.transfer.domain.arrivals import (
    NOTES_MAX,
    ContactMember,
    NoteHandOver,
    RecordCheckIn,
    SettleWork,
    VerifyEmployment,
    contact_member,
    note_hand_over,
    record_check_in,
    settle_work,
    verify_employment,
)
from services.transfer.domain.deciding import (
    ApproveTransfer,
    AssignDestination,
    CompleteTransfer,
    approve_transfer,
    assign_destination,
    complete_transfer,
)
from services.transfer.domain.events import (
    DestinationAssigned,
    Side,
    TransferApproved,
    TransferCompleted,
    TransferEvent,
    TransferStepApproved,
)
from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    HandOverNoted,
    MemberContacted,
    WorkSettled,
)
from services.transfer.domain.refusals import TransferOver, TransferStepOver
from services.transfer.domain.refusals_of_arrivals import (
    CheckInInTheFuture,
    NotArrived,
    NothingToVerify,
    PaperInTheFuture,
    SettledInTheFuture,
    SettledTooOften,
)
from services.transfer.domain.transfer import Transfer
from shared.testing.scenario import Decided
from tests.transfer.domain.histories import (
    COMMITTEE,
    ENTERED,
    IN,
    NOW,
    OUT,
    PERSON,
    Happened,
    approves,
    moving,
    opened,
    unassigned,
)

EVENING = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
"""After midnight in Shanghai."""
TODAY, TOMORROW = date(2026, 12, 2), date(2026, 12, 3)
FOUND = VerifyEmployment(organization=IN, finding="no_work_yet")

Decides = Callable[[date, Transfer], list[TransferEvent]]


def notes(day: date, state: Transfer) -> list[TransferEvent]:
    return note_hand_over(NoteHandOver(organization=OUT, letter="介字1号", issued_on=day), state, EVENING)


def checks_in(day: date, state: Transfer) -> list[TransferEvent]:
    return record_check_in(RecordCheckIn(checked_in_on=day), state, EVENING)


def settles(day: date, state: Transfer) -> list[TransferEvent]:
    return settle_work(SettleWork(settled_on=day), state, EVENING)


def contacts(state: Transfer) -> list[TransferEvent]:
    return contact_member(ContactMember(), state)


def came(happened: Happened | None = None) -> Happened:
    decided = (happened or moving()).when(lambda state: complete_transfer(CompleteTransfer(), state, "floating"))
    return decided.then_one(TransferCompleted, branch=IN)


def verified(happened: Happened, organization: str = IN) -> Decided[Any, TransferEvent]:
    command = FOUND.model_copy(update={"organization": organization})
    return happened.when(lambda state: verify_employment(command, state, NOW))


@pytest.mark.rule("TRF-20", "TRF-21", "TRF-26")
@pytest.mark.parametrize(
    ("decides", "fact", "field", "refusal"),
    [
        (notes, HandOverNoted, "issued_on", PaperInTheFuture),
        (checks_in, CheckInRecorded, "checked_in_on", CheckInInTheFuture),
        (settles, WorkSettled, "settled_on", SettledInTheFuture),
    ],
)
def test_the_day_that_is_said_is_kept_and_is_today_in_shanghai_at_the_latest(
    decides: Decides, fact: type, field: str, refusal: Any
) -> None:
    came().when(lambda state: decides(TOMORROW, state)).refused(refusal, today=TODAY.isoformat())
    for day in (TODAY, date(2026, 9, 1)):
        came().when(lambda state, day=day: decides(day, state)).then_one(fact, **{field: day})


@pytest.mark.rule("TRF-21")
def test_each_duty_is_done_once_by_the_branch_that_the_member_came_to() -> None:
    contacted = came().when(contacts).then(MemberContacted(organization=IN))
    contacted.when(contacts).then_nothing()
    in_person = contacted.when(lambda state: checks_in(TODAY, state))
    both = in_person.then(CheckInRecorded(organization=IN, checked_in_on=TODAY))
    both.when(lambda state: checks_in(date(2026, 9, 1), state)).then_nothing()
    both.when(contacts).then_nothing()


@pytest.mark.rule("TRF-20", "TRF-21")
@pytest.mark.parametrize("begun", [opened, unassigned, moving])
def test_nobody_has_arrived_while_a_transfer_is_under_way(begun: Callable[[], Happened]) -> None:
    for decides in (contacts, lambda state: checks_in(TODAY, state), lambda state: settles(TODAY, state)):
        begun().when(decides).refused(NotArrived)


@pytest.mark.rule("TRF-20")
def test_who_came_without_it_is_verified_once_and_by_their_branch_alone() -> None:
    verified(came(), OUT).refused(TransferOver)
    afterwards = verified(came()).then(EmploymentVerified(organization=IN, finding="no_work_yet"))
    verified(afterwards).refused(NothingToVerify)
    settled = came().when(lambda state: settles(TODAY, state)).then_one(WorkSettled, organization=IN)
    verified(settled).refused(NothingToVerify)


@pytest.mark.rule("TRF-20")
def test_a_day_that_is_said_again_is_nothing_and_another_one_corrects_it() -> None:
    settled = came().when(lambda state: settles(TODAY, state)).then(WorkSettled(organization=IN, settled_on=TODAY))
    settled.when(lambda state: settles(TODAY, state)).then_nothing()
    earlier = date(2026, 11, 20)
    corrected = settled.when(lambda state: settles(earlier, state)).then_one(WorkSettled, settled_on=earlier)
    corrected.when(lambda state: settles(TODAY, state)).then_one(WorkSettled, settled_on=TODAY)


@pytest.mark.rule("TRF-20")
def test_a_floating_branch_lets_somebody_go_without_a_look_into_their_work() -> None:
    command = ApproveTransfer(organization=OUT, floating=True)
    decided = opened(Side.MEMBER).when(lambda state: approve_transfer(command, state, NOW, ENTERED))
    decided.then_one(TransferStepApproved, organization=OUT, next_organization=IN)


@pytest.mark.rule("TRF-20")
def test_who_may_choose_a_branch_verifies_and_nobody_else_does() -> None:
    verified(unassigned(), OUT).refused(TransferStepOver)
    found = verified(unassigned(), COMMITTEE).then_one(EmploymentVerified, organization=COMMITTEE)
    chosen = AssignDestination(branch=IN, above=(IN, COMMITTEE), floating=True)
    moves = found.when(lambda state: assign_destination(chosen, state, NOW, ENTERED))
    verified(came(moves.then(*moves._events))).refused(NothingToVerify)


@pytest.mark.rule("TRF-20")
def test_a_branch_that_is_not_floating_is_chosen_without_it() -> None:
    chosen = AssignDestination(branch=IN, above=(IN, COMMITTEE))
    moves = unassigned().when(lambda state: assign_destination(chosen, state, NOW, ENTERED))
    assert [type(each) for each in moves._events] == [DestinationAssigned, TransferApproved]


@pytest.mark.rule("TRF-20")
def test_what_was_found_in_the_step_before_holds_for_the_choice_and_after_it() -> None:
    found = verified(opened(to=COMMITTEE), COMMITTEE).then_one(EmploymentVerified)
    agreed = approves(found, COMMITTEE, NOW)
    chosen = AssignDestination(branch=IN, above=(IN, COMMITTEE), floating=True)
    moves = agreed.then(*agreed._events).when(lambda state: assign_destination(chosen, state, NOW, ENTERED))
    verified(came(moves.then(*moves._events))).refused(NothingToVerify)


@pytest.mark.rule("TRF-20")
def test_the_day_on_which_work_was_settled_is_said_twenty_times_at_most() -> None:
    happened = came()
    for number in range(NOTES_MAX):
        day = date(2026, 10, number + 1)
        happened = happened.when(lambda state, day=day: settles(day, state)).then_one(WorkSettled, settled_on=day)
    happened.when(lambda state: settles(TODAY, state)).refused(SettledTooOften, most=20)


@pytest.mark.rule("GRD-06")
def test_one_that_is_complete_says_why_they_left_and_what_kind_of_place_they_came_to() -> None:
    decided = moving().when(lambda state: complete_transfer(CompleteTransfer(), state, "floating"))
    where = {"person": PERSON, "from_branch": OUT, "branch": IN}
    over = TransferCompleted(**where, reason="change_of_school", destination="floating")
    decided.then(over).when(lambda state: complete_transfer(CompleteTransfer(), state, "floating")).then_nothing()
