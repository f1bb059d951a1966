"""What a reader asks Kafka for, and when, so that no record waits for silent partitions."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from shared.eventstore.driver import Driver
from shared.kernel.envelope import Recorded
from shared.projections import runner
from shared.projections.bounded import BoundedLoop
from shared.runtime.settings import Settings
from tests.shared.projections.conftest import TOPIC, Records
from tests.shared.projections.test_runner import STREAMS, Weights, _is, _ready, looping, totals, until


class Slow(Weights):
    """A batch takes longer than the client waits for records in hand to be taken."""

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        await asyncio.sleep(0.3)
        await super().apply(session, batch)


async def test_what_comes_after_records_that_had_to_wait_is_read_at_once(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left to itself the client would ask for silent partitions only, for as long as Kafka keeps a question."""
    monkeypatch.setattr(runner, "IDLE_MS", 60_000)
    monkeypatch.setattr(runner, "LINGER_SECONDS", (0.5, 0.5))
    total = totals(driver, settings)
    async with looping(driver, settings) as loop:
        await until(lambda: _ready(loop))
        for number in range(1, 9):
            await records.send(records.make(STREAMS[:1]))
            await until(lambda so_far=number: _is(total, so_far))


async def test_what_comes_during_a_large_batch_is_read_at_once_too(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rest of it lies in hand meanwhile: asked for the silent partitions, Kafka would say nothing of this one."""
    monkeypatch.setattr(runner, "IDLE_MS", 60_000)
    monkeypatch.setattr(runner, "BATCH_MAX", 4)
    total = totals(driver, settings)
    async with looping(driver, settings, Slow) as loop:
        await until(lambda: _ready(loop))
        for number in range(1, 5):
            await records.send(records.make(STREAMS[:1] * 10))
            await until(lambda so_far=10 * number: _is(total, so_far))


class Bounded(BoundedLoop):
    """Read by hand, round by round."""

    async def read(self, consumer: AIOKafkaConsumer, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not until():
                await self._round(consumer)


async def test_what_lies_behind_the_bounds_is_not_fetched_again_and_again(
    driver: Driver, settings: Settings, records: Records
) -> None:
    """The partitions that reached theirs wait for those that have not."""
    total = totals(driver, settings)
    await records.send(records.make(STREAMS[:1] * 3))
    projection = Weights(driver.database(settings.database("parcels")))
    loop = Bounded(driver, "parcels", projection, settings)
    await loop.projection.prepare()
    async with loop.reading() as consumer:
        [place] = [place for place, end in (await loop.ends(consumer)).items() if end == 3]
        loop.bounds = {place: 2}
        await loop.read(consumer, lambda: loop.reached({place: 2}))
        assert [f"{TOPIC}/{p.partition}" for p in consumer.paused()] == [place]
        assert await total() == 2
        loop.resume(consumer)
        await loop.read(consumer, lambda: loop.reached({place: 3}))
        assert consumer.paused() == set()
        assert await total() == 3
