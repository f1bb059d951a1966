"""STA-07: the figures are rebuilt from the streams alone, while the old ones, and all published hours, are served."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from deploy.rebuilding import rebuild as rebuilding
from deploy.rebuilding.rebuild import NotRebuilt, Rebuild
from services.stats.counting.vectors import summed
from services.stats.hours import Stroke, hour_at
from services.stats.projections.live import LiveTotals
from services.stats.verify import Verification
from shared.kernel.clock import to_micros
from shared.projections.positions import PositionsMoved
from tests.stats.conftest import NOON, World
from tests.stats.counting.facts import entered, established
from tests.stats.test_verify import _history

ONE, TWO = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
GRACE = 1.0


def rebuild(world: World, said: list[str] | None = None) -> Rebuild:
    say = said.append if said is not None else (lambda _: None)
    return Rebuild(world.writer(), world.clock, say)


async def hour_of(world: World, hour: Any) -> list[dict[str, Any]]:
    return [d async for d in world.database["figures_v1"].find({"hour": hour_at(hour)}).sort("_id", 1)]


async def drifts(world: World) -> list[Any]:
    verification = Verification(world.driver, world.settings)
    return [*(await verification.recount()).drifts, *(await verification.replay()).drifts]


@pytest.mark.rule("STA-07", "P7")
async def test_figures_are_rebuilt_under_load_while_the_old_ones_are_served(world: World) -> None:
    said: list[str] = []

    async def load() -> None:
        for i in range(10_000):
            await world.tell(entered(f"q{i}", f"b{i % 12}"))
            await asyncio.sleep(0.02)

    async def read() -> None:
        seen = 0
        while True:
            members = summed((await world.live("root")).totals).members
            assert members >= seen, "figures went back while they were rebuilt"
            seen = members
            await asyncio.sleep(0.02)

    async with world.writing():
        await world.tell(*_history(4))
        await world.until_applied()
        world.clock.at = ONE
        await world.until_published(ONE)
        before = await hour_of(world, ONE)
        tasks = [asyncio.create_task(load()), asyncio.create_task(read())]
        await rebuild(world, said).run()
        await rebuild(world).tidy(GRACE)
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        world.clock.at = TWO
        await world.until_published(TWO)
        tasks[1].cancel()
        [_, reading] = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(reading, asyncio.CancelledError), reading
        assert await drifts(world) == []
        live = summed((await world.live("root")).totals)
        assert summed((await world.published("root", TWO)).totals) == live
    assert any("documents agree" in sentence for sentence in said)
    assert await hour_of(world, ONE) == before, "a published hour never changes"
    names = set(await world.database.list_collection_names())
    assert {"nodes_v3_c2", "people_v3_c2"} <= names
    assert not {"nodes_v3", "people_v3"} & names


@pytest.mark.rule("STA-07", "STA-01")
async def test_a_fact_that_the_new_copy_knew_before_an_hour_was_published_is_in_the_next_one(world: World) -> None:
    """The new copy is ahead of the hour: its node did not change after it, and would never be copied again."""
    async with world.writing():
        await world.tell(established("root", category="leading_body"), established("b", "root"), entered("p1", "b"))
        await world.until_applied()
    await world.tell(entered("p2", "b"))
    await rebuild(world).run(accept=True)
    await world.database["nodes_v3_c2"].update_many({}, {"$set": {"changed_after": 7}})
    world.clock.at = ONE
    async with world.writing():
        await world.until_published(ONE)
    assert summed((await world.published("root", ONE)).totals).members == 2
    row = await world.database["progress"].find_one({"_id": "writer"})
    assert row["whole"] is False, "the hour after that copies what changed, as ever"


@pytest.mark.rule("STA-07", "STA-01")
async def test_a_copy_does_not_take_over_between_a_stroke_and_its_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "WAIT_SECONDS", 0.5)
    async with world.writing():
        await world.tell(established("root", category="leading_body"))
        await world.until_applied()
    progress = await world.hours.load(world.clock.now())
    await world.hours.note(progress, Stroke(hour_at(ONE), to_micros(ONE), await world.ends()))
    with pytest.raises(NotRebuilt, match="hour is being published"):
        await rebuild(world).run()
    world.clock.at = ONE
    async with world.writing():
        await world.until_published(ONE)
    await rebuild(world).run()


@pytest.mark.rule("STA-07", "P2")
async def test_a_writer_of_the_old_copy_neither_notes_nor_begins_an_hour_any_more(world: World) -> None:
    """It would publish from documents that nobody feeds any more, up to offsets of other topics."""
    async with world.writing():
        await world.tell(established("root", category="leading_body"))
        await world.until_applied()
    old = await world.hours.load(world.clock.now())
    stroke = Stroke(hour_at(ONE), to_micros(ONE), await world.ends())
    await rebuild(world).run()
    with pytest.raises(PositionsMoved):
        await world.hours.note(old, stroke)
    with pytest.raises(PositionsMoved):
        await world.hours.begin(old.hour, stroke, old.batches)
    late = LiveTotals(world.database)
    await late.prepare()
    fact = world.recorded(established("b", "root"))
    await world.driver.transaction(lambda session: late.apply(session, [fact]))
    assert (await world.hours.load(world.clock.now())).batches == old.batches + 1, "its batches are no batches"
    assert await world.database["nodes_v3_c2"].count_documents({"_id": "b"}) == 0
