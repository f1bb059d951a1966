"""The leased writer of the figures and the sweep of old hours."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from services.stats.hours import Hours, Progress, Stroke, hour_at
from services.stats.projections.live import LiveTotals
from services.stats.retention import Retention
from shared.eventstore.driver import Driver, ensure_collections
from shared.kernel.clock import Clock, to_micros
from shared.projections.bounded import BoundedLoop
from shared.projections.copies import COPIES
from shared.projections.positions import POSITIONS, PositionsMoved
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role
from shared.runtime.settings import Settings

log = structlog.get_logger()

LEASES = "leases"
STAMP_SECONDS = 1.0
SWEEP_SECONDS = 600.0


class FiguresWriter(BoundedLoop):
    """One process reads all partitions, keeps the live totals and publishes the hours (kernel.md 7).

    At the stroke the end offsets are noted; every partition stops exactly there until the hour is published.
    """

    role = Role.WORKER

    def __init__(
        self, driver: Driver, totals: LiveTotals, hours: Hours, settings: Settings, clock: Clock, database: Any
    ) -> None:
        super().__init__(driver, "stats", totals, settings)
        self._hours = hours
        self._clock = clock
        self._lease = Lease(database[LEASES], "figures")
        self._leading = False
        self._progress: Progress | None = None
        self._stamped_at = 0.0

    @property
    def _totals(self) -> LiveTotals:
        """The copy that is fed."""
        return cast("LiveTotals", self.projection)

    def health(self) -> Health:
        """A process without the lease is ready to take over."""
        return super().health() if self._leading else Health(ready=True, detail="another process has the lease")

    async def run(self) -> None:
        """Raises Stopped when a partition does not fit, or when the log begins after the stored position."""
        await self._hours.prepare()
        await ensure_collections(self._database, POSITIONS, COPIES)
        while True:
            async with self._lease.held() as lost:
                try:
                    await self._take_copy()
                    await self._hours.take_version(self.copy.number)
                    await self._lead(lost)
                finally:
                    self._leading, self._partitions = False, {}

    async def _lead(self, lost: asyncio.Event) -> None:
        self._leading, self._caught_up = True, False
        async with self.reading() as consumer:
            try:
                while not lost.is_set() and await self._follow(consumer):
                    await self._round(consumer)
                    await self._keep_the_hour(consumer)
            except OffsetOutOfRangeError as error:
                raise await self._out_of_range(consumer) from error

    async def load(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """The writer's row is read before the positions: a batch in between then shows at the next hour."""
        self._totals.batches = (await self._look()).batches
        await super().load(consumer, partitions)

    async def _look(self) -> Progress:
        """The writer's row as it is now; from a stroke on nothing is read beyond it."""
        self._progress = progress = await self._hours.load(self._clock.now())
        self.bounds = progress.stroke.bounds if progress.stroke else None
        return progress

    async def _keep_the_hour(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await self._publish_when_due(consumer)
        except PositionsMoved:
            log.warning("stats.hour.taken_over")
            await self.load(consumer, consumer.assignment())

    async def _publish_when_due(self, consumer: AIOKafkaConsumer) -> None:
        """A stroke is noted, and kept, only while all partitions fit: what heals one comes behind any bound."""
        now, progress = self._clock.now(), self._progress
        fits = not any(held.misfit for held in self._partitions.values())
        if progress is None or progress.copy != self.copy.number:
            return  # another copy has taken over, and will be followed
        if progress.copying:
            await self._copy_hour(consumer, progress)
        elif progress.stroke is not None:
            if not fits:
                await self._hours.give_up(progress.stroke)
                await self.load(consumer, consumer.assignment())
            elif self.reached(progress.stroke.bounds):
                await self._hours.begin(progress.hour, progress.stroke, self._totals.batches)
                await self._copy_hour(consumer, await self._look())
        elif hour_at(now) > progress.hour and fits:
            await self._hours.note(progress, Stroke(hour_at(now), to_micros(now), await self.ends(consumer)))
            await self._look()
        elif self._lag == 0 and self._caught_up:
            await self._stamp(consumer, now)

    async def _copy_hour(self, consumer: AIOKafkaConsumer, progress: Progress) -> None:
        copied = await self._hours.copy(progress)
        await self._hours.publish(progress, self._clock.now(), copied)
        await self._look()
        self.resume(consumer)

    async def _stamp(self, consumer: AIOKafkaConsumer, now: datetime) -> None:
        """Says every second that the totals are those of now, so that their age can be told from silence.

        `now` was taken before the ends are asked for, so everything sent until then is in the totals.
        """
        ticks = asyncio.get_running_loop().time()
        if ticks - self._stamped_at >= STAMP_SECONDS and self.reached(await self.ends(consumer)):
            self._stamped_at = ticks
            await self._hours.current(now)


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
