"""How old the knowledge of withdrawn rights is, without a broker."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from shared.authority.freshness import LaneAge

AT = datetime(2026, 11, 22, tzinfo=UTC)


class Ticks:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def _age(ticks: Ticks) -> LaneAge:
    age = LaneAge(ticks)
    age.reached_end = age.reaches_back = True
    return age


@pytest.mark.rule("P6")
def test_the_age_is_infinite_until_the_end_is_reached_and_a_beat_read() -> None:
    """Else a process that has just started would take a week-old beat, or none, for the present."""
    ticks = Ticks()
    age = LaneAge(ticks)
    assert math.isinf(age.now().age_seconds)
    age.reaches_back = True
    age.beat(AT, AT)
    assert math.isinf(age.now().age_seconds)
    age.reached_end = True
    assert age.now().age_seconds == 0.0
    other = _age(ticks)
    assert math.isinf(other.now().age_seconds)


@pytest.mark.rule("P6")
def test_the_age_is_lag_at_receipt_plus_time_since() -> None:
    ticks = Ticks()
    age = _age(ticks)
    age.beat(AT, AT + timedelta(seconds=2))
    ticks.at += 3
    assert age.now().age_seconds == pytest.approx(5.0)
    age.beat(AT + timedelta(seconds=5), AT + timedelta(seconds=5.1))
    assert age.now().age_seconds == pytest.approx(0.1)


@pytest.mark.rule("P6")
def test_a_stamp_from_the_future_means_that_our_clock_is_slow() -> None:
    """A slow clock makes every lag look short: knowledge of a minute ago would pass for fresh."""
    age = _age(Ticks())
    age.beat(AT + timedelta(seconds=0.9), AT)
    assert age.now().age_seconds == 0.0
    age.beat(AT + timedelta(seconds=1.1), AT)
    assert math.isinf(age.now().age_seconds)
    assert "1.1 s slow" in age.now().detail


@pytest.mark.rule("P6")
def test_a_lane_that_does_not_reach_back_to_the_copy_counts_as_unknown() -> None:
    age = _age(Ticks())
    age.beat(AT, AT)
    age.reaches_back = False
    assert math.isinf(age.now().age_seconds)
