"""The writer of stats on the real Kafka and MongoDB, fed with facts that are chained as the relay does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Addresses
from services.stats.hours import Hours, hour_at
from services.stats.projections.live import LiveTotals
from services.stats.projections.progress import Entry, Progress
from services.stats.worker import FiguresWriter
from shared.contracts import member, org, transfer
from shared.contracts.base import Contract
from shared.eventstore.driver import Driver
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.messaging.wire import Position, headers_of, partition_of, value_of
from shared.runtime.settings import Environment, Settings

TOPICS = (org.EVENTS, member.EVENTS, transfer.EVENTS, transfer.COHORTS)
PARTITIONS = 3
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class World:
    """Facts go in by `tell`, figures come out by `progress`; `clock` stands until a test moves it."""

    def __init__(self, settings: Settings, driver: Driver, producer: AIOKafkaProducer) -> None:
        self.settings, self.driver = settings, driver
        self.clock = ManualClock(NOON + timedelta(minutes=20))
        self.database = driver.database(settings.database("stats"))
        self.hours = Hours(driver, self.database)
        self.progress = Progress(self.database)
        self._producer = producer
        self._task: asyncio.Task[None] | None = None
        self._names = Topics(settings.namespace)
        self._last: dict[tuple[str, int], Position] = {}
        self._ordinals = dict.fromkeys(TOPICS, 0)
        self._versions: Counter[str] = Counter()

    def recorded(self, fact: Contract) -> Recorded:
        stream = _stream_of(fact)
        self._ordinals[fact.topic] += 1
        self._versions[stream] += 1
        ordinal = self._ordinals[fact.topic]
        return Recorded(
            event_id=f"{fact.topic}-{ordinal}", type=fact.type_name(), stream=stream, index=0,
            version=self._versions[stream],
            at=self.clock.now(), actor=Actor("person-1"), correlation="c", causation="",
            data=fact.model_dump(mode="json", exclude={"personal"}),
        )  # fmt: skip

    async def tell(self, *facts: Contract) -> None:
        for fact in facts:
            event = self.recorded(fact)
            partition = partition_of(event.stream, PARTITIONS)
            position = Position(1, int(event.event_id.rsplit("-", 1)[1]), 0)
            headers = headers_of("any", event, position, self._last.get((fact.topic, partition)))
            self._last[fact.topic, partition] = position
            await self.send(
                topic=self._names.physical(fact.topic),
                value=value_of(event), key=event.stream.encode(), headers=headers, partition=partition,
            )  # fmt: skip
        await self._producer.flush()

    async def send(self, **record: Any) -> None:
        """One record as it is, or once more."""
        await self._producer.send(**record)

    async def ends(self) -> dict[str, int]:
        """The next offset of each partition, as the writer notes them."""
        ends = {f"{topic}/{p}": 0 for topic in TOPICS for p in range(PARTITIONS)}
        consumer_ends = await self._end_offsets()
        return ends | consumer_ends

    async def _end_offsets(self) -> dict[str, int]:
        from aiokafka import AIOKafkaConsumer, TopicPartition

        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.kafka)
        await consumer.start()
        try:
            physical = {self._names.physical(t): t for t in TOPICS}
            ends = await consumer.end_offsets([TopicPartition(n, p) for n in physical for p in range(PARTITIONS)])
            return {f"{physical[p.topic]}/{p.partition}": end for p, end in ends.items()}
        finally:
            await consumer.stop()

    def writer(self) -> FiguresWriter:
        totals = LiveTotals(self.database)
        return FiguresWriter(self.driver, totals, self.hours, self.settings, self.clock, self.database)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[FiguresWriter]:
        writer = self.writer()
        self._task = task = asyncio.create_task(writer.run())
        try:
            yield writer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def live(self, organization: str) -> Entry:
        return (await self.progress.standing(organization, await self.progress.moment("live"))).entry

    async def published(self, organization: str, hour: datetime) -> Entry:
        return (await self.progress.standing(organization, await self.progress.moment(hour))).entry

    async def until(self, holds: Callable[[], Any], seconds: float = 60.0) -> None:
        """Waits for a coroutine function that answers True."""
        async with asyncio.timeout(seconds):
            while not await holds():
                if self._task and self._task.done():
                    self._task.result()
                await asyncio.sleep(0.05)

    async def until_applied(self) -> None:
        """Everything told so far is in the live totals."""
        ends = await self.ends()

        async def applied() -> bool:
            rows = {r["_id"]: r["offset"] + 1 async for r in self.database["positions"].find()}
            return all(rows.get(f"totals-v3/{place}", 0) >= end for place, end in ends.items())

        await self.until(applied)

    async def until_published(self, hour: datetime) -> None:
        async def published() -> bool:
            return await self.database["hours"].find_one({"_id": hour_at(hour)}) is not None

        await self.until(published)


def _stream_of(fact: Any) -> str:
    match fact.topic:
        case member.EVENTS:
            return str(fact.person)
        case transfer.EVENTS:
            return str(fact.transfer)
        case transfer.COHORTS:
            return f"cohort-{fact.branch}-{fact.year}"
        case _:
            return str(getattr(fact, "organization", None) or fact.superior)


@asynccontextmanager
async def a_world(servers: Addresses, namespace: str) -> AsyncIterator[World]:
    settings = Settings(
        environment=Environment.TEST, mongo_url=servers.mongo_url, kafka=servers.kafka, namespace=namespace,
        partitions=PARTITIONS,
    )  # fmt: skip
    driver = Driver(settings.mongo_url)
    await Topics(namespace).ensure(connection(settings), TOPICS, PARTITIONS)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    yield World(settings, driver, producer)
    await producer.stop()
    await driver.close()


@pytest.fixture
async def world(servers: Addresses, namespace: str) -> AsyncIterator[World]:
    async with a_world(servers, namespace) as made:
        yield made


@pytest.fixture(scope="module")
async def shared_world(servers: Addresses, module_namespace: str) -> AsyncIterator[World]:
    """For a module whose tests only read what its fixture told."""
    async with a_world(servers, module_namespace) as made:
        yield made
