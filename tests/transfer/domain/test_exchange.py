"""What is said about one transfer between two systems, and how it ends: facts, command, facts (TRF-17, BEY-08)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain import exchange as domain
from services.transfer.domain import outside_systems
from services.transfer.domain.events_of_exchange import (
    AnswerAwaited,
    DailyWorkFailed,
    DecisionDue,
    DecisionTaken,
    DirectoryTaken,
    EntryReminded,
    ExchangeClosed,
    FindingNoted,
    MessageNotSent,
    MessageSent,
    NewcomerEntered,
    OfferMatched,
    OfferPrepared,
    OfferReceived,
    OutcomeDue,
    OutcomeTaken,
    ReconciliationMade,
    ReturnFailed,
)
from services.transfer.domain.exchange_states import EXCHANGE
from services.transfer.domain.outside_systems import AGREEMENT
from services.transfer.domain.refusals_of_exchange import OfferOver
from shared.testing.scenario import Decided, History, given

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNTIL = NOW + 10 * DAY
OURS = OfferPrepared(
    transfer="t-1", system="beijing", organization="o-1", organization_name="x", decide_until=UNTIL, look_at=NOW
)
ABOUT = {"system": "beijing", "reference": "r-1", "organization": "branch", "from_name": "x", "reason": "further_study"}
THEIRS = OfferReceived(**ABOUT, decide_until=UNTIL, look_at=NOW + DAY)
SENT = MessageSent(what="offer", look_at=NOW)
YES = DecisionDue(decision="accepted", look_at=NOW)
NEWCOMER = DecisionDue(decision="accepted", newcomer=True, look_at=NOW)
MATCHED = OfferMatched(transfer="t-2", person="person-1")
LEFT = OutcomeTaken(outcome="completed", look_at=NOW)

Happened = History[Any, Any]


def so_far(*events: Any) -> Happened:
    return given(EXCHANGE, *events)


def decides(of: Happened, decision: str, now: datetime = NOW) -> Decided[Any, Any]:
    """Theirs, of an offer of ours."""
    return of.when(lambda state: domain.take_decision(decision, "", state, now, polled=False))


def ends(of: Happened, outcome: Any) -> Decided[Any, Any]:
    """How it ended over there, of an offer of theirs."""
    return of.when(lambda state: domain.take_outcome(outcome, state, NOW))


def looks(of: Happened) -> Decided[Any, Any]:
    return of.when(lambda state: domain.look_again(state, NOW))


@pytest.mark.rule("TRF-17", "BEY-08")
def test_the_first_decision_stands_and_another_or_a_late_one_is_for_people_once() -> None:
    taken = decides(so_far(OURS, SENT), "accepted").then_one(DecisionTaken, decision="accepted")
    decides(taken, "accepted").then_nothing()
    noted = decides(taken, "refused").then(FindingNoted(finding="other_decision"))
    decides(noted, "refused").then_nothing()
    over = so_far(OURS, SENT, OutcomeDue(outcome="timed_out", look_at=NOW))
    late = decides(over, "accepted").then(FindingNoted(finding="late_decision"))
    decides(late, "accepted").then_nothing()
    for other in (so_far(), so_far(THEIRS)):
        decides(other, "accepted").then_nothing()


@pytest.mark.rule("TRF-17", "BEY-08")
def test_they_are_told_how_ours_ended_once_unless_they_refused_it_themselves() -> None:
    def end(of: Happened, outcome: Any) -> Decided[Any, Any]:
        return of.when(lambda state: domain.end_offer(outcome, state, NOW))

    due = end(so_far(OURS, SENT), "withdrawn").then(OutcomeDue(outcome="withdrawn", look_at=NOW))
    end(due, "withdrawn").then_nothing()
    end(so_far(OURS, SENT), None).then(ExchangeClosed())
    agreed = decides(so_far(OURS, SENT), "accepted").then_one(DecisionTaken)
    end(agreed, "completed").then(OutcomeDue(outcome="completed", look_at=NOW))
    end(agreed, "failed").then(FindingNoted(finding="late_decision"), OutcomeDue(outcome="failed", look_at=NOW))


@pytest.mark.rule("TRF-17", "BEY-08")
def test_an_offer_is_taken_in_once_and_decided_until_its_time() -> None:
    command = domain.ReceiveOffer(**ABOUT, decide_until=UNTIL)
    received = so_far().when(lambda state: domain.receive_offer(command, state, NOW)).then(THEIRS)
    received.when(lambda state: domain.receive_offer(command, state, NOW)).then_nothing()

    def decide(of: Happened, decision: str, now: datetime = NOW) -> Decided[Any, Any]:
        return of.when(lambda state: domain.answer_offer(decision, "", state, now))

    agreed = decide(received, "accepted", UNTIL - MINUTE).then_one(DecisionDue, decision="accepted", newcomer=False)
    decide(agreed, "accepted").then_nothing()
    decide(agreed, "refused").refused(OfferOver)
    decide(received, "accepted", UNTIL).refused(OfferOver)
    decide(so_far(THEIRS, MATCHED), "refused").refused(OfferOver)
    assert domain.standing_of(received.state, UNTIL - MINUTE) == ("received", "")
    assert domain.standing_of(received.state, UNTIL) == ("timed_out", "")
    assert domain.standing_of(agreed.state, UNTIL) == ("accepted", "")


@pytest.mark.rule("TRF-17", "TRF-22", "BEY-08")
def test_only_what_we_agreed_to_is_completed_and_the_first_end_stands() -> None:
    noted = ends(so_far(THEIRS), "completed").then(FindingNoted(finding="outcome_without_acceptance"))
    ends(noted, "completed").then_nothing()
    ends(so_far(THEIRS), "withdrawn").then_one(OutcomeTaken, outcome="withdrawn", look_at=NOW)
    over = ends(so_far(THEIRS, YES), "completed").then_one(OutcomeTaken, outcome="completed", look_at=NOW)
    ends(over, "completed").then_nothing()
    ends(over, "withdrawn").then(FindingNoted(finding="other_outcome"))
    ends(so_far(THEIRS, NEWCOMER), "completed").then_one(OutcomeTaken, look_at=NOW + DAY)


@pytest.mark.rule("TRF-17", "TRF-22")
def test_who_left_over_there_is_waited_for_until_they_are_here() -> None:
    def enters(of: Happened, person: str = "person-1") -> Decided[Any, Any]:
        return of.when(lambda state: domain.note_entry(person, state))

    def returns(of: Happened, *, arrived: bool) -> Decided[Any, Any]:
        return of.when(lambda state: domain.end_return("t-2", state, NOW, arrived=arrived))

    left = so_far(THEIRS, NEWCOMER, LEFT)
    looks(left).then(EntryReminded(look_at=NOW + DAY))
    here = enters(left).then(NewcomerEntered(person="person-1"), ExchangeClosed())
    enters(here).then_nothing()
    looks(here).then_nothing()
    enters(here, "person-2").refused(OfferOver)
    enters(so_far(THEIRS, NEWCOMER)).refused(OfferOver)
    moving = so_far(THEIRS, MATCHED, YES, LEFT)
    returns(moving, arrived=True).then(ExchangeClosed())
    lost = returns(moving, arrived=False).then(ReturnFailed(transfer="t-2", look_at=NOW + DAY))
    looks(lost).then(EntryReminded(look_at=NOW + DAY))
    lost.when(lambda state: domain.match_offer("t-3", "person-1", state, UNTIL)).then_one(OfferMatched, transfer="t-3")
    returns(so_far(THEIRS, MATCHED, YES), arrived=False).then_nothing()


@pytest.mark.rule("TRF-17", "BEY-08")
def test_what_has_to_be_said_is_tried_again_later_and_later_and_said_once() -> None:
    of = so_far(OURS)
    for attempt, later in enumerate((1, 2, 4, 8, 16, 32, 60, 60), start=1):
        failed = of.when(lambda state: domain.not_sent("offer", "slow", state, NOW))
        of = failed.then(MessageNotSent(what="offer", attempt=attempt, cause="slow", look_at=NOW + later * MINUTE))
    wrong = of.when(lambda state: domain.not_sent("offer", "wrong_receipt", state, NOW))
    wrong.then(
        FindingNoted(finding="wrong_receipt"),
        MessageNotSent(what="offer", attempt=9, cause="wrong_receipt", look_at=NOW + HOUR),
    )
    of.when(lambda state: domain.not_sent("outcome", "slow", state, NOW)).then_nothing()
    told = of.when(lambda state: domain.sent("offer", state, NOW))
    waits = told.then(MessageSent(what="offer", look_at=NOW + 6 * HOUR))
    waits.when(lambda state: domain.sent("offer", state, NOW)).then_nothing()
    looks(waits).then(AnswerAwaited(look_at=NOW + 6 * HOUR))
    no = so_far(THEIRS, DecisionDue(decision="refused", look_at=NOW))
    said = no.when(lambda state: domain.sent("decision", state, NOW))
    said.then(MessageSent(what="decision", look_at=NOW + 6 * HOUR), ExchangeClosed())


@pytest.mark.rule("BEY-08")
def test_directory_and_reconciliation_are_made_every_day_and_a_failure_is_tried_again() -> None:
    agreement, today = given(AGREEMENT), date(2026, 11, 30)
    agreement.when(lambda _: outside_systems.directory_taken("v", 2, NOW)).then(
        DirectoryTaken(version="v", changed=2, look_at=NOW + DAY)
    )
    once = agreement.when(lambda state: outside_systems.reconciliation_made(today, 3, 1, 0, state)).then(
        ReconciliationMade(day=today, people=3, both=1, neither=0)
    )
    once.when(lambda state: outside_systems.reconciliation_made(today, 3, 1, 0, state)).then_nothing()
    for attempt, later in ((1, 1), (2, 2), (3, 4)):
        failed = agreement.when(lambda state: outside_systems.daily_work_failed("slow", state, NOW))
        agreement = failed.then(DailyWorkFailed(attempt=attempt, cause="slow", look_at=NOW + later * MINUTE))
