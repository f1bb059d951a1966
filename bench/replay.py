"""Replay into the statistics against the same durable writes with nothing around them."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import InsertOne, UpdateOne

from services.stats.hours import Hours
from services.stats.projections.live import LiveTotals
from shared.eventstore.driver import Driver, ensure_collections
from shared.kernel.clock import SystemClock
from shared.messaging.topics import Topics
from shared.projections.runner import ProjectionLoop
from shared.runtime.settings import Settings


async def floor(settings: Settings) -> tuple[int, float]:
    """Every record of the topics that are replayed decoded from JSON, a row for each new person, where they moved to,
    counts by branch and positions, a batch in one transaction: records, and seconds since the first connection. No
    versions, no gaps, no superiors, nothing of what a transfer waits for.
    """
    started = time.perf_counter()
    driver = Driver(settings.mongo_url)
    database = driver.database(settings.database(f"floor_{uuid4().hex[:8]}"))
    await ensure_collections(database, "people", "counts", "positions")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # a seek after `assign` may come before the client's own look-up of the end
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        names = [Topics(settings.namespace).physical(t) for t in LiveTotals.topics]
        partitions = [TopicPartition(n, p) for n in names for p in range(settings.partitions)]
        consumer.assign(partitions)
        wanted = sum((await consumer.end_offsets(partitions)).values())
        count = 0
        while count < wanted:
            batches = await consumer.getmany(timeout_ms=200, max_records=2000)
            if batches:
                count += await _counted(driver, database, batches)
        return count, time.perf_counter() - started
    finally:
        await consumer.stop()
        await driver.client.drop_database(database.name)
        await driver.close()


async def _counted(driver: Driver, database: Any, batches: dict[TopicPartition, Any]) -> int:
    facts = [orjson.loads(record.value) for records in batches.values() for record in records]
    entered = [fact for fact in facts if {"person", "branch"} <= fact.keys() and "transfer" not in fact]
    moved = [fact for fact in facts if {"person", "from_branch", "to_branch"} <= fact.keys()]
    people: list[Any] = [
        InsertOne({"_id": f["person"], "branch": f["branch"], "missing": f.get("missing", [])}) for f in entered
    ]
    people += [UpdateOne({"_id": f["person"]}, {"$set": {"branch": f["to_branch"]}}) for f in moved]
    counts = Counter(fact["branch"] for fact in entered)
    counts.update(fact["to_branch"] for fact in moved)
    counts.subtract(fact["from_branch"] for fact in moved)
    ends = {f"{p.topic}/{p.partition}": records[-1].offset for p, records in batches.items()}

    async def work(session: Any) -> None:
        if people:
            await database["people"].bulk_write(people, session=session)
            updates = [UpdateOne({"_id": b}, {"$inc": {"n": n}}, upsert=True) for b, n in counts.items()]
            await database["counts"].bulk_write(updates, ordered=False, session=session)
        moves = [UpdateOne({"_id": p}, {"$set": {"offset": o}}, upsert=True) for p, o in ends.items()]
        await database["positions"].bulk_write(moves, ordered=False, session=session)

    await driver.transaction(work)
    return sum(map(len, batches.values()))


async def replayed(settings: Settings) -> float:
    """Seconds until the live totals stand anew, in a database of their own, from nothing but the topics."""
    driver = Driver(settings.mongo_url)
    service = f"replayed_{uuid4().hex[:8]}"
    database = driver.database(settings.database(service))
    started = time.perf_counter()
    hours, totals = Hours(driver, database), LiveTotals(database)
    await totals.prepare()
    await hours.prepare()
    await hours.load(SystemClock().now())
    loop = ProjectionLoop(driver, service, totals, settings)
    running = asyncio.create_task(loop.run())
    try:
        while not loop.health().ready:
            if running.done():
                running.result()
            await asyncio.sleep(0.002)
        return time.perf_counter() - started
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await driver.client.drop_database(database.name)
        await driver.close()
