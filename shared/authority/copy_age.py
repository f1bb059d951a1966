"""How far a service's copy of the rights has come, in the brokers' time (a test's clock does not move that one)."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.authority.projection import AuthorityGrants
from shared.contracts.org import EVENTS
from shared.kernel.clock import SystemClock, to_micros
from shared.messaging.consumer import connection, make_consumer
from shared.messaging.topics import Topics
from shared.projections.copies import Copies, Copy
from shared.projections.positions import POSITIONS
from shared.runtime.settings import Settings

WAIT_MS = 2_000


class TopicMissing(LookupError):
    """The topic that the copy is made of is not there (yet): nothing can be said of the copy's age."""


def broker_now_ms() -> int:
    """The present in milliseconds, as brokers and relay see it."""
    return to_micros(SystemClock().now()) // 1000


async def copy_as_of_ms(settings: Settings, database: Any, topics: Topics) -> int:
    """Up to when the copy has applied everything: now if it stands at the end of every partition, else the time of
    the first record that it has not applied. Raises TopicMissing.

    `database` is the service's. In doubt the answer is earlier than the truth: of a copy made of other topics than
    those, nothing is known.
    """
    now = broker_now_ms()
    copies = Copies(database, f"{AuthorityGrants.name}-v{AuthorityGrants.version}")
    copy = await copies.fed() or Copy()
    if copy.generation != topics.generation:
        return 0
    count = (await topics.there(connection(settings), ["org"])).get(EVENTS)
    if count is None:
        raise TopicMissing(f"{topics.physical(EVENTS)} is not there")
    partitions = [TopicPartition(topics.physical(EVENTS), p) for p in range(count)]
    applied = await _applied(database[POSITIONS], f"{copies.key}{copy.suffix}/{EVENTS}/")
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(partitions)
        behind = {p: applied.get(p.partition, 0) for p in partitions if applied.get(p.partition, 0) < ends[p]}
        return min([now, *[await _stamp_at(consumer, p, offset) for p, offset in behind.items()]])
    finally:
        await consumer.stop()


async def _applied(positions: Any, prefix: str) -> dict[int, int]:
    """By partition: the offset that the copy reads next."""
    rows = positions.find({"_id": {"$gte": prefix, "$lt": prefix + "~"}})
    return {int(row["_id"].removeprefix(prefix)): row["offset"] + 1 async for row in rows}


async def _stamp_at(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> int:
    """The time of the record at an offset; 0 (the beginning of time) if it does not come in time."""
    consumer.assign([partition])
    consumer.seek(partition, offset)
    found = await consumer.getmany(partition, timeout_ms=WAIT_MS, max_records=1)
    records = found.get(partition, ())
    return int(records[0].timestamp) if records else 0
