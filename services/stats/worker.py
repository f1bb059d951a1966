"""The leased writer of the figures and the sweep of old hours."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from services.stats.hours import Hours, Progress, Stroke, hour_at
from services.stats.projections.live import LiveTotals
from services.stats.retention import Retention
from shared.eventstore.driver import Driver, ensure_collections
from shared.kernel.clock import Clock, to_micros
from shared.messaging.consumer import make_consumer
from shared.projections.positions import POSITIONS, PositionsMoved
from shared.projections.runner import ProjectionLoop
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role
from shared.runtime.settings import Settings

log = structlog.get_logger()

LEASES = "leases"
STAMP_SECONDS = 1.0
SWEEP_SECONDS = 600.0


class FiguresWriter(ProjectionLoop):
    """One process reads all partitions, keeps the live totals and publishes the hours (kernel.md 7).

    At the stroke the end offsets are noted; every partition stops exactly there until the hour is published.
    """

    role = Role.WORKER

    def __init__(
        self, driver: Driver, totals: LiveTotals, hours: Hours, settings: Settings, clock: Clock, database: Any
    ) -> None:
        super().__init__(driver, "stats", totals, settings)
        self._totals = totals
        self._hours = hours
        self._clock = clock
        self._database = database
        self._lease = Lease(database[LEASES], "figures")
        self._leading = False
        self._consumer: AIOKafkaConsumer | None = None
        self._progress: Progress | None = None
        self._stamped_at = 0.0

    def health(self) -> Health:
        """A process without the lease is ready to take over."""
        return super().health() if self._leading else Health(ready=True, detail="another process has the lease")

    async def run(self) -> None:
        """Raises Stopped when a partition does not fit, or when the log begins after the stored position."""
        await self._totals.prepare()
        await self._hours.prepare()
        await ensure_collections(self._database, POSITIONS)
        while True:
            async with self._lease.held() as lost:
                try:
                    await self._lead(lost)
                finally:
                    self._leading, self._partitions = False, {}

    async def _lead(self, lost: asyncio.Event) -> None:
        self._leading, self._caught_up = True, False
        consumer = make_consumer(self._settings)  # without a group it gets all partitions: the lease says who reads
        consumer.subscribe(list(self._topics))
        try:
            await consumer.start()
            self._consumer = consumer
            await self.load(consumer, consumer.assignment())
            linger = 0.0
            while not lost.is_set():
                if linger:
                    await asyncio.sleep(linger)
                linger = await self._round(consumer)
                await self._keep_the_hour(consumer)
        except OffsetOutOfRangeError as error:
            raise await self._out_of_range(consumer) from error
        finally:
            await consumer.stop()

    async def load(self, consumer: AIOKafkaConsumer, partitions: Any) -> None:
        """The writer's row is read before the positions: a batch in between then shows at the next hour."""
        self._progress = await self._hours.load(self._clock.now())
        self._totals.batches = self._progress.batches
        await super().load(consumer, partitions)
        consumer.resume(*partitions)

    async def _consume(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        await super()._consume(self._up_to_the_stroke(batches))

    def _up_to_the_stroke(
        self, batches: Mapping[TopicPartition, Sequence[Any]]
    ) -> Mapping[TopicPartition, Sequence[Any]]:
        """Without the records that came after the stroke: they are read again when its hour is published."""
        if self._progress is None or self._progress.stroke is None or self._consumer is None:
            return batches
        kept: dict[TopicPartition, Sequence[Any]] = {}
        for partition, records in batches.items():
            bound = self._progress.stroke.bounds.get(self._place(partition), 0)
            before = [record for record in records if record.offset < bound]
            if len(before) < len(records):
                self._consumer.pause(partition)
                self._consumer.seek(partition, bound)
            if before:
                kept[partition] = before
        return kept

    async def _keep_the_hour(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await self._publish_when_due(consumer)
        except PositionsMoved:
            log.warning("stats.hour.taken_over")
            await self.load(consumer, consumer.assignment())

    async def _publish_when_due(self, consumer: AIOKafkaConsumer) -> None:
        now, progress = self._clock.now(), self._progress
        if progress is None:
            return
        if progress.copying:
            await self._copy(consumer, progress)
        elif progress.stroke is not None:
            if self._reached(progress.stroke.bounds):
                await self._hours.begin(progress.hour, progress.stroke, self._totals.batches)
                self._progress = await self._hours.load(now)
                await self._copy(consumer, self._progress)
        elif hour_at(now) > progress.hour:
            await self._note(consumer, progress, now)
        elif self._lag == 0 and self._caught_up:
            await self._stamp(consumer, now)

    async def _note(self, consumer: AIOKafkaConsumer, progress: Progress, now: datetime) -> None:
        bounds = await self._ends(consumer)
        await self._hours.note(progress.hour, Stroke(hour_at(now), to_micros(now), bounds))
        self._progress = await self._hours.load(now)

    async def _ends(self, consumer: AIOKafkaConsumer) -> dict[str, int]:
        """The end of every partition at this moment."""
        ends = await consumer.end_offsets(list(consumer.assignment()))
        return {self._place(partition): end for partition, end in ends.items()}

    async def _copy(self, consumer: AIOKafkaConsumer, progress: Progress) -> None:
        copied = await self._hours.copy(progress)
        await self._hours.publish(progress, self._clock.now(), copied)
        self._progress = await self._hours.load(self._clock.now())
        consumer.resume(*consumer.assignment())

    async def _stamp(self, consumer: AIOKafkaConsumer, now: datetime) -> None:
        """Says every second that the totals are those of now, so that their age can be told from silence.

        `now` was taken before the ends are asked for, so everything sent until then is in the totals.
        """
        ticks = asyncio.get_running_loop().time()
        if ticks - self._stamped_at >= STAMP_SECONDS and self._reached(await self._ends(consumer)):
            self._stamped_at = ticks
            await self._hours.current(now)

    def _reached(self, bounds: Mapping[str, int]) -> bool:
        """Whether everything before the bounds is applied; a partition made later has no bound and no part in it."""
        done = {self._place(p): held.guard.offset + 1 for p, held in self._partitions.items()}
        return all(done.get(place, 0) >= bound for place, bound in bounds.items())

    def _place(self, partition: TopicPartition) -> str:
        return f"{self._topics[partition.topic]}/{partition.partition}"


class Sweep:
    """Thins out hours older than 30 days, one process at a time."""

    name = "stats.sweep"
    role = Role.WORKER

    def __init__(self, retention: Retention, clock: Clock, database: Any) -> None:
        self._retention = retention
        self._clock = clock
        self._lease = Lease(database[LEASES], "sweep")

    def health(self) -> Health:
        return Health(ready=True)

    async def run(self) -> None:
        while True:
            async with self._lease.held():
                await self._retention.sweep(self._clock.now())
            await asyncio.sleep(SWEEP_SECONDS)
