"""A service beside the test that hears what a relay would send, and forgets nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition

from services.relay.numbering import Numbering
from services.relay.sending import make_producer
from shared.kernel.envelope import Recorded
from shared.messaging.consumer import connection, make_consumer
from tests.shared.messaging.support import EVENTS, LOG, System

TYPE = "member.MemberEntered.v1"


class Applied:
    """An idempotent service: counts what it decided by event id, in order per stream. A call takes `seconds`."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.versions: dict[str, list[int]] = {}
        self.seconds = 0.0
        self.failing: Callable[[Recorded], Exception | None] = lambda _: None

    async def __call__(self, records: Sequence[Recorded]) -> None:
        await asyncio.sleep(self.seconds)
        for each in records:
            if error := self.failing(each):
                raise error
            self.times[each.event_id] += 1
            if self.times[each.event_id] == 1:
                self.versions.setdefault(each.stream, []).append(each.version)


class Sender:
    """Writes to the topics what a relay would, numbering as it does."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.numbers = Numbering(lambda _: system.settings.partitions)

    async def send(self, commits: Sequence[dict[str, Any]]) -> None:
        settings, topics = self.system.settings, self.system.topics
        await topics.ensure(connection(settings), [LOG, EVENTS], settings.partitions)
        producer = make_producer(settings)
        await producer.start()
        try:
            await asyncio.gather(
                *[
                    await producer.send(
                        topics.physical(r.place[0]), r.value, key=r.key, partition=r.place[1], headers=r.headers
                    )
                    for made in commits
                    for r in self.numbers.commit("member", made)
                ]
            )
        finally:
            await producer.stop()


async def committed(system: System, group: str) -> int:
    """How many records of the public topic the group has acknowledged."""
    consumer = make_consumer(system.settings, f"{system.settings.namespace}{group}")
    await consumer.start()
    try:
        parts = [TopicPartition(system.topics.physical(EVENTS), p) for p in range(system.settings.partitions)]
        return sum([await consumer.committed(p) or 0 for p in parts])
    finally:
        await consumer.stop()


async def until(true: Callable[[], bool], task: "asyncio.Task[None] | None" = None) -> None:
    async with asyncio.timeout(60):
        while not true():
            if task and task.done():
                task.result()
            await asyncio.sleep(0.02)


async def cancel(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
