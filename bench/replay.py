"""Replay into the statistics against a raw read of the same topics."""

import time

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.stats.verify import Verification
from shared.contracts import member, org
from shared.eventstore.driver import Driver
from shared.messaging.topics import Topics
from shared.runtime.settings import Settings


async def raw(settings: Settings) -> tuple[int, float]:
    """Every record of the public topics read and decoded from JSON: records, and seconds since the first connection."""
    started = time.perf_counter()
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        names = [Topics(settings.namespace).physical(t) for t in (org.EVENTS, member.EVENTS)]
        partitions = [TopicPartition(n, p) for n in names for p in range(settings.partitions)]
        consumer.assign(partitions)
        wanted = sum((await consumer.end_offsets(partitions)).values())
        await consumer.seek_to_beginning()
        count = 0
        while count < wanted:
            for records in (await consumer.getmany(timeout_ms=200, max_records=2000)).values():
                for record in records:
                    orjson.loads(record.value)
                count += len(records)
        return count, time.perf_counter() - started
    finally:
        await consumer.stop()


async def replayed(settings: Settings) -> float:
    """Seconds of the recount that `tuan verify` makes from the streams: decoding, guards, the whole of the counting."""
    driver = Driver(settings.mongo_url)
    try:
        started = time.perf_counter()
        counted = await Verification(driver, settings).replay()
        seconds = time.perf_counter() - started
        if counted.drifts:
            raise RuntimeError(f"drift: {counted.drifts[:3]}")
        return seconds
    finally:
        await driver.close()
