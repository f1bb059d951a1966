"""Sending numbered records: the producer, the topics it makes, and batches that are acknowledged whole."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder

from services.relay.numbering import Numbered, Place
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.observability.metric_names import counter
from shared.runtime.settings import Settings

RECORDS = counter("tuan_relay_records_total")
STOP_SECONDS = 5.0
"""How long what is on its way may still be acknowledged; a broker answers within milliseconds."""


def make_producer(settings: Settings) -> AIOKafkaProducer:
    """The relay's producer, with everything that decides durability written out; it is not started."""
    return AIOKafkaProducer(
        **connection(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=768 * 1024,
        max_request_size=1024 * 1024,
        linger_ms=0,
        request_timeout_ms=30_000,
    )


class Sender:
    """Where records go. `partitions` has how many each topic known so far has: the broker's number, not the setting."""

    def __init__(self, settings: Settings, topics: Topics, producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._topics = topics
        self._producer = producer
        self.partitions: dict[str, int] = {}

    async def know(self, topics: Collection[str]) -> None:
        """Makes topics (logical) that are not there and learns their partitions."""
        settings = self._settings
        await self._topics.ensure(connection(settings), topics, settings.partitions, settings.replication)
        for topic in topics:
            RECORDS.labels(topic)
            self.partitions[topic] = len(await self._producer.partitions_for(self._topics.physical(topic)))

    async def send(self, records: Iterable[Numbered]) -> dict[Place, int]:
        """Sends, waits for every acknowledgement, and answers at which offset each partition's last record lies.

        Batches are filled here, a partition after the other: handed over one by one, records cost twice as much.
        """
        by_place: dict[Place, list[Numbered]] = defaultdict(list)
        for record in records:
            by_place[record.place].append(record)
        waiting: list[tuple[Place, int, Awaitable[Any]]] = []
        for place, its in by_place.items():
            RECORDS.labels(place[0]).inc(len(its))
            for builder in self._filled(its):
                name = self._topics.physical(place[0])
                sent = await self._producer.send_batch(builder, name, partition=place[1])
                waiting.append((place, builder.record_count(), sent))
        answers = await asyncio.gather(*(sent for _, _, sent in waiting))
        return {
            place: answer.offset + count - 1
            for (place, count, _), answer in zip(waiting, answers, strict=True)
            if answer.offset >= 0
        }

    def _filled(self, records: Iterable[Numbered]) -> Iterator[BatchBuilder]:
        """Full batches of one partition's records, and the rest. A record larger than a batch has one of its own."""
        builder = self._producer.create_batch()
        for r in records:
            # No timestamp is given: the broker ages the lane by it, and a system's clock may be moved.
            if builder.append(timestamp=None, key=r.key, value=r.value, headers=r.headers) is None:
                yield builder
                builder = self._producer.create_batch()
                builder.append(timestamp=None, key=r.key, value=r.value, headers=r.headers)
        builder.close()
        yield builder


@asynccontextmanager
async def sending(settings: Settings, topics: Topics) -> AsyncIterator[Sender]:
    """A sender over a producer of its own."""
    producer = make_producer(settings)
    await producer.start()
    try:
        yield Sender(settings, topics, producer)
    finally:
        await _end(producer)


async def _end(producer: AIOKafkaProducer) -> None:
    """Stops a producer. What is not acknowledged by then was not sent, as in a process that is killed.

    An idempotent producer never gives a batch up: its own stop waits for ever where the topic or the broker is gone.
    """
    stopping = asyncio.create_task(producer.stop())
    await asyncio.wait([stopping], timeout=STOP_SECONDS)
    if not stopping.done():
        producer._sender.sender_task.cancel()  # noqa: SLF001 - nothing public makes it give up
        await producer.client.close()
    await stopping
    producer._message_accumulator.fail_all(KafkaTimeoutError())  # noqa: SLF001 - or somebody waits for them
