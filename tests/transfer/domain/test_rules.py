"""Periods of provinces and the calendar of working days: dated facts, with what is refused (TRF-09, OPS-05)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_rules import StepPeriodSet, TalentCentreSet, WorkingDaysEntered
from services.transfer.domain.periods import (
    PERIODS,
    TALENT_CENTRES,
    SetStepPeriod,
    SetTalentCentre,
    set_step_period,
    set_talent_centre,
    term_of,
)
from services.transfer.domain.refusals import (
    AutomaticOnlyAfterFifteenDays,
    DayBothWays,
    DayOutsideYear,
    PeriodOutOfBounds,
    PeriodStartsInThePast,
)
from services.transfer.domain.working_days import CALENDAR, EnterWorkingDays, enter_working_days, late_from
from shared.testing.scenario import Decided, History, given

TODAY, PROVINCE = date(2026, 11, 28), "organization-province"
DAY = timedelta(days=1)


def entry(days: int, effective_from: date, *, automatic: bool = False) -> StepPeriodSet:
    return StepPeriodSet(province=PROVINCE, days=days, automatic=automatic, effective_from=effective_from)


def sets(
    happened: History[Any, StepPeriodSet], days: int, effective_from: date = TODAY, *, automatic: bool = False
) -> Decided[Any, StepPeriodSet]:
    command = SetStepPeriod(province=PROVINCE, days=days, automatic=automatic, effective_from=effective_from)
    return happened.when(lambda state: set_step_period(command, state, TODAY))


@pytest.mark.rule("TRF-09")
def test_a_period_applies_from_its_day_on_and_the_one_set_last_for_a_day_counts() -> None:
    none: History[Any, StepPeriodSet] = given(PERIODS)
    assert term_of(Side.OUT, none.state, TODAY, 240) == Term(side=Side.OUT, hours=240)
    later = TODAY + 30 * DAY
    first = sets(none, 20, later).then(entry(20, later))
    second = sets(first, 7).then(entry(7, TODAY))
    third = sets(second, 15, later, automatic=True).then(entry(15, later, automatic=True))
    hours = {day: term_of(Side.IN, third.state, day, 240) for day in (TODAY - DAY, TODAY, later - DAY, later)}
    assert [(term.hours, term.automatic) for term in hours.values()] == [
        (240, False),
        (168, False),
        (168, False),
        (360, True),
    ]


@pytest.mark.rule("TRF-09")
def test_what_is_so_anyway_is_no_new_fact_and_what_is_not_is() -> None:
    once = sets(given(PERIODS), 7).then(entry(7, TODAY))
    sets(once, 7).then_nothing()
    back = sets(once, 10, TODAY).then(entry(10, TODAY))
    sets(back, 7).then(entry(7, TODAY))


@pytest.mark.rule("TRF-09")
def test_a_period_has_bounds_silence_is_a_yes_after_fifteen_days_only_and_nothing_changes_in_the_past() -> None:
    none: History[Any, StepPeriodSet] = given(PERIODS)
    for days in (2, 61, 0):
        sets(none, days).refused(PeriodOutOfBounds, least=3, most=60)
    for days in (3, 60):
        sets(none, days).then(entry(days, TODAY))
    for days in (10, 14, 16):
        sets(none, days, automatic=True).refused(AutomaticOnlyAfterFifteenDays, days=15)
    sets(none, 15, automatic=True).then(entry(15, TODAY, automatic=True))
    sets(none, 15).then(entry(15, TODAY))
    sets(none, 10, TODAY - DAY).refused(PeriodStartsInThePast, today="2026-11-28")


def enters(
    happened: History[Any, WorkingDaysEntered], off: tuple[date, ...], on: tuple[date, ...] = (), year: int = 2027
) -> Decided[Any, WorkingDaysEntered]:
    command = EnterWorkingDays(year=year, off=off, on=on)
    return happened.when(lambda state: enter_working_days(command, state))


@pytest.mark.rule("OPS-05")
def test_a_year_is_entered_replaced_and_keeps_to_itself() -> None:
    new_year, sunday = date(2027, 1, 1), date(2027, 1, 3)
    entered = enters(given(CALENDAR), (new_year, new_year), (sunday,)).then(
        WorkingDaysEntered(year=2027, off=(new_year,), on=(sunday,))
    )
    calendar = entered.state
    worked = [calendar.working(day) for day in (new_year, sunday, date(2027, 1, 4), date(2027, 1, 9), date(2028, 1, 3))]
    assert worked == [False, True, True, False, True]
    enters(entered, (new_year,), (sunday,)).then_nothing()
    without = enters(entered, ()).then(WorkingDaysEntered(year=2027, off=(), on=()))
    assert without.state.working(new_year)
    enters(given(CALENDAR), (date(2026, 12, 31),)).refused(DayOutsideYear, day="2026-12-31", year=2027)
    enters(given(CALENDAR), (new_year,), (new_year,)).refused(DayBothWays, day="2027-01-01")


@pytest.mark.rule("OPS-05", "TRF-10")
def test_lateness_over_the_new_year_rests_on_both_years_and_says_when_one_is_not_entered() -> None:
    tuesday = datetime(2026, 12, 29, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    both = given(
        CALENDAR,
        WorkingDaysEntered(year=2026, off=(), on=()),
        WorkingDaysEntered(year=2027, off=(date(2027, 1, 1),), on=(date(2027, 1, 2),)),
    ).state
    assert late_from(tuesday, both) == (datetime(2027, 1, 5, 16, tzinfo=UTC), False)
    assert late_from(tuesday + timedelta(minutes=1), both) == (datetime(2027, 1, 6, 16, tzinfo=UTC), False)
    only_one = given(CALENDAR, WorkingDaysEntered(year=2026, off=(), on=())).state
    assert late_from(tuesday, only_one) == (datetime(2027, 1, 5, 16, tzinfo=UTC), True)
    within = datetime(2026, 12, 21, 2, tzinfo=UTC)
    assert late_from(within, only_one) == (datetime(2026, 12, 28, 16, tzinfo=UTC), False)


@pytest.mark.rule("TRF-19")
def test_talent_exchange_centres_are_allowed_from_a_day_on_and_no_longer() -> None:
    def sets(happened: History[Any, TalentCentreSet], day: date, *, allowed: bool) -> Decided[Any, TalentCentreSet]:
        command = SetTalentCentre(province=PROVINCE, allowed=allowed, effective_from=day)
        return happened.when(lambda state: set_talent_centre(command, state, TODAY))

    none: History[Any, TalentCentreSet] = given(TALENT_CENTRES)
    sets(none, TODAY, allowed=False).then_nothing()
    sets(none, TODAY - DAY, allowed=True).refused(PeriodStartsInThePast)
    later = TODAY + 30 * DAY
    allowed = sets(none, TODAY, allowed=True).then(
        TalentCentreSet(province=PROVINCE, allowed=True, effective_from=TODAY)
    )
    over = sets(allowed, later, allowed=False).then(
        TalentCentreSet(province=PROVINCE, allowed=False, effective_from=later)
    )
    found = [over.state.on(day) for day in (TODAY - DAY, TODAY, later - DAY, later)]
    assert [each and each.allowed for each in found] == [None, True, True, False]


@pytest.mark.rule("TRF-19", "TRF-09")
def test_of_one_day_what_was_set_last_holds_and_a_later_day_goes_before_an_earlier_one_that_was_set_after_it() -> None:
    def of(allowed: bool, day: date) -> TalentCentreSet:
        return TalentCentreSet(province=PROVINCE, allowed=allowed, effective_from=day)

    same_day = given(TALENT_CENTRES, of(True, TODAY), of(False, TODAY)).state
    assert same_day.on(TODAY) == of(False, TODAY)
    later = TODAY + 9 * DAY
    state = given(TALENT_CENTRES, of(True, later), of(False, TODAY)).state
    assert (state.on(later), state.on(later - DAY)) == (of(True, later), of(False, TODAY))
    command = SetTalentCentre(province=PROVINCE, allowed=True, effective_from=later)
    assert set_talent_centre(command, state, TODAY) == []
