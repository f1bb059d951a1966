"""What a reader asks Kafka for, and when, so that no record waits for silent partitions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import pytest
from aiokafka import AIOKafkaConsumer

from shared.eventstore.driver import Driver
from shared.kernel.envelope import Recorded
from shared.messaging.consumer import DELIVERY
from shared.projections import runner
from shared.projections.bounded import BoundedLoop
from shared.projections.runner import ProjectionLoop
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
    monkeypatch.setattr(ProjectionLoop, "idle_ms", 60_000)
    monkeypatch.setattr(runner, "LINGER_SECONDS", (0.5, 0.5))
    total = totals(driver, settings)
    async with looping(driver, settings) as loop:
        await until(lambda: _ready(loop))
        for number in range(1, 9):
            await records.send(records.make(STREAMS[:1]))
            await until(lambda so_far=number: _is(total, so_far))


@pytest.mark.parametrize("looks_seconds", [runner.FOLLOWED_SECONDS, 0.0])
async def test_what_comes_during_a_large_batch_is_read_at_once_too(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch, looks_seconds: float
) -> None:
    """Rest of it lies in hand meanwhile: asked for the silent partitions, Kafka would say nothing of this one.

    Whether or not the loop looks for another copy between two batches.
    """
    monkeypatch.setattr(runner, "FOLLOWED_SECONDS", looks_seconds)
    monkeypatch.setattr(ProjectionLoop, "idle_ms", 60_000)
    monkeypatch.setattr(runner, "BATCH_MAX", 4)
    total = totals(driver, settings)
    async with looping(driver, settings, Slow) as loop:
        await until(lambda: _ready(loop))
        for number in range(1, 5):
            await records.send(records.make(STREAMS[:1] * 10))
            await until(lambda so_far=10 * number: _is(total, so_far))


class Late(Weights):
    """A batch takes longer than the others of the group wait."""

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        await asyncio.sleep(2.0)
        await super().apply(session, batch)


@pytest.mark.rule("P2")
async def test_a_reader_whose_partitions_go_while_it_applies_their_records_reads_on(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DELIVERY, "heartbeat_interval_ms", 300)
    total = totals(driver, settings)
    async with looping(driver, settings, Late) as first:
        await until(lambda: _ready(first))
        await records.send(records.make(STREAMS))
        await asyncio.sleep(0.5)
        async with looping(driver, settings):
            await until(lambda: _is(total, len(STREAMS)))
            await asyncio.sleep(3.0)  # until the first has counted what it read


class Bounded(BoundedLoop):
    """Read by hand, round by round."""

    async def read(self, consumer: AIOKafkaConsumer, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not until():
                await self._round(consumer)


async def free(loop: Bounded, consumer: AIOKafkaConsumer) -> None:
    loop.resume(consumer)


async def begin_again(loop: Bounded, consumer: AIOKafkaConsumer) -> None:
    loop.bounds = None
    await loop.load(consumer, consumer.assignment())


@pytest.mark.parametrize("go_on", [free, begin_again])
async def test_what_lies_behind_the_bounds_is_not_fetched_again_and_again(
    driver: Driver, settings: Settings, records: Records, go_on: Callable[[Bounded, AIOKafkaConsumer], Awaitable[None]]
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
        await go_on(loop, consumer)
        await loop.read(consumer, lambda: loop.reached({place: 3}))
        assert consumer.paused() == set()
        assert await total() == 3


class Fetched(Weights):
    """Notes whether more was asked for while the batch was applied."""

    noted: ClassVar[list[tuple[int, bool]]] = []
    consumer: ClassVar[AIOKafkaConsumer]

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        await super().apply(session, batch)
        self.noted.append((len(batch), self.consumer.paused() == self.consumer.assignment()))


async def test_while_a_large_batch_is_applied_the_next_is_fetched_and_nothing_while_a_small_one_is(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH_MAX", 40)
    await records.send(records.make(STREAMS[:1] * 45))
    loop = Bounded(driver, "parcels", Fetched(driver.database(settings.database("parcels"))), settings)
    await loop.projection.prepare()
    async with loop.reading() as Fetched.consumer:
        ends = await loop.ends(Fetched.consumer)
        await loop.read(Fetched.consumer, lambda: loop.reached(ends))
    assert Fetched.noted == [(40, False), (5, True)]
