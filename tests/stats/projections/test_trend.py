"""STA-05: the figures of one organization over the published hours, bounded and by index however long it has run."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from services.stats import figures
from services.stats.counting.vectors import NO_FIGURES
from services.stats.hours import hour_at, instant_of
from services.stats.projections.trend import HOURS_SHOWN, POINTS_MAX, Trend, _copies_at, points
from services.stats.reference.sectors import RURAL, SCHOOL
from shared.kernel.clock import SHANGHAI, to_micros
from tests.stats.conftest import World

pytestmark = pytest.mark.rule("STA-05")
NEWEST = hour_at(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))


async def _publish(world: World, *hours: int) -> None:
    row = {"noted_at": 0, "positions": {}, "late": False, "copied": 0}
    await world.database["hours"].insert_many(
        {"_id": h, "published_at": to_micros(instant_of(h)), **row} for h in hours
    )


async def _copy(world: World, node: str, copies: dict[int, dict[str, int]]) -> None:
    """Copies at some hours: members by tab."""
    await world.database["figures_v1"].insert_many(
        {"_id": f"{node}@{hour}", "node": node, "hour": hour, "superior": None,
         "totals": {tab: NO_FIGURES._replace(members=members)._asdict() for tab, members in by_tab.items()}}
        for hour, by_tab in copies.items()
    )  # fmt: skip


def members(series: list) -> list[tuple[int, int]]:
    answer = figures.trend_figures(series, figures.member_figures)
    return [(hour, point["members"]) for (hour, _), point in zip(series, answer["points"], strict=True)]


def test_all_hours_of_two_days_are_shown_and_of_each_day_before_its_last():
    shown = points(range(NEWEST - 24 * 100, NEWEST + 1))
    assert len(shown) == POINTS_MAX
    assert shown[-HOURS_SHOWN:] == list(range(NEWEST - HOURS_SHOWN + 1, NEWEST + 1))
    *days, young = shown[:-HOURS_SHOWN]
    assert {instant_of(hour).astimezone(SHANGHAI).hour for hour in days} == {0}
    assert {later - hour for hour, later in pairwise(days)} == {24}
    assert young == NEWEST - HOURS_SHOWN


def test_hours_in_which_nothing_was_published_leave_a_gap_and_no_point():
    assert points([]) == []
    assert points([NEWEST]) == [NEWEST]
    assert points([NEWEST - 70, NEWEST - 3, NEWEST]) == [NEWEST - 70, NEWEST - 3, NEWEST]


async def test_each_hour_shows_the_latest_copy_up_to_it_and_none_from_before_the_organization(world: World):
    await world.hours.prepare()
    trend = Trend(world.database)
    assert await trend.series("town") == []
    await _publish(world, *range(NEWEST - 4, NEWEST + 1))
    await _copy(world, "town", {NEWEST - 3: {SCHOOL: 2}, NEWEST - 1: {SCHOOL: 5, RURAL: 1}})
    await _copy(world, "old", {NEWEST - 500: {RURAL: 7}})
    assert members(await trend.series("town")) == [(NEWEST - 3, 2), (NEWEST - 2, 2), (NEWEST - 1, 6), (NEWEST, 6)]
    assert members(await trend.series("old")) == [(hour, 7) for hour in range(NEWEST - 4, NEWEST + 1)]
    rural = figures.trend_figures(await trend.series("town"), figures.member_figures, RURAL)["points"]
    assert [point["members"] for point in rural] == [0, 0, 1, 1]
    with pytest.raises(figures.UnknownSector):
        figures.trend_figures(await trend.series("town"), figures.member_figures, "$where")


@pytest.mark.rule("STA-01")
async def test_the_next_hour_is_shown_once_it_is_published(world: World):
    await world.hours.prepare()
    trend = Trend(world.database)
    await _publish(world, NEWEST - 2, NEWEST - 1)
    await world.database["hours"].update_one({"_id": NEWEST - 2}, {"$set": {"retired": True}})
    await _copy(world, "town", {NEWEST - 9: {SCHOOL: 2}, NEWEST: {SCHOOL: 3}})
    assert members(await trend.series("town")) == [(NEWEST - 1, 2)]
    await _publish(world, NEWEST)
    assert members(await trend.series("town")) == [(NEWEST - 1, 2), (NEWEST, 3)]


async def test_each_point_is_one_seek_however_many_copies_there_are(world: World):
    """Without it the home page of a province would read every copy of a month."""
    await world.hours.prepare()
    hours = range(NEWEST - 24 * 40, NEWEST + 1)
    await _publish(world, *hours)
    await _copy(world, "town", {hour: {SCHOOL: 1} for hour in hours})
    shown = points(hours)
    explained = await world.database.command(
        "explain",
        {"aggregate": "hours", "pipeline": _copies_at("town", shown), "cursor": {}},
        verbosity="executionStats",
    )
    lookup = next(stage for stage in explained["stages"] if "$lookup" in stage)
    assert lookup["totalDocsExamined"] <= len(shown)
    assert len(await Trend(world.database).series("town")) == len(shown) <= POINTS_MAX
