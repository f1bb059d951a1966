"""Delays explained, objections, refused transfers that are coordinated: facts, command, facts (TRF-10 to TRF-12)."""

from datetime import datetime
from typing import Any

import pytest

from services.transfer.domain.deciding import (
    CloseTransfer,
    OpenTransfer,
    RefuseTransfer,
    WithdrawTransfer,
    close_transfer,
    open_transfer,
    refuse_transfer,
    withdraw_transfer,
)
from services.transfer.domain.disputes import (
    AnswerCoordination,
    DecideObjection,
    ExplainDelay,
    HandOnCoordination,
    ObjectToTransfer,
    RequestCoordination,
    answer_coordination,
    decide_objection,
    explain_delay,
    hand_on_coordination,
    object_to_transfer,
    request_coordination,
)
from services.transfer.domain.events import (
    Side,
    Term,
    TransferApproved,
    TransferBecameLate,
    TransferClosed,
    TransferDelayExplained,
    TransferEvent,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.domain.passing_time import RemindCoordination, remind_coordination
from services.transfer.domain.refusals import LastApprovalGiven, TransferOver
from services.transfer.domain.refusals_of_disputes import (
    CoordinationAlreadyAnswered,
    NoApprovalToStop,
    NoCoordination,
    NoObjection,
    NothingWaits,
    NotRefused,
    ObjectionDismissed,
    ObjectionUndecided,
    OwnTransfer,
)
from services.transfer.domain.transfer import TRANSFER
from shared.testing.scenario import Decided, given
from tests.transfer.domain.histories import (
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
    Happened,
    approves,
    moving,
    opened,
    times_out,
    unassigned,
)

OBJECTED = TransferObjected(objection="not_asked")


def explains(
    happened: Happened, organization: str, why: str = "needs_meeting", now: datetime = NOW
) -> Decided[Any, Any]:
    command = ExplainDelay(organization=organization, explanation=why)
    return happened.when(lambda state: explain_delay(command, state, now))


def objects(happened: Happened, now: datetime = NOW, *, withdraws: bool = False) -> Decided[Any, TransferEvent]:
    command = ObjectToTransfer(objection="not_asked", withdraws=withdraws)
    return happened.when(lambda state: object_to_transfer(command, state, now))


def decides(happened: Happened, now: datetime = NOW, *, upheld: bool) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: decide_objection(DecideObjection(upheld=upheld), state, now))


def withdrawn(now: datetime = NOW) -> TransferWithdrawn:
    return TransferWithdrawn(person=PERSON, objected=True, release_due_at=now + HOUR)


def refused() -> Happened:
    command = RefuseTransfer(organization=IN, ground="not_of_this_unit")
    by = {"side": Side.IN, "organization": IN, "ground": "not_of_this_unit"}
    no = TransferRefused(person=PERSON, since=NOW, **by, release_due_at=NOW + HOUR)
    return opened().when(lambda state: refuse_transfer(command, state, NOW)).then(no)


def asks_for_coordination(happened: Happened) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: request_coordination(RequestCoordination(organization=OUT), state, NOW))


def reminds(happened: Happened, now: datetime) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: remind_coordination(RemindCoordination(), state, now))


def answers(happened: Happened, answer: str = "start_again") -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: answer_coordination(AnswerCoordination(answer=answer), state))


@pytest.mark.rule("TRF-10")
def test_who_cannot_decide_yet_says_why_and_the_deadline_goes_on() -> None:
    said = TransferDelayExplained(
        person=PERSON, due_at=NOW + 10 * DAY, side=Side.IN, organization=IN, explanation="needs_meeting"
    )
    happened = explains(opened(), IN).then(said)
    explains(happened, IN).then_nothing()
    other = explains(happened, IN, "asking_member").then(said.model_copy(update={"explanation": "asking_member"}))
    explains(other, OUT).refused(NothingWaits)
    explains(other, IN, now=NOW + 10 * DAY).refused(NothingWaits)
    over = TransferTimedOut(
        person=PERSON, since=NOW, late=True, side=Side.IN, organization=IN, release_due_at=NOW + 10 * DAY + HOUR
    )
    late = TransferBecameLate(person=PERSON, since=NOW, due_at=NOW + 10 * DAY, side=Side.IN, organization=IN)
    explains(times_out(other, NOW + 10 * DAY).then(late, over), IN).refused(NothingWaits)
    waiting = TransferDelayExplained(person=PERSON, side=Side.IN, organization=COMMITTEE, explanation="needs_meeting")
    explains(unassigned(), COMMITTEE, now=NOW + 90 * DAY).then(waiting)


@pytest.mark.rule("TRF-11")
def test_a_member_objects_once_to_what_others_started_and_until_then_nobody_approves() -> None:
    happened = objects(opened()).then(OBJECTED)
    objects(happened).then_nothing()
    approves(happened, IN, NOW).refused(ObjectionUndecided)
    decides(happened, upheld=True).then(withdrawn())
    dismissed = decides(happened, upheld=False).then(TransferObjectionDismissed())
    decides(dismissed, upheld=True).refused(NoObjection)
    objects(dismissed).refused(ObjectionDismissed)
    moved = TransferApproved(person=PERSON, from_branch=OUT, branch=IN, move_due_at=NOW + HOUR)
    approves(dismissed, IN, NOW).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN), moved
    )


@pytest.mark.rule("TRF-11", "TRF-12")
def test_while_the_member_objects_it_is_still_refused_withdrawn_and_returned_in_its_time() -> None:
    happened = objects(opened()).then(OBJECTED)
    command = RefuseTransfer(organization=IN, ground="not_of_this_unit")
    by = {"side": Side.IN, "organization": IN, "ground": "not_of_this_unit"}
    no = TransferRefused(person=PERSON, since=NOW, **by, release_due_at=NOW + HOUR)
    happened.when(lambda state: refuse_transfer(command, state, NOW)).then(no)
    taken_back = TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR)
    happened.when(lambda state: withdraw_transfer(WithdrawTransfer(), state, NOW)).then(taken_back)
    end = NOW + 10 * DAY
    late = TransferBecameLate(person=PERSON, since=NOW, due_at=end, side=Side.IN, organization=IN)
    over = TransferTimedOut(
        person=PERSON, since=NOW, late=True, side=Side.IN, organization=IN, release_due_at=end + HOUR
    )
    times_out(happened, end).then(late, over)
    objects(happened, end).refused(TransferOver)
    decides(happened, end, upheld=True).refused(TransferOver)


@pytest.mark.rule("TRF-11", "TRF-09")
def test_silence_is_no_yes_while_nobody_decided_about_an_objection() -> None:
    terms = (Term(side=Side.IN, hours=15 * 24, automatic=True),)
    end = NOW + 15 * DAY
    late = TransferBecameLate(person=PERSON, since=NOW, due_at=end, side=Side.IN, organization=IN)
    happened = objects(opened(terms=terms)).then(OBJECTED)
    times_out(happened, end).then(
        late,
        TransferTimedOut(person=PERSON, since=NOW, late=True, side=Side.IN, organization=IN, release_due_at=end + HOUR),
    )
    dismissed = decides(happened, upheld=False).then(TransferObjectionDismissed())
    moved = TransferApproved(person=PERSON, from_branch=OUT, branch=IN, move_due_at=end + HOUR)
    yes = TransferStepApproved(person=PERSON, since=NOW, late=True, side=Side.IN, organization=IN, automatic=True)
    times_out(dismissed, end).then(late, yes, moved)


@pytest.mark.rule("TRF-11")
def test_an_objection_made_before_member_held_the_person_stays() -> None:
    asked = TransferRequested(
        person=PERSON, from_branch=OUT, to=IN, assigns=False, started_by=Side.OUT, reason="x", hold_due_at=NOW + HOUR
    )
    early = objects(given(TRANSFER, asked)).then(OBJECTED)
    held = early.when(lambda state: open_transfer(OpenTransfer(), state, NOW, ENTERED))
    approves(
        held.then(TransferOpened(person=PERSON, side=Side.IN, organization=IN, due_at=NOW + 10 * DAY, late_at=LATE)),
        IN,
        NOW,
    ).refused(ObjectionUndecided)


@pytest.mark.rule("TRF-11")
def test_nobody_objects_to_the_own_transfer_nor_after_the_last_approval() -> None:
    objects(opened(Side.MEMBER)).refused(OwnTransfer)
    for happened in (moving(), unassigned()):
        objects(happened).refused(LastApprovalGiven)
        decides(happened, upheld=True).refused(LastApprovalGiven)
    objects(refused()).refused(TransferOver)
    decides(opened(), upheld=False).refused(NoObjection)


@pytest.mark.rule("TRF-08", "TRF-11")
def test_nobody_objects_to_what_needs_no_approval_not_even_before_member_held_the_person() -> None:
    """Else the objection would stay open for ever: the hold is what approves it. By setting it is enough by itself."""
    about = {"person": PERSON, "from_branch": OUT, "to": IN, "assigns": False, "reason": "x", "hold_due_at": NOW + HOUR}
    batched = TransferRequested.model_validate(about | {"started_by": Side.ABOVE, "superior": COMMITTEE})
    objects(given(TRANSFER, batched)).refused(NoApprovalToStop)
    over = objects(given(TRANSFER, batched), withdraws=True).then(OBJECTED, withdrawn())
    over.when(lambda state: open_transfer(OpenTransfer(), state, NOW, ENTERED)).then_nothing()


@pytest.mark.rule("TRF-11")
def test_by_setting_an_objection_withdraws_it_at_once() -> None:
    over = objects(opened(), withdraws=True).then(OBJECTED, withdrawn())
    objects(over, withdraws=True).refused(TransferOver)


@pytest.mark.rule("TRF-12")
def test_a_refused_transfer_is_handed_over_once_and_answered_once_whatever_member_says_meanwhile() -> None:
    asked = CoordinationRequested(organization=OUT, due_at=NOW + 3 * DAY)
    happened = asks_for_coordination(refused()).then(asked)
    asks_for_coordination(happened).then_nothing()
    closed = happened.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    answered = answers(closed).then(CoordinationAnswered(organization=OUT, answer="start_again"))
    answers(answered, "refusal_stands").refused(CoordinationAlreadyAnswered)
    asks_for_coordination(answered).then_nothing()
    later = refused().when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    asks_for_coordination(later).then(asked)


@pytest.mark.rule("TRF-12", "P8")
def test_a_case_is_reminded_of_after_three_days_and_then_every_week_until_it_is_answered() -> None:
    first, who = NOW + 3 * DAY, {"person": PERSON, "organization": OUT}
    happened = asks_for_coordination(refused()).then(CoordinationRequested(organization=OUT, due_at=first))
    reminds(happened, first - MOMENT).then_nothing()
    again = reminds(happened, first).then(CoordinationReminded(**who, due_at=first + 7 * DAY))
    reminds(again, first).then_nothing()
    closed = again.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    away = first + 30 * DAY
    late = reminds(closed, away).then(CoordinationReminded(**who, due_at=away + 7 * DAY))
    done = answers(late).then(CoordinationAnswered(organization=OUT, answer="start_again"))
    reminds(done, away + 100 * DAY).then_nothing()


@pytest.mark.rule("TRF-12", "TRF-23", "P8")
def test_a_case_of_an_organization_that_is_there_no_more_is_answered_by_who_succeeds_it() -> None:
    def hands_on(happened: Happened, gone: str, to: str = COMMITTEE) -> Decided[Any, TransferEvent]:
        command = HandOnCoordination(gone=gone, organization=to)
        return happened.when(lambda state: hand_on_coordination(command, state, LATE))

    first = NOW + 3 * DAY
    happened = asks_for_coordination(refused()).then(CoordinationRequested(organization=OUT, due_at=first))
    hands_on(happened, IN).then_nothing()
    hands_on(refused(), OUT).then_nothing()
    handed = CoordinationHandedOn(person=PERSON, former=OUT, organization=COMMITTEE, due_at=LATE + 3 * DAY)
    on = hands_on(happened, OUT).then(handed)
    hands_on(on, OUT).then_nothing()
    reminds(on, first + 5 * DAY).then_nothing()
    closed = on.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    due = LATE + 3 * DAY
    late = reminds(closed, due).then(CoordinationReminded(person=PERSON, organization=COMMITTEE, due_at=due + 7 * DAY))
    done = answers(late).then(CoordinationAnswered(organization=COMMITTEE, answer="start_again"))
    hands_on(done, COMMITTEE, IN).then_nothing()


@pytest.mark.rule("TRF-12")
def test_nothing_but_a_refused_transfer_is_coordinated() -> None:
    ended = opened().when(lambda state: withdraw_transfer(WithdrawTransfer(), state, NOW))
    taken_back = ended.then(TransferWithdrawn(person=PERSON, release_due_at=NOW + HOUR))
    closed = taken_back.when(lambda state: close_transfer(CloseTransfer(), state)).then(TransferClosed())
    for happened in (opened(), moving(), taken_back, closed):
        asks_for_coordination(happened).refused(NotRefused)
        answers(happened).refused(NoCoordination)
    answers(refused()).refused(NoCoordination)
