"""Hours are kept for 30 days, then one a day, and what is kept reads as before."""

from datetime import UTC, datetime, timedelta

import pytest

from services.stats.hours import hour_at, instant_of
from services.stats.projections.progress import HourNotPublished
from services.stats.retention import Retention
from shared.kernel.clock import to_micros
from tests.stats.conftest import World

MIDNIGHT = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
"""00:00 of 1 September in Asia/Shanghai: it closes 31 August."""
NOW = MIDNIGHT + timedelta(days=60)
ZERO = {"superior": None, "order": 1, "category": "branch", "tab": "rural", "own": {}, "lacks": [], "short_name": ""}


async def _publish(world: World, *hours: int) -> None:
    row = {"noted_at": 0, "positions": {}, "late": False, "copied": 0}
    await world.database["hours"].insert_many(
        {"_id": h, "published_at": to_micros(instant_of(h)), **row} for h in hours
    )


async def _copy(world: World, node: str, *hours: int) -> None:
    await world.database["figures_v1"].insert_many(
        {"_id": f"{node}@{h}", "node": node, "hour": h, "full_name": f"{node} of {h}", "totals": {}, **ZERO}
        for h in hours
    )


async def _reads(world: World, node: str, hour: int) -> str:
    return (await world.published(node, instant_of(hour))).full_name


@pytest.mark.rule("STA-01")
async def test_of_a_day_older_than_thirty_days_the_last_hour_stays_and_reads_as_before(world: World):
    await world.hours.prepare()
    last = hour_at(MIDNIGHT)
    await _publish(world, last - 24, last - 3, last - 2, last, last + 1)
    await _copy(world, "busy", last - 3, last - 2, last)
    await _copy(world, "calm", last - 3)
    await _copy(world, "still", last - 200)
    await _copy(world, "next day", last - 3, last + 1)

    assert await Retention(world.database).sweep(NOW) == 2

    assert [m.hour for m in await world.progress.hours(100)] == [last + 1, last, last - 24]
    assert await _reads(world, "busy", last) == f"busy of {last}"
    assert await _reads(world, "calm", last) == f"calm of {last - 3}"
    assert await _reads(world, "next day", last) == f"next day of {last - 3}"
    assert await _reads(world, "still", last + 1) == f"still of {last - 200}"
    copies = [c["_id"] async for c in world.database["figures_v1"].find().sort("_id", 1)]
    assert copies == [
        f"busy@{last}", f"calm@{last - 3}", f"next day@{last - 3}", f"next day@{last + 1}", f"still@{last - 200}",
    ]  # fmt: skip
    with pytest.raises(HourNotPublished):
        await world.progress.moment(instant_of(last - 2))
    assert await Retention(world.database).sweep(NOW) == 0


@pytest.mark.rule("STA-01")
async def test_a_day_without_its_midnight_keeps_the_last_hour_it_has(world: World):
    await world.hours.prepare()
    last = hour_at(MIDNIGHT)
    await _publish(world, last - 9, last - 8)
    assert await Retention(world.database).sweep(NOW) == 1
    assert [m.hour for m in await world.progress.hours(100)] == [last - 8]


@pytest.mark.rule("STA-01")
async def test_nothing_of_the_last_thirty_days_goes(world: World):
    await world.hours.prepare()
    young = hour_at(NOW - timedelta(days=29))
    await _publish(world, *range(young, young + 48))
    assert await Retention(world.database).sweep(NOW) == 0


@pytest.mark.rule("STA-01")
async def test_an_hour_that_is_going_is_not_offered(world: World):
    await world.hours.prepare()
    last = hour_at(MIDNIGHT)
    await _publish(world, last - 1, last)
    await world.database["hours"].update_one({"_id": last - 1}, {"$set": {"retired": True}})
    assert [m.hour for m in await world.progress.hours(100)] == [last]
    with pytest.raises(HourNotPublished):
        await world.progress.moment(instant_of(last - 1))
