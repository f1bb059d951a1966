import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import NoOffsetForPartitionError

from shared.eventstore.driver import Driver
from shared.kernel.envelope import Recorded
from shared.messaging.consumer import DELIVERY, make_consumer
from shared.projections import runner
from shared.projections.documents import DocumentProjection
from shared.projections.runner import ProjectionLoop
from shared.runtime.service import Stopped
from shared.runtime.settings import Settings
from shared.testing.measured import measured
from tests.shared.projections.conftest import TOPIC, Records

STREAMS = [f"parcel-{i}" for i in range(40)]


class Weights(DocumentProjection):
    """Total weight per parcel: wrong by one for every record applied twice or not at all."""

    name: ClassVar[str] = "weights"
    topics: ClassVar[tuple[str, ...]] = (TOPIC,)
    per_stream: ClassVar[bool] = True

    def evolve(self, document: dict[str, Any] | None, event: Recorded, key: str) -> dict[str, Any]:
        if event.data.get("poison"):
            raise ValueError("poison")
        return {**(document or {}), "total": (document or {}).get("total", 0) + event.data["weight"]}


@asynccontextmanager
async def looping(
    driver: Driver, settings: Settings, projection: type[Weights] = Weights
) -> AsyncIterator[ProjectionLoop]:
    loop = ProjectionLoop(driver, "parcels", projection(driver.database(settings.database("parcels"))), settings)
    task = asyncio.create_task(loop.run())
    try:
        yield loop
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


def totals(driver: Driver, settings: Settings) -> Callable[[], Any]:
    collection = driver.database(settings.database("parcels"))["weights_v1"]

    async def total() -> int:
        return sum([d["total"] async for d in collection.find({})])

    return total


async def test_a_projection_starts_at_the_first_event_and_follows_the_live_ones(
    driver: Driver, settings: Settings, records: Records
) -> None:
    total = totals(driver, settings)
    before = measured("tuan_projection_batch_records_sum", {"projection": "parcels.weights"})
    await records.send(records.make(STREAMS * 3))
    async with looping(driver, settings) as loop:
        await until(lambda: _is(total, 120))
        await records.send(records.make(STREAMS))
        await until(lambda: _is(total, 160))
        await until(lambda: _ready(loop))
    assert measured("tuan_projection_batch_records_sum", {"projection": "parcels.weights"}) - before == 160
    assert measured("tuan_projection_caught_up", {"projection": "parcels.weights"}) == 1
    assert measured("tuan_projection_lag_records", {"projection": "parcels.weights"}) == 0
    assert measured("tuan_projection_lag_seconds", {"projection": "parcels.weights"}) < 10
    one = await driver.database(settings.database("parcels"))["weights_v1"].find_one({"_id": "parcel-1"})
    assert one == {"_id": "parcel-1", "version": 4, "total": 4}


async def test_a_reader_is_ready_at_the_end_it_found_however_busy_the_topic_stays(
    driver: Driver, settings: Settings, records: Records
) -> None:
    """A service restarted in the middle of imports is else not ready before the last of them is over."""

    async def sending() -> None:
        while True:
            await records.send(records.make(STREAMS[:4]))
            await asyncio.sleep(0.1)

    await records.send(records.make(STREAMS))
    busy = asyncio.create_task(sending())
    try:
        async with looping(driver, settings) as loop:
            await until(lambda: _ready(loop))
        assert not busy.done()
    finally:
        busy.cancel()


async def test_a_reader_that_begins_asks_for_the_ends_once_and_is_ready_if_nothing_lies_behind_its_positions(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka answers in turn: a question after the one that waits there for records is answered when that one is."""
    await records.send(records.make(STREAMS))
    async with looping(driver, settings) as loop:
        await until(lambda: _ready(loop))
    asked = []

    def impatient(*given: Any, **options: Any) -> AIOKafkaConsumer:
        consumer = make_consumer(*given, **options)
        ends, getmany = consumer.end_offsets, consumer.getmany

        async def end_offsets(partitions: Any) -> Any:
            asked.append(partitions)
            return await ends(partitions)

        async def first(**_: Any) -> Any:
            """As soon as the positions are known, without a word of them: the fetcher had looked before."""
            while not asked or not loop._partitions:
                await asyncio.sleep(0.01)
            consumer.getmany = getmany
            raise NoOffsetForPartitionError(consumer.assignment())

        consumer.end_offsets, consumer.getmany = end_offsets, first
        return consumer

    monkeypatch.setattr(runner, "make_consumer", impatient)
    async with looping(driver, settings) as loop:
        await until(lambda: _ready(loop))
        assert len(asked) == 1
        await records.send(records.make(STREAMS))
        await until(lambda: _is(totals(driver, settings), 80))
    assert len(asked) == 1


class Odd(Weights):
    """Wants every second parcel, and would fail at any other."""

    name: ClassVar[str] = "odd"

    def wants(self, type_: str, stream: str) -> bool:
        return type_ == "parcels.ParcelSent.v1" and int(stream.removeprefix("parcel-")) % 2 == 1

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        assert all(self.wants(event.type, event.stream) for event in batch)
        await super().apply(session, batch)


@pytest.mark.rule("P2")
async def test_what_a_projection_does_not_want_is_passed_by_and_its_positions_are_kept_all_the_same(
    driver: Driver, settings: Settings, records: Records
) -> None:
    database = driver.database(settings.database("parcels"))
    await records.send(records.make(STREAMS))
    await records.send(records.make(["parcel-2"] * 10))

    async def passed() -> int:
        return sum([row["offset"] + 1 async for row in database["positions"].find({})])

    loop = ProjectionLoop(driver, "parcels", Odd(database), settings)
    task = asyncio.create_task(loop.run())
    try:
        await until(lambda: _is(passed, 50))
        await records.send(records.make(["parcel-2"] * 10 + ["parcel-1"]))
        await until(lambda: _is(passed, 61))
        await records.send(records.make(["parcel-4"] * 5))
        await until(lambda: _is(passed, 66))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    found = [d async for d in database["odd_v1"].find({})]
    assert sorted(d["_id"] for d in found) == sorted(s for s in STREAMS if int(s[7:]) % 2)
    assert sum(d["total"] for d in found) == 21


@pytest.mark.rule("P2")
async def test_records_sent_up_to_five_times_over_joins_and_leaves_count_once(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the guard every repeat counts; without the former value as filter two readers count what both hold.

    A reader hears of another one at its next heartbeat.
    """
    monkeypatch.setitem(DELIVERY, "heartbeat_interval_ms", 500)
    total, chance = totals(driver, settings), random.Random(7)

    async def feed() -> None:
        for _ in range(20):
            batch = records.make(chance.choices(STREAMS, k=50))
            for _ in range(chance.randint(1, 5)):
                await records.send(batch)
                await asyncio.sleep(0.02)

    async def come_and_go() -> None:
        for _ in range(6):
            async with looping(driver, settings):
                await asyncio.sleep(chance.uniform(0.2, 0.6))

    async with looping(driver, settings):
        await asyncio.gather(feed(), come_and_go())
        await until(lambda: _is(total, 1000), 60)
    assert await total() == 1000


@pytest.mark.rule("P3")
async def test_a_record_left_out_stops_the_partition_and_its_late_arrival_heals_it(
    driver: Driver, settings: Settings, records: Records
) -> None:
    total = totals(driver, settings)
    first, lost, last = records.make(["parcel-1"] * 3)
    async with looping(driver, settings) as loop:
        await records.send([first])
        await until(lambda: _is(total, 1))
        await records.send([last])
        await until(lambda: _says(loop, "some are missing"))
        assert await total() == 1
        await records.send([lost, last])
        await until(lambda: _is(total, 3))
        await until(lambda: _ready(loop))


@pytest.mark.rule("P3")
async def test_a_gap_that_stays_stops_the_projection_for_good(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "MISFIT_SECONDS_MAX", 0.5)
    first, _, last = records.make(["parcel-1"] * 3)
    await records.send([first, last])
    with pytest.raises(Stopped, match="rebuild"):
        await run_to_its_end(driver, settings)


async def run_to_its_end(driver: Driver, settings: Settings) -> None:
    weights = Weights(driver.database(settings.database("parcels")))
    async with asyncio.timeout(20):
        await ProjectionLoop(driver, "parcels", weights, settings).run()


@pytest.mark.rule("P5")
async def test_a_failing_event_advances_nothing(driver: Driver, settings: Settings, records: Records) -> None:
    """The old figures stay; the position does not pass the event."""
    total = totals(driver, settings)
    batch = records.make(["parcel-1"] * 3)
    batch[1]["value"] = b'{"weight": 1, "poison": true}'
    await records.send(batch[:1])
    async with looping(driver, settings):
        await until(lambda: _is(total, 1))
    await records.send(batch[1:])
    with pytest.raises(ValueError, match="poison"):
        await run_to_its_end(driver, settings)
    row = await driver.database(settings.database("parcels"))["positions"].find_one({"id": "event-1"})
    assert row is not None
    assert await total() == 1


async def _is(total: Callable[[], Any], wanted: int) -> bool:
    return bool(await total() == wanted)


async def _ready(loop: ProjectionLoop) -> bool:
    return loop.health().ready


async def _says(loop: ProjectionLoop, words: str) -> bool:
    return not loop.health().ready and words in loop.health().detail


@pytest.mark.rule("P3")
async def test_a_topic_that_became_shorter_is_waited_for_and_not_begun_anew(
    driver: Driver, settings: Settings, records: Records
) -> None:
    """Kafka lost its tail: the relay sends it again. A reader that stopped for good would need somebody at night."""
    await records.send(records.make(STREAMS))
    total = totals(driver, settings)
    async with looping(driver, settings):
        await until(lambda: _is(total, len(STREAMS)))
    positions = driver.database(settings.database("parcels"))["positions"]
    await positions.update_many({}, {"$inc": {"offset": 1_000}})
    with pytest.raises(runner.TopicTooShort):
        await run_to_its_end(driver, settings)
