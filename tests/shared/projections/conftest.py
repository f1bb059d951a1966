"""A projection fed from real Kafka by records that this file chains as the relay does."""

from collections.abc import AsyncIterator, Sequence
from copy import copy
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.kernel.clock import from_micros
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.messaging.wire import Position, headers_of, partition_of, value_of
from shared.runtime.settings import Environment, Settings

TOPIC = "parcels.events.v1"
PARTITIONS = 4


class Records:
    """Sends parcel events in order; remembers every record, so that a test can send it again or leave one out."""

    def __init__(self, producer: AIOKafkaProducer, physical: str) -> None:
        self._producer = producer
        self._physical = physical
        self._last: dict[int, Position] = {}
        self._ordinal = 0
        self._versions: dict[str, int] = {}
        self.made: list[dict[str, Any]] = []

    def make(self, streams: Sequence[str]) -> list[dict[str, Any]]:
        made = []
        for stream in streams:
            self._ordinal += 1
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            partition = partition_of(stream, PARTITIONS)
            position = Position(1, self._ordinal, 0)
            event = Recorded(
                event_id=f"event-{self._ordinal}",
                type="parcels.ParcelSent.v1",
                stream=stream,
                version=version,
                index=0,
                at=from_micros(1_800_000_000_000_000 + self._ordinal),
                actor=Actor("person-1"),
                correlation="c",
                causation="",
                data={"weight": 1},
            )
            headers = headers_of("parcels", event, position, self._last.get(partition))
            self._last[partition] = position
            made.append({"value": value_of(event), "key": stream.encode(), "headers": headers, "partition": partition})
        self.made += made
        return made

    def into(self, topics: Topics) -> "Records":
        """The same history, going on in the topic of another generation."""
        other = copy(self)
        other._physical = topics.physical(TOPIC)
        return other

    async def send(self, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            await self._producer.send(self._physical, **record)
        await self._producer.flush()


@pytest.fixture
def settings(servers: Addresses, namespace: str) -> Settings:
    return Settings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        partitions=PARTITIONS,
    )


@pytest.fixture
async def driver(settings: Settings) -> AsyncIterator[Driver]:
    opened = Driver(settings.mongo_url)
    yield opened
    await opened.close()


@pytest.fixture
async def records(settings: Settings) -> AsyncIterator[Records]:
    topics = Topics(settings.namespace)
    await topics.ensure(connection(settings), [TOPIC], PARTITIONS)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    yield Records(producer, topics.physical(TOPIC))
    await producer.stop()
