"""A record that is missing at the stroke: what heals its partition lies behind whatever was noted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.stats.hours import Stroke, hour_at
from services.stats.worker import FiguresWriter
from shared.kernel.clock import to_micros
from shared.messaging.wire import partition_of
from tests.stats.conftest import NOON, PARTITIONS, World
from tests.stats.counting.facts import established

ONE = NOON + timedelta(hours=1)
TOGETHER = [name for name in (f"org-{i}" for i in range(100)) if partition_of(name, PARTITIONS) == 0][:3]
"""Organizations of one partition."""


@asynccontextmanager
async def missing(world: World) -> AsyncIterator[None]:
    """Within it the second of three facts is missing; after it the relay has sent that one and what followed again."""
    first, lost, last = (established(name, category="leading_body") for name in TOGETHER)
    sent: list[dict[str, object]] = []
    send = world.send

    async def kept(**record: object) -> None:
        sent.append(record)
        if len(sent) != 2:
            await send(**record)

    world.send = kept  # type: ignore[method-assign]
    await world.tell(first, lost, last)
    world.send = send  # type: ignore[method-assign]
    yield
    for record in sent[1:]:
        await world.send(**record)


@pytest.mark.rule("P3", "STA-01")
async def test_no_stroke_is_noted_while_a_record_is_missing(world: World) -> None:
    """Nothing behind what was noted is read before the hour is published: it could never heal."""
    async with world.writing() as writer:
        async with missing(world):
            await world.until(lambda: says(writer, "missing"))
            world.clock.at = ONE
            await asyncio.sleep(1.0)
            assert (await world.hours.load(ONE)).stroke is None
        await world.until_published(ONE)
        assert await counted(world) == set(TOGETHER)


@pytest.mark.rule("P3", "STA-01")
async def test_a_stroke_that_was_noted_is_given_up_for_a_record_that_is_missing_before_it(world: World) -> None:
    async with world.writing():
        await world.until_applied()
    async with missing(world):
        progress = await world.hours.load(NOON)
        world.clock.at = ONE
        await world.hours.note(progress, Stroke(hour_at(ONE), to_micros(ONE), await world.ends()))
        async with world.writing() as writer:
            await world.until(lambda: says(writer, "missing"))
            await world.until(lambda: given_up(world))
    async with world.writing():
        await world.until_published(ONE)
        assert await counted(world) == set(TOGETHER)


async def counted(world: World) -> set[str]:
    """The organizations in the figures of the hour."""
    return {figure["node"] async for figure in world.database["figures_v1"].find({"hour": hour_at(ONE)})}


async def says(writer: FiguresWriter, word: str) -> bool:
    return word in writer.health().detail


async def given_up(world: World) -> bool:
    return (await world.hours.load(ONE)).stroke is None
