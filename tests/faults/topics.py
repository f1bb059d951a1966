"""Topics read whole, for what must be, or must not be, in them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import TopicPartition

from shared.messaging.consumer import make_consumer
from shared.messaging.topics import Topics
from shared.messaging.wire import BEAT_TYPE, decode
from shared.runtime.settings import Settings


async def records(settings: Settings, topics: Mapping[str, int], generation: int = 1) -> AsyncIterator[tuple[str, Any]]:
    """(logical topic, record) of everything that lies in the topics now; `topics` has their numbers of partitions."""
    names = Topics(settings.namespace, generation)
    logical = {TopicPartition(names.physical(t), p): t for t, n in topics.items() for p in range(n)}
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(logical))
        begins = await consumer.beginning_offsets(list(logical))
        left = {p for p, end in ends.items() if end > begins[p]}
        consumer.assign(list(left))
        for partition in left:
            consumer.seek(partition, begins[partition])
        while left:
            for partition, batch in (await consumer.getmany(timeout_ms=500)).items():
                for record in batch:
                    yield logical[partition], record
                if batch[-1].offset >= ends[partition] - 1:
                    left.discard(partition)
    finally:
        await consumer.stop()


async def ids_in_kafka(settings: Settings, topics: Mapping[str, int], generation: int) -> dict[str, set[str]]:
    """The ids of all events by logical topic; markers and beats, which stand for no commit, left out."""
    found: dict[str, set[str]] = {topic: set() for topic in topics}
    async for topic, record in records(settings, topics, generation):
        received = decode(record)
        if received.event is not None and received.event.type != BEAT_TYPE:
            found[topic].add(received.event_id)
    return found
