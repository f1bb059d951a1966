"""STA-01: the hour, on the real Kafka and MongoDB."""

from datetime import timedelta

import pytest

from services.stats.counting.vectors import summed
from services.stats.hours import Stroke, hour_at, instant_of
from services.stats.projections.live import LiveTotals
from services.stats.projections.progress import HourNotPublished, NothingPublishedYet
from shared.kernel.clock import to_micros
from shared.projections.positions import PositionsMoved
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import entered, established, relocated

ONE = NOON + timedelta(hours=1)
TWO = NOON + timedelta(hours=2)
TREE = (
    established("root", category="leading_body"),
    established("c", "root", "committee", sector="5"),
    established("b", "c", sector="5"),
)


async def members(world: World, name: str, hour=None) -> int:
    entry = await (world.published(name, hour) if hour else world.live(name))
    return summed(entry.totals).members


@pytest.mark.rule("STA-01")
async def test_a_change_shows_from_the_next_hour_and_a_published_hour_never_changes(world: World):
    async with world.writing():
        await world.tell(*TREE, entered("p1", "b"))
        await world.until_applied()
        world.clock.at = ONE + timedelta(seconds=1)
        await world.until_published(ONE)
        await world.tell(entered("p2", "b"), entered("p3", "b"))
        await world.until_applied()
        assert [await members(world, n) for n in ("root", "c", "b")] == [3, 3, 3]
        assert [await members(world, n, ONE) for n in ("root", "c", "b")] == [1, 1, 1]
        world.clock.at = TWO + timedelta(minutes=2)
        await world.until_published(TWO)
        await world.tell(entered("p4", "b"))
        await world.until_applied()
        assert [await members(world, n, TWO) for n in ("root", "c", "b")] == [3, 3, 3]
        assert await members(world, "root", ONE) == 1
    newest, first = await world.progress.hours(100)
    assert (newest.stroke, first.stroke) == (TWO, ONE)
    assert not newest.late
    assert newest.published_at == TWO + timedelta(minutes=2)


@pytest.mark.rule("STA-01", "STA-06", "ORG-17")
async def test_what_moved_counts_under_its_new_superior_from_the_next_hour_and_sums_hold_in_both(world: World):
    async with world.writing():
        await world.tell(*TREE, established("d", "root", "committee"), entered("p1", "b"))
        await world.until_applied()
        world.clock.at = ONE + timedelta(seconds=1)
        await world.until_published(ONE)
        await world.tell(relocated("b", "d", "c"), entered("p2", "b"))
        await world.until_applied()
        assert [await members(world, n) for n in ("root", "c", "d", "b")] == [2, 0, 2, 2]
        world.clock.at = TWO + timedelta(minutes=2)
        await world.until_published(TWO)
        assert [await members(world, n, ONE) for n in ("root", "c", "d", "b")] == [1, 1, 0, 1]
        assert [await members(world, n, TWO) for n in ("root", "c", "d", "b")] == [2, 0, 2, 2]
        for name, hour, below in (("c", ONE, ["b"]), ("d", ONE, []), ("c", TWO, []), ("d", TWO, ["b"])):
            moment = await world.progress.moment(hour)
            standing = await world.progress.standing(name, moment)
            assert [each.organization for each in standing.subordinates] == below


@pytest.mark.rule("STA-01")
async def test_an_hour_counts_up_to_the_offsets_of_its_stroke_and_no_record_further(world: World):
    await world.hours.prepare()
    last = await world.hours.load(world.clock.now())
    await world.tell(*TREE, *(entered(f"p{i}", "b") for i in range(20)))
    at_the_stroke = await world.ends()
    await world.tell(*(entered(f"q{i}", "b") for i in range(30)))
    world.clock.at = ONE + timedelta(seconds=5)
    await world.hours.note(last, Stroke(hour_at(ONE), to_micros(ONE), at_the_stroke))
    async with world.writing():
        await world.until_published(ONE)
        await world.until_applied()
    assert await members(world, "root", ONE) == 20
    assert await members(world, "root") == 50
    row = await world.database["hours"].find_one({"_id": hour_at(ONE)})
    assert row["positions"] == at_the_stroke


@pytest.mark.rule("STA-01")
@pytest.mark.parametrize(("seconds", "late"), [(600, False), (601, True)])
async def test_an_hour_that_took_more_than_ten_minutes_is_marked_late(world: World, seconds: int, late: bool):
    async with world.writing():
        await world.tell(*TREE)
        await world.until_applied()
        world.clock.at = ONE + timedelta(seconds=seconds)
        await world.until_published(ONE)
    assert (await world.progress.moment(ONE)).late is late


@pytest.mark.rule("STA-01", "STA-06")
async def test_a_copying_that_was_killed_goes_on_and_no_batch_gets_in_before(world: World):
    async with world.writing():
        await world.tell(*TREE, entered("p1", "b"))
        await world.until_applied()
    progress = await world.hours.load(world.clock.now())
    stroke = Stroke(hour_at(ONE), to_micros(ONE), await world.ends())
    await world.hours.note(progress, stroke)
    await world.hours.begin(progress.hour, stroke, progress.batches)

    paused_writer = LiveTotals(world.database)
    with pytest.raises(PositionsMoved):
        await world.driver.transaction(
            lambda session: paused_writer.apply(session, [world.recorded(entered("stray", "b"))])
        )
    await world.tell(entered("p2", "b"))
    world.clock.at = ONE + timedelta(minutes=1)
    async with world.writing():
        await world.until_published(ONE)
        await world.until_applied()
    assert await members(world, "root", ONE) == 1
    assert await members(world, "root") == 2


@pytest.mark.rule("STA-01")
async def test_live_figures_are_those_of_the_last_stroke_at_least(world: World):
    """Also where the writer was never idle since it started."""
    await world.hours.prepare()
    before = await world.hours.load(world.clock.now())
    stroke = Stroke(hour_at(ONE), to_micros(ONE), {})
    await world.hours.note(before, stroke)
    await world.hours.begin(before.hour, stroke, before.batches)
    begun = await world.hours.load(world.clock.now())
    assert (await world.progress.moment("live")).as_of < ONE
    await world.hours.publish(begun, ONE + timedelta(minutes=1), 0)
    assert (await world.progress.moment("live")).as_of == ONE


@pytest.mark.rule("STA-01", "P2")
async def test_a_writer_that_missed_a_batch_of_another_may_not_begin_to_copy(world: World):
    """Without this a paused writer would publish an hour beyond the offsets it names."""
    await world.hours.prepare()
    totals = LiveTotals(world.database)
    await totals.prepare()
    before = await world.hours.load(world.clock.now())
    await world.driver.transaction(lambda session: totals.apply(session, [world.recorded(TREE[0])]))
    stroke = Stroke(hour_at(ONE), to_micros(ONE), {})
    await world.hours.note(before, stroke)
    with pytest.raises(PositionsMoved):
        await world.hours.begin(before.hour, stroke, before.batches)
    await world.hours.give_up(stroke)
    with pytest.raises(PositionsMoved):  # another writer gave it up meanwhile
        await world.hours.begin(before.hour, stroke, totals.batches)
    await world.hours.note(before, stroke)
    await world.hours.begin(before.hour, stroke, totals.batches)
    with pytest.raises(PositionsMoved):
        await world.hours.begin(before.hour, stroke, totals.batches)


@pytest.mark.rule("STA-01")
async def test_only_what_changed_is_copied_for_an_hour(world: World):
    async with world.writing():
        await world.tell(*TREE, established("b2", "c", sector="5"))
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        await world.tell(entered("p1", "b"))
        await world.until_applied()
        world.clock.at = TWO
        await world.until_published(TWO)
    copied = [c["node"] async for c in world.database["figures_v1"].find({"hour": hour_at(TWO)})]
    assert sorted(copied) == ["b", "c", "root"]
    assert summed((await world.published("b2", TWO)).totals).branches == 1


@pytest.mark.rule("STA-01")
async def test_hours_missed_while_nothing_ran_are_not_made_up(world: World):
    async with world.writing():
        await world.tell(*TREE)
        await world.until_applied()
    world.clock.at = instant_of(hour_at(TWO)) + timedelta(minutes=30)
    async with world.writing():
        await world.until_published(TWO)
    assert [m.stroke for m in await world.progress.hours(100)] == [TWO]
    with pytest.raises(HourNotPublished):
        await world.progress.moment(ONE)


@pytest.mark.rule("STA-01")
async def test_before_the_first_hour_there_is_nothing_published_but_live_figures(world: World):
    async with world.writing():
        await world.tell(*TREE)
        await world.until_applied()
        with pytest.raises(NothingPublishedYet):
            await world.progress.moment(None)
        assert summed((await world.live("root")).totals).organizations == 3
        await world.until(lambda: _as_of_now(world))
        live = await world.progress.moment("live")
    assert live.hour is None
    assert live.as_of == world.clock.now()


async def _as_of_now(world: World) -> bool:
    """Live figures are of now once a reader has seen every partition's end and nothing was left before it."""
    return (await world.progress.moment("live")).as_of == world.clock.now()


@pytest.mark.rule("STA-07", "STA-01")
async def test_a_new_version_of_the_totals_counts_from_the_first_fact_and_publishes_all_of_it(world: World):
    """Without this the first hour after an upgrade lacks what did not change, or never comes."""
    await world.tell(*TREE, entered("p1", "b"))
    async with world.writing():
        await world.until_applied()
    left = {"copy": 3, "copying": True, "hour": hour_at(NOON), "stroke": None, "whole": False}
    await world.database["progress"].update_one({"_id": "writer"}, {"$set": left, "$unset": {"version": ""}})
    await world.database["nodes_v3"].update_many({}, {"$set": {"changed_after": 1}})
    async with world.writing():
        await world.tell(entered("p2", "b"))
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
    assert [await members(world, name, ONE) for name in ("root", "c", "b")] == [2, 2, 2]
