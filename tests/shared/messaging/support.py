"""Commits written raw in their stored form, a relay beside the test, and topics read back."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Container, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from bson import Timestamp

from deploy.local.servers import Addresses
from services.relay.app import keep_running
from services.relay.checkpoint import Checkpoint, CheckpointStore
from services.relay.numbering import Numbering
from services.relay.relay import Relay
from services.relay.sending import sending
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import connection, make_consumer
from shared.messaging.guard import Apply, Guard, Stop
from shared.messaging.topics import Topics
from shared.messaging.wire import Received, decode
from shared.runtime.settings import Environment, Settings

LOG, EVENTS = "member.log.v1", "member.events.v1"
SERVICES = ("org", "member")


def settings_for(servers: Addresses, namespace: str, partitions: int = 3) -> Settings:
    return Settings(
        environment=Environment.TEST,
        mongo_url=servers.mongo_url,
        kafka=servers.kafka,
        namespace=namespace,
        partitions=partitions,
    )


def commit(stream: str, version: int, *, service: str = "member", public: int = 1, **changes: Any) -> dict[str, Any]:
    """A stored commit with one private event and `public` published ones."""
    commit_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{stream}:{version}"))
    data = {"branch": "organization-1", "number": version}
    return {
        "_id": f"{stream}:{version:010d}",
        "stream": stream,
        "version": version,
        "commit_id": commit_id,
        "request_hash": "0" * 64,
        "causation": "",
        "correlation": commit_id,
        "actor": {"principal": "person-1", "organization": "organization-1"},
        "at": time.time_ns() // 1000,
        "events": [{"type": f"{service}.MemberEntered.v1", "data": data, "sealed": None}],
        "public": [
            {"topic": f"{service}.events.v1", "type": f"{service}.MemberEntered.v1", "data": data, "sealed": None}
            for _ in range(public)
        ],
    } | changes


class System:
    """Databases and topics of one namespace."""

    def __init__(self, settings: Settings, services: tuple[str, ...] = SERVICES) -> None:
        self.settings = settings
        self.services = services
        self.driver = Driver(settings.mongo_url)
        self.topics = Topics(settings.namespace)
        self.relay_database = self.driver.database(settings.database("relay"))

    def apart(self) -> "System":
        """A second one beside it, that knows nothing of this one; to be closed."""
        return System(self.settings.model_copy(update={"namespace": f"{self.settings.namespace}b_"}))

    def commits(self, service: str = "member") -> Any:
        return self.driver.database(self.settings.database(service))["commits"]

    def relay(self) -> Relay:
        return Relay(self.driver, self.settings, self.services, SystemClock())

    async def checkpoint(self) -> Checkpoint | None:
        return await CheckpointStore(self.relay_database, "test").load()

    @asynccontextmanager
    async def relaying(self, relay: Relay | None = None, *, at_once: bool = False) -> AsyncIterator[asyncio.Task[None]]:
        """A relay that runs until the block ends, as a process that is killed: nothing is saved at the end.

        The block begins when the relay has its checkpoint, or `at_once`.
        """
        task = asyncio.create_task(keep_running(relay or self.relay()))
        try:
            while not at_once and not task.done() and await self.checkpoint() is None:
                await asyncio.sleep(0.02)
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def relayed(self, count: int, service: str = "member", task: "asyncio.Task[None] | None" = None) -> None:
        """Waits until the checkpoint counts `count` commits; what the relay raised comes out here."""
        async with asyncio.timeout(60):
            while True:
                checkpoint = await self.checkpoint()
                if checkpoint and checkpoint.ordinals.get(service, 0) >= count:
                    return
                if task and task.done():
                    task.result()
                await asyncio.sleep(0.02)

    async def relay_once(self, count: int, service: str = "member") -> None:
        async with self.relaying() as task:
            await self.relayed(count, service, task)

    async def read(self, *topics: str) -> dict[TopicPartition, list["ConsumerRecord[bytes, bytes]"]]:
        """Every record of these logical topics, by partition."""
        consumer = make_consumer(self.settings)
        await consumer.start()
        try:
            there = await self.topics.there(connection(self.settings), self.services)
            parts = [TopicPartition(self.topics.physical(t), p) for t in topics for p in range(there[t])]
            ends = await consumer.end_offsets(parts)
            consumer.assign(parts)
            for part in parts:
                consumer.seek(part, 0)
            records: dict[TopicPartition, list[Any]] = {p: [] for p in parts}
            async with asyncio.timeout(60):
                while any(len(records[p]) < ends[p] for p in parts):
                    for part, batch in (await consumer.getmany(timeout_ms=500)).items():
                        records[part] += batch
            return records
        finally:
            await consumer.stop()

    async def applied(self, *topics: str) -> list[Received]:
        """What a guarded reader of these topics applies; fails at the first stop."""
        return [each for batch in (await self.read(*topics)).values() for each in guarded(map(decode, batch))]

    async def close(self) -> None:
        await self.driver.close()


def guarded(received: Iterable[Received]) -> list[Received]:
    """The records of one partition that its guard lets through."""
    guard, applied = Guard(), []
    for offset, each in enumerate(received):
        verdict = guard.judge(each.position, each.after, each.event_id)
        assert not isinstance(verdict, Stop), verdict
        if isinstance(verdict, Apply):
            applied.append(each)
        guard = guard.advance(each, offset, verdict)
    return applied


async def relayed(system: System, count: int = 20) -> None:
    """A system whose relay has sent `count` commits and is down."""
    async with system.relaying() as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(count)])
        await system.relayed(count, task=task)


def token_at(time: Timestamp) -> dict[str, str]:
    """A well-formed token of nothing at a cluster time."""
    return {"_data": f"82{time.time:08X}{time.inc:08X}2B0229296E04"}


async def admin_does(system: System, work: Any) -> None:
    """Lets an admin client of the broker do something."""
    admin = AIOKafkaAdminClient(bootstrap_servers=system.settings.kafka)
    await admin.start()
    try:
        await work(admin)
    finally:
        await admin.close()


async def delete_topics(system: System, *names: str) -> None:
    """Deletes topics by their names on the broker, and waits until it shows them no more."""

    async def gone(admin: AIOKafkaAdminClient) -> None:
        await admin.delete_topics(list(names))
        async with asyncio.timeout(60):
            while set(names) & set(await admin.list_topics()):
                await asyncio.sleep(0.05)

    await admin_does(system, gone)


async def append(system: System, *commits: dict[str, Any], leave_out: Container[int] = ()) -> None:
    """Sends records of `commits` as the relay would, right behind the checkpoint; without those of some ordinals."""
    checkpoint = await system.checkpoint()
    assert checkpoint
    numbers = Numbering(
        lambda _: system.settings.partitions, checkpoint.epoch, dict(checkpoint.ordinals), dict(checkpoint.chain)
    )
    async with sending(system.settings, system.topics) as sender:
        for made in commits:
            records = numbers.commit("member", made)
            if numbers.ordinals["member"] not in leave_out:
                await sender.send(records)


def mended(received: Iterable[Received]) -> list[Received]:
    """What a reader of one partition has applied at the end, where it read on at misfits without applying."""
    guard, applied = Guard(), []
    for offset, each in enumerate(received):
        verdict = guard.judge(each.position, each.after, each.event_id)
        if isinstance(verdict, Apply):
            applied.append(each)
        guard = guard.advance(each, offset, verdict)
    return applied


class Dying(CheckpointStore):
    """Dies before the checkpoint of a new epoch, or of a new generation, is written."""

    async def replace(self, checkpoint: Checkpoint) -> None:
        raise ConnectionError
