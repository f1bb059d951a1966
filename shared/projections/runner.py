"""The one loop that feeds read models (kernel.md 4), the same live and from the beginning.

It reads raw batches, seeks to its own stored positions, and advances them in the transaction of the changes, with
their former value as filter. Redelivery, rebalance, a crash or a second reader change nothing.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from shared.eventstore.driver import Driver
from shared.kernel.envelope import Recorded
from shared.messaging.consumer import make_consumer
from shared.messaging.guard import Apply, Guard, Stop
from shared.messaging.topics import Topics
from shared.messaging.wire import decode
from shared.runtime.service import Health, Role, Stopped
from shared.runtime.settings import Settings

log = structlog.get_logger()

BATCH_MAX = 2_000
LINGER_MS_MAX = 50
MISFIT_SECONDS_MAX = 30.0


class Projection(Protocol):
    """A read model. `name` with `version` names its positions; `topics` are logical names.

    `prepare` creates indexes. `apply` writes what a batch changes, inside the given session; it may run again with
    the same batch when its transaction is repeated, and keeps nothing in memory that a repeat would spoil.
    """

    name: str
    version: int
    topics: tuple[str, ...]

    async def prepare(self) -> None: ...

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None: ...


class PositionsMoved(Exception):
    """Somebody else advanced a position: this reader forgets everything and starts from what is stored."""


@dataclass(slots=True)
class _Partition:
    guard: Guard
    stored: dict[str, Any] | None
    misfit_since: float | None = None
    misfit: str = ""


class ProjectionLoop:
    """Feeds one projection of one service.

    With `group`, partitions are shared out among the processes of the group; without, this loop reads all of them.
    """

    role = Role.CONSUMER

    def __init__(self, driver: Driver, service: str, projection: Projection, settings: Settings) -> None:
        self.name = f"{service}.{projection.name}"
        self._driver = driver
        self._projection = projection
        self._settings = settings
        self._topics = Topics(settings.namespace)
        self._positions = driver.database(settings.database(service))["positions"]
        self._key = f"{projection.name}-v{projection.version}"
        self._partitions: dict[TopicPartition, _Partition] = {}
        self._logical = {self._topics.physical(t): t for t in projection.topics}
        self._lag = 0
        self._reached_end = False

    def health(self) -> Health:
        """Ready when assigned, all partitions fit, and the end was reached once."""
        misfits = [p.misfit for p in self._partitions.values() if p.misfit_since]
        if misfits:
            return Health(ready=False, detail=misfits[0])
        if not self._partitions:
            return Health(ready=False, detail="no partition assigned yet")
        return Health(ready=self._reached_end, detail=f"lag {self._lag}")

    async def run(self) -> None:
        await self._projection.prepare()
        consumer = make_consumer(
            self._settings, group=f"{self._settings.namespace}{self.name}-v{self._projection.version}"
        )
        await consumer.start()
        try:
            consumer.subscribe(list(self._logical), listener=_Listener(self, consumer))
            while True:
                await self._round(consumer)
        finally:
            await consumer.stop()

    async def load(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        """Takes partitions over: positions from the store, and the consumer sought to them."""
        keys = {self._row_id(p): p for p in partitions}
        rows = {r["_id"]: r async for r in self._positions.find({"_id": {"$in": list(keys)}})}
        self._partitions = {}
        for row_id, partition in keys.items():
            row = rows.get(row_id)
            self._partitions[partition] = _Partition(Guard.restore(row), row)
            consumer.seek(partition, row["offset"] + 1 if row else 0)

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(timeout_ms=500, max_records=BATCH_MAX)
        if not batches:
            self._after(consumer)
            return
        if sum(map(len, batches.values())) < BATCH_MAX // 4 and self._lag > BATCH_MAX:
            await asyncio.sleep(LINGER_MS_MAX / 1000)
        try:
            await self._consume(batches)
        except PositionsMoved:
            log.warning("projection.positions_moved", projection=self.name)
            await self.load(consumer, list(consumer.assignment()))
        self._after(consumer)

    async def _consume(self, batches: dict[TopicPartition, list[Any]]) -> None:
        events: list[Recorded] = []
        moves: list[tuple[TopicPartition, dict[str, Any]]] = []
        guards: dict[TopicPartition, Guard] = {}
        for partition, records in batches.items():
            held = self._partitions.get(partition)
            if held is None:
                raise PositionsMoved
            guard = held.guard
            for record in records:
                wire = decode(record)
                verdict = guard.judge(wire.position, wire.after, wire.event_id)
                if isinstance(verdict, Stop):
                    self._misfit(partition, held, verdict.reason, record.offset)
                    continue
                if isinstance(verdict, Apply):
                    self._fits(held)
                    if wire.event is not None:
                        events.append(wire.event)
                guard = guard.advance(wire, record.offset, verdict)
            if guard is not held.guard:
                guards[partition] = guard
                moves.append((partition, self._row(partition, guard)))
        if moves:
            await self._driver.transaction(lambda session: self._write(session, events, moves))
        for partition, row in moves:
            self._partitions[partition].guard = guards[partition]
            self._partitions[partition].stored = row

    async def _write(
        self, session: Any, events: list[Recorded], moves: list[tuple[TopicPartition, dict[str, Any]]]
    ) -> None:
        for partition, row in moves:
            former = self._partitions[partition].stored
            if former is None:
                await self._positions.insert_one(row, session=session)
            else:
                result = await self._positions.replace_one(former, row, session=session)
                if not result.matched_count:
                    raise PositionsMoved
        if events:
            await self._projection.apply(session, events)
