"""Event streams read once more from their beginning, up to given offsets and no further."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from shared.kernel.envelope import Recorded
from shared.messaging.consumer import make_consumer
from shared.messaging.guard import Apply, Guard, Stop
from shared.messaging.topics import Topics
from shared.messaging.wire import decode
from shared.runtime.settings import Settings


class StreamBroken(RuntimeError):
    """A record is missing or doubled: what is read is not the history. The sentence says where."""


async def records_up_to(
    settings: Settings, names: Topics, bounds: Mapping[tuple[str, int], int]
) -> AsyncIterator[Recorded]:
    """The events of each (topic, partition) up to and with its offset, repeats dropped. Raises StreamBroken."""
    left = {TopicPartition(names.physical(topic), p): last for (topic, p), last in bounds.items()}
    if not left:
        return  # a client that is stopped before it did anything raises the cancelling of its own task
    guards = dict.fromkeys(left, Guard())
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        consumer.assign(list(left))
        for partition in left:
            consumer.seek(partition, 0)
        while left:
            batches = await consumer.getmany(timeout_ms=500)
            for partition, records in batches.items():
                wanted = [record for record in records if record.offset <= left[partition]]
                for event, guard in _judged(partition, wanted, guards[partition]):
                    guards[partition] = guard
                    if event is not None:
                        yield event
                if records[-1].offset >= left[partition]:
                    del left[partition]
                    consumer.pause(partition)
    finally:
        await consumer.stop()


def _judged(partition: TopicPartition, records: Sequence[Any], guard: Guard) -> Iterator[tuple[Recorded | None, Guard]]:
    for record in records:
        received = decode(record)
        verdict = guard.judge(received.position, received.after, received.event_id)
        if isinstance(verdict, Stop):
            raise StreamBroken(f"{partition.topic}/{partition.partition}: {verdict.reason}")
        guard = guard.advance(received, record.offset, verdict)
        yield (received.event if isinstance(verdict, Apply) else None), guard
