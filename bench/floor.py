"""The floor: the same durable writes as the product's, with nothing around them.

Chunks of 500 people in one transaction each (claims of both numbers, a key row, a roster, the commit; documents of the
product's fields and sizes, with its indexes), a change stream as relay, Kafka, a consumer that counts per branch and
keeps its position in the transaction of the counts. No rules, no sealing, no HTTP. One process of asyncio tasks, so it
is a little below what three processes would do. The single writers write the same, as many in a transaction as wait.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
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
        self._watching = asyncio.Event()

    async def prepare(self) -> None:
        await ensure_collections(self._database, "commits", "claims", "keys", "rosters", "counts", "positions")
        await self._database["commits"].create_index("at")
        await Topics(self._namespace).ensure({"bootstrap_servers": self._kafka}, [TOPIC], PARTITIONS)

    async def drop(self) -> None:
        await self._driver.client.drop_database(self._database.name)
        await self._driver.close()

    async def import_people(self, people: int) -> float:
        """People a second from the first write until all are counted."""
        async with self._piped() as pipe:
            started = time.perf_counter()
            for first in range(0, people, CHUNK):
                await self._write(range(first, min(first + CHUNK, people)))
            await self._until_counted(people, pipe)
            return people / (time.perf_counter() - started)

    async def append_singly(self, seconds: float, writers: int) -> tuple[float, list[float]]:
        """Single appends a second with so many writers, until all are counted, and their latencies in ms."""
        latencies: list[float] = []
        numbers = count(10_000_000)

        async def flush(waiting: Any) -> dict[str, None]:
            await self._write([int(each.stream) for each in waiting])
            return {each.commit_id: None for each in waiting}

        batcher = Batcher(flush, size=100, flushers=1)

        async def write(until: float) -> None:
            while (began := time.perf_counter()) < until:
                number = str(next(numbers))
                await batcher.submit(_Numbered(number, number))  # type: ignore[arg-type]
                latencies.append((time.perf_counter() - began) * 1000)

        async with self._piped() as pipe:
            started = time.perf_counter()
            await asyncio.gather(*(write(started + seconds) for _ in range(writers)))
            await self._until_counted(len(latencies), pipe)
            return len(latencies) / (time.perf_counter() - started), latencies

    @asynccontextmanager
    async def _piped(self) -> AsyncIterator[tuple[asyncio.Task[None], asyncio.Task[None]]]:
        """With relay and projector running. What is written before the change stream is open would never be counted."""
        pipe = asyncio.create_task(self._relay()), asyncio.create_task(self._project())
        await self._watching.wait()
        await asyncio.sleep(1.0)
        try:
            yield pipe
        finally:
            for task in pipe:
                task.cancel()
            await asyncio.gather(*pipe, return_exceptions=True)

    async def _until_counted(self, people: int, pipe: tuple[asyncio.Task[None], ...]) -> None:
        """Raises what ended a part of the pipe."""
        while self._counted < people:
            for task in pipe:
                if task.done():
                    task.result()
            await asyncio.sleep(0.002)

    async def _write(self, people: Sequence[int]) -> None:
        rosters = [UpdateOne({"_id": b}, {"$inc": {"members": n}}, upsert=True) for b, n in _per_branch(people).items()]

        async def work(session: Any) -> None:
            at = time.time_ns() // 1000
            owners = {p: f"person-{p:036}" for p in people}
            kinds = ("number", "development-number")
            claims = [
                {"_id": f"{k}:{_hash(k, p)}", "owner": owner, "at": at} for p, owner in owners.items() for k in kinds
            ]
            await self._database["commits"].insert_many([_commit(p) for p in people], session=session)
            await self._database["claims"].insert_many(claims, session=session)
            await self._database["rosters"].bulk_write(rosters, ordered=False, session=session)
            named = {"alg": "A256GCM", "kid": "0" * 16, "at": at}
            keys = [{"_id": owner, "wrapped": b"x" * 48, "nonce": b"x" * 12, **named} for owner in owners.values()]
            await self._database["keys"].insert_many(keys, session=session)

        await self._driver.transaction(work)

    async def _relay(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka, acks="all", enable_idempotence=True, compression_type="lz4", linger_ms=5
        )
        await producer.start()
        waiting: list[Any] = []
        try:
            pipeline = [{"$match": {"operationType": "insert", "ns.coll": "commits"}}]
            async with await self._database.watch(pipeline, batch_size=1000) as stream:
                self._watching.set()
                while True:
                    change = await stream.try_next()
                    if change is not None:
                        document = change["fullDocument"]
                        partition = partition_of(document["stream"], PARTITIONS)
                        value = orjson.dumps(document["public"][-1]["data"])
                        waiting.append(await producer.send(self._topic, value, partition=partition))
                    if waiting and (change is None or len(waiting) >= 1000):
                        await asyncio.gather(*waiting)
                        waiting = []
        finally:
            await producer.stop()

    async def _project(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=500
        )
        await consumer.start()
        consumer.assign([TopicPartition(self._topic, p) for p in range(PARTITIONS)])
        try:
            while True:
                batches = await consumer.getmany(timeout_ms=200, max_records=2000)
                if batches:
                    await self._count(batches)
                    await asyncio.sleep(0.03)
        finally:
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
    return "00000000." + hashlib.sha256(f"{kind}{person}".encode()).hexdigest()


def _per_branch(people: Sequence[int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for person in people:
        branch = f"branch-{person % BRANCHES}"
        counts[branch] = counts.get(branch, 0) + 1
    return counts


def _commit(person: int) -> dict[str, Any]:
    """Field by field what the product stores for one imported person: 2.3 kB in two events and two published ones."""
    stream, import_id, branch = f"person-{person:036}", f"import-{0:036}", f"branch-{person % BRANCHES}"
    number = _hash("number", person)
    recorded = {
        "number_hash": number,
        "development_hash": _hash("development", person),
        "import_id": import_id,
        "missing": [],
        "row": person,
    }
    joined = {"branch": branch, "import_id": import_id, "missing": []}
    return {
        "_id": f"{stream}:0000000001",
        "stream": stream,
        "version": 1,
        "commit_id": str(uuid4()),
        "at": time.time_ns() // 1000,
        "actor": {"principal": f"person-{0:036}", "organization": f"organization-{0:036}"},
        "correlation": import_id,
        "causation": import_id,
        "request_hash": "",
        "events": [
            {"type": "floor.Recorded.v1", "data": recorded, "sealed": _sealed(stream, 390)},
            {"type": "floor.Joined.v1", "data": joined, "sealed": None},
        ],
        "public": [
            {
                "topic": TOPIC,
                "type": "floor.Identified.v1",
                "data": {"number_hash": number, "person": stream},
                "sealed": _sealed(stream, 150),
            },
            {"topic": TOPIC, "type": "floor.Entered.v1", "data": joined | {"person": stream}, "sealed": None},
        ],
    }


def _sealed(person: str, size: int) -> dict[str, Any]:
    return {"person": person, "alg": "A256GCM", "kid": "0" * 16, "nonce": b"x" * 12, "ciphertext": b"x" * size}
