"""The copies and the lane, fed from real Kafka by records that are chained here as the relay does."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Addresses
from shared.contracts import member, org
from shared.contracts.base import Contract
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock, to_micros
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.consumer import connection
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import Position, beat, headers_of, partition_of, value_of
from shared.runtime.settings import Environment, Settings
from shared.testing.authority import Rights

PARTITIONS = 2


class Feed:
    """Publishes contract events and beats. `version` is that of the event's stream."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        self._producer = producer
        self._topics = topics
        self._ordinal = 0
        self._last: dict[tuple[str, int], Position] = {}

    async def publish(self, event: Contract, stream: str, version: int) -> None:
        at = SystemClock().now()
        self._ordinal += 1
        data = event.model_dump(mode="json", exclude={"personal"})
        await self._send(
            event.topic,
            stream,
            Recorded(
                event_id=f"event-{self._ordinal}", type=event.type_name(), stream=stream, version=version, index=0,
                at=at, actor=Actor("service:test"), correlation="c", causation="", data=data,
            ),
        )  # fmt: skip

    async def beat(self, at: datetime) -> None:
        self._ordinal += 1
        topic, key, recorded = beat(to_micros(at), "org", LANE, 0)
        await self._send(topic, key, recorded)

    async def appoint(self, person: str, organization: str, version: int) -> None:
        await self.publish(org.AdminAppointed(organization=organization, person=person), organization, version)

    async def revoke(self, person: str, organization: str, version: int) -> None:
        await self.publish(org.AdminRevoked(organization=organization, person=person), organization, version)

    async def withdraw(self, person: str, organization: str, version: int) -> None:
        event = org.RightWithdrawn(organization=organization, person=person, version=version)
        await self.publish(event, organization, version)

    async def establish(self, organization: str, superior: str | None, version: int = 1) -> None:
        event = org.OrganizationEstablished(
            organization=organization,
            superior=superior,
            category=org.Category.COMMITTEE,
            full_name=f"{organization} 全称",
            short_name=organization,
        )
        await self.publish(event, organization, version)

    async def _send(self, topic: str, key: str, recorded: Recorded) -> None:
        partition = 0 if topic == LANE else partition_of(key, PARTITIONS)
        position = Position(1, self._ordinal, 0)
        headers = headers_of("org", recorded, position, self._last.get((topic, partition)))
        self._last[topic, partition] = position
        await self._producer.send_and_wait(
            self._topics.physical(topic), value_of(recorded), key.encode(), partition=partition, headers=headers
        )


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
def database(driver: Driver, settings: Settings) -> Any:
    return driver.database(settings.database("member"))


@pytest.fixture
def rights(database: Any, settings: Settings) -> Rights:
    return Rights(database, settings)


@pytest.fixture
async def feed(settings: Settings) -> AsyncIterator[Feed]:
    topics = Topics(settings.namespace)
    await topics.ensure(connection(settings), [org.EVENTS, member.POSTS, LANE], PARTITIONS)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    yield Feed(producer, topics)
    await producer.stop()
