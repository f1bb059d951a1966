"""GRD-03, GRD-04, GRD-06: a cohort is awaited, frozen once, withdrawn; who stays on is left out of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.transfer.domain import cohort as domain
from services.transfer.domain.cohort import (
    COHORT,
    LOOKED_AT_AFTER,
    LOOKED_AT_AGAIN_AFTER,
    PART,
    AwaitCohort,
    Cohort,
    Ends,
    FrozenCohort,
    MarkGraduate,
    WithdrawCohort,
)
from services.transfer.domain.events_of_cohorts import (
    CohortAwaited,
    CohortEvent,
    CohortFrozen,
    CohortWithdrawn,
    GraduateExcluded,
    GraduateIncluded,
)
from services.transfer.domain.policies import on_became_graduate_branch, on_graduation_exclusion
from services.transfer.published import publish
from shared.contracts.member import GraduationExclusionMarked, GraduationExclusionRemoved
from shared.contracts.org import BecameGraduateBranch

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ENDS = Ends(1, {"member.events.v1/0": 12})
AWAIT = AwaitCohort(branch="b", year=2026)


def after(*events: CohortEvent) -> Cohort:
    return COHORT.fold(events)


def awaited() -> list[CohortEvent]:
    return domain.await_cohort(AWAIT, after(), ENDS, NOW)


def frozen(*members: str) -> list[CohortEvent]:
    before = awaited()
    due = NOW + LOOKED_AT_AFTER
    return [*before, *domain.freeze_cohort(after(*before), set(members), ENDS, due, passed=True)]


@pytest.mark.rule("GRD-03")
def test_a_branch_that_becomes_a_graduate_branch_is_awaited_once_with_the_ends_noted_then() -> None:
    [event] = awaited()
    assert isinstance(event, CohortAwaited)
    assert (event.offsets, event.due_at) == (ENDS.offsets, NOW + LOOKED_AT_AFTER)
    assert domain.await_cohort(AWAIT, after(event), ENDS, NOW) == []
    assert domain.await_cohort(AWAIT, after(*frozen("p")), ENDS, NOW) == []


@pytest.mark.rule("GRD-03", "GRD-06")
def test_the_cohort_is_not_frozen_before_the_copy_has_passed_what_was_there_at_the_flip() -> None:
    due = NOW + LOOKED_AT_AFTER
    [again] = domain.freeze_cohort(after(*awaited()), {"p"}, ENDS, due, passed=False)
    assert isinstance(again, CohortAwaited)
    assert (again.due_at, again.offsets) == (due + LOOKED_AT_AGAIN_AFTER, ENDS.offsets)
    state = after(*awaited(), again)
    assert domain.freeze_cohort(state, {"p"}, ENDS, due, passed=True) == []
    [fact] = domain.freeze_cohort(state, {"p"}, ENDS, again.due_at, passed=True)
    assert isinstance(fact, CohortFrozen)


@pytest.mark.rule("GRD-06")
def test_a_frozen_cohort_is_never_frozen_again_whoever_comes_to_the_branch_later() -> None:
    events = frozen("q", "p")
    assert events[-1] == CohortFrozen(branch="b", year=2026, members=("p", "q"))
    assert domain.freeze_cohort(after(*events), {"p", "q", "r"}, ENDS, NOW + timedelta(days=1), passed=True) == []


@pytest.mark.rule("GRD-06", "GRD-03")
def test_a_large_cohort_is_frozen_in_parts_of_one_commit_and_an_empty_one_is_known_too() -> None:
    many = [f"p{n:05d}" for n in range(PART + 1)]
    parts = [len(event.members) for event in frozen(*many) if isinstance(event, CohortFrozen)]
    assert parts == [PART, 1]
    state = after(*frozen(*many))
    assert isinstance(state, FrozenCohort)
    assert list(state.members) == many
    withdrawn = domain.withdraw_cohort(WithdrawCohort(), state)
    assert [len(event.members) for event in withdrawn if isinstance(event, CohortWithdrawn)] == [PART, 1]
    assert frozen()[-1] == CohortFrozen(branch="b", year=2026, members=())


@pytest.mark.rule("GRD-03")
def test_a_month_corrected_to_a_later_year_withdraws_the_cohort_which_can_be_frozen_anew() -> None:
    events = frozen("p")
    withdrawn = domain.withdraw_cohort(WithdrawCohort(), after(*events))
    assert withdrawn == [CohortWithdrawn(branch="b", year=2026, members=("p",))]
    assert domain.withdraw_cohort(WithdrawCohort(), after(*events, *withdrawn)) == []
    before_it_was_frozen = domain.withdraw_cohort(WithdrawCohort(), after(*awaited()))
    assert publish(before_it_was_frozen[0], "cohort-1", 1) == []
    assert domain.await_cohort(AWAIT, after(*events, *withdrawn), ENDS, NOW) != []


@pytest.mark.rule("GRD-04")
def test_who_stays_on_is_left_out_before_and_after() -> None:
    mark, unmark = MarkGraduate(person="p", left_out=True), MarkGraduate(person="p", left_out=False)
    assert domain.mark_graduate(mark, after()) == []
    before = [*awaited(), *domain.mark_graduate(mark, after(*awaited()))]
    due = NOW + LOOKED_AT_AFTER
    assert domain.freeze_cohort(after(*before), {"p", "q"}, ENDS, due, passed=True) == [
        CohortFrozen(branch="b", year=2026, members=("q",))
    ]
    assert publish(before[-1], "cohort-1", 1) == []
    back_before = [*awaited(), *domain.mark_graduate(unmark, after(*awaited()))]
    assert domain.freeze_cohort(after(*back_before), {"q"}, ENDS, due, passed=True) == [
        CohortFrozen(branch="b", year=2026, members=("p", "q"))
    ]
    later = frozen("p", "q")
    [left] = domain.mark_graduate(mark, after(*later))
    assert left == GraduateExcluded(branch="b", year=2026, person="p", frozen=True)
    assert domain.mark_graduate(mark, after(*later, left)) == []
    [back] = domain.mark_graduate(unmark, after(*later, left))
    assert back == GraduateIncluded(branch="b", year=2026, person="p", frozen=True)
    assert domain.mark_graduate(unmark, after(*later)) == []


@pytest.mark.rule("GRD-04")
def test_whose_mark_is_taken_away_after_the_freeze_joins_the_cohort() -> None:
    events = frozen("q")
    [back] = domain.mark_graduate(MarkGraduate(person="p", left_out=False), after(*events))
    state = after(*events, back)
    assert isinstance(state, FrozenCohort)
    assert state.members == ("q", "p")


@pytest.mark.rule("GRD-04", "GRD-03")
def test_the_news_of_org_and_member_are_taken_as_they_are_said() -> None:
    whose = {"person": "p", "branch": "b", "year": 2026}
    marked, back = GraduationExclusionMarked(**whose, kind="teacher"), GraduationExclusionRemoved(**whose)
    assert on_graduation_exclusion(marked) == MarkGraduate(person="p", left_out=True)
    assert on_graduation_exclusion(back) == MarkGraduate(person="p", left_out=False)
    assert on_became_graduate_branch(BecameGraduateBranch(branch="b", year=2026, month=6)) == AWAIT


@pytest.mark.rule("GRD-04")
def test_of_several_marks_the_last_one_counts_before_the_freeze_and_after_it() -> None:
    mark, unmark = MarkGraduate(person="p", left_out=True), MarkGraduate(person="p", left_out=False)
    for marks, members in (((mark, unmark), ("p", "q")), ((unmark, mark), ("q",))):
        before, later = awaited(), frozen("p", "q")
        for each in marks:
            before = [*before, *domain.mark_graduate(each, after(*before))]
        [fact] = domain.freeze_cohort(after(*before), {"q"}, ENDS, NOW + LOOKED_AT_AFTER, passed=True)
        assert fact == CohortFrozen(branch="b", year=2026, members=members)
        for each in (mark, unmark, mark):
            told = domain.mark_graduate(each, after(*later))
            assert len(told) == 1
            later = [*later, *told]
