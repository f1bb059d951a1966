"""The floor: the same durable writes as the product's, with nothing around them.

Chunks of 500 people in one transaction each (claims of both numbers, a key row, a roster, the commit), a change stream
as relay, Kafka, a consumer that counts per branch and keeps its position in the transaction of the counts. No rules, no
sealing, no HTTP. One process of asyncio tasks, so it is a little below what three processes would do.
"""

import asyncio
import hashlib
import time
from typing import Any
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import UpdateOne

from shared.eventstore.batcher import Batcher
from shared.eventstore.driver import Driver, ensure_collections
from shared.messaging.topics import Topics
from shared.messaging.wire import partition_of

TOPIC = "floor.events.v1"
CHUNK = 500
PARTITIONS = 12
BRANCHES = 500


class Floor:
    """One measurement on databases and topics of its own."""

    def __init__(self, mongo_url: str, kafka: str) -> None:
        self._namespace = f"floor{uuid4().hex[:8]}_"
        self._driver = Driver(mongo_url)
        self._database = self._driver.database(f"{self._namespace}db")
        self._kafka = kafka
        self._topic = Topics(self._namespace).physical(TOPIC)
        self._counted = 0
        self._all = asyncio.Event()

    async def prepare(self) -> None:
        await ensure_collections(self._database, "commits", "claims", "keys", "rosters", "counts", "positions")
        await Topics(self._namespace).ensure(self._kafka, [TOPIC], PARTITIONS)

    async def drop(self) -> None:
        await self._driver.client.drop_database(self._database.name)
        await self._driver.close()

    async def import_people(self, people: int) -> float:
        """People a second from the first write until all are counted."""
        relay = asyncio.create_task(self._relay(people))
        projector = asyncio.create_task(self._project(people))
        await asyncio.sleep(1.0)
        started = time.perf_counter()
        for first in range(0, people, CHUNK):
            await self._write(range(first, min(first + CHUNK, people)))
        await self._all.wait()
        seconds = time.perf_counter() - started
        await asyncio.gather(relay, projector)
        return people / seconds

    async def append_singly(self, seconds: float, writers: int) -> tuple[float, list[float]]:
        """Single appends a second by group commit with so many writers, and their latencies in ms."""
        latencies: list[float] = []
        until = time.perf_counter() + seconds

        async def flush(commits: Any) -> dict[str, None]:
            await self._database["commits"].insert_many([_commit(int(c.stream)) for c in commits], ordered=False)
            return {c.commit_id: None for c in commits}

        batcher = Batcher(flush, size=500)
        counter = iter(range(10_000_000, 90_000_000))

        async def write() -> None:
            while time.perf_counter() < until:
                started = time.perf_counter()
                number = str(next(counter))
                await batcher.submit(_Numbered(number, number))  # type: ignore[arg-type]
                latencies.append((time.perf_counter() - started) * 1000)

        await asyncio.gather(*(write() for _ in range(writers)))
        return len(latencies) / seconds, latencies

    async def _write(self, people: range) -> None:
        rosters = [UpdateOne({"_id": b}, {"$inc": {"members": n}}, upsert=True) for b, n in _per_branch(people).items()]

        async def work(session: Any) -> None:
            claims = [{"_id": f"{k}:{_hash(k, p)}", "owner": str(p)} for p in people for k in ("number", "development")]
            await self._database["commits"].insert_many([_commit(p) for p in people], session=session)
            await self._database["claims"].insert_many(claims, session=session)
            await self._database["rosters"].bulk_write(rosters, ordered=False, session=session)
            keys = [{"_id": str(p), "wrapped": b"x" * 48, "nonce": b"x" * 12} for p in people]
            await self._database["keys"].insert_many(keys, session=session)

        await self._driver.transaction(work)

    async def _relay(self, people: int) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka, acks="all", enable_idempotence=True, compression_type="lz4", linger_ms=5
        )
        await producer.start()
        sent, waiting = 0, []
        try:
            pipeline = [{"$match": {"operationType": "insert", "ns.coll": "commits"}}]
            async with await self._database.watch(pipeline, batch_size=1000) as stream:
                while sent < people:
                    change = await stream.try_next()
                    if change is not None:
                        document = change["fullDocument"]
                        partition = partition_of(document["stream"], PARTITIONS)
                        value = orjson.dumps(document["events"][0]["data"])
                        waiting.append(await producer.send(self._topic, value, partition=partition))
                        sent += 1
                    if waiting and (change is None or len(waiting) >= 1000):
                        await asyncio.gather(*waiting)
                        waiting = []
        finally:
            await producer.stop()

    async def _project(self, people: int) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False, fetch_max_wait_ms=500)
        await consumer.start()
        consumer.assign([TopicPartition(self._topic, p) for p in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        try:
            while self._counted < people:
                batches = await consumer.getmany(timeout_ms=200, max_records=2000)
                if batches:
                    await self._count(batches)
                    await asyncio.sleep(0.03)
        finally:
            self._all.set()
            await consumer.stop()

    async def _count(self, batches: dict[TopicPartition, Any]) -> None:
        branches = [orjson.loads(r.value)["branch"] for records in batches.values() for r in records]
        counts: dict[str, int] = {}
        for branch in branches:
            counts[branch] = counts.get(branch, 0) + 1

        async def work(session: Any) -> None:
            updates = [UpdateOne({"_id": b}, {"$inc": {"n": n}}, upsert=True) for b, n in counts.items()]
            await self._database["counts"].bulk_write(updates, ordered=False, session=session)
            moves = [
                UpdateOne({"_id": p.partition}, {"$set": {"offset": r[-1].offset}}, upsert=True)
                for p, r in batches.items()
            ]
            await self._database["positions"].bulk_write(moves, ordered=False, session=session)

        await self._driver.transaction(work)
        self._counted += len(branches)


class _Numbered:
    __slots__ = ("commit_id", "stream")

    def __init__(self, stream: str, commit_id: str) -> None:
        self.stream = stream
        self.commit_id = commit_id


def _hash(kind: str, person: int) -> str:
    return hashlib.sha256(f"{kind}{person}".encode()).hexdigest()


def _per_branch(people: range) -> dict[str, int]:
    counts: dict[str, int] = {}
    for person in people:
        branch = f"branch-{person % BRANCHES}"
        counts[branch] = counts.get(branch, 0) + 1
    return counts


def _commit(person: int) -> dict[str, Any]:
    """As large as the product's commit of one person (about 1.5 kB)."""
    data = {"branch": f"branch-{person % BRANCHES}", "number_hash": _hash("number", person), "missing": []}
    sealed = {"person": str(person), "alg": "A256GCM", "kid": "0" * 16, "nonce": b"x" * 12, "ciphertext": b"x" * 360}
    return {
        "_id": f"{person}:0000000001",
        "stream": str(person),
        "version": 1,
        "commit_id": str(uuid4()),
        "at": time.time_ns() // 1000,
        "events": [{"type": "floor.Entered.v1", "data": data, "sealed": sealed}],
        "public": [{"topic": TOPIC, "type": "floor.Entered.v1", "data": data, "sealed": sealed}],
    }
