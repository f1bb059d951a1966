"""The one loop that feeds read models (kernel.md 4), the same live and from the beginning.

It reads raw batches, seeks to its own stored positions, and advances them in the transaction of the changes, with
their former value as filter. Redelivery, rebalance, a crash or a second reader change nothing.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.eventstore.driver import Driver, ensure_collections
from shared.kernel.envelope import Recorded
from shared.kernel.refusals import SystemBusy
from shared.messaging.consumer import asking_nothing, keep_questions, make_consumer
from shared.messaging.generations import current_topics
from shared.messaging.guard import Apply, Duplicate, Guard, Stop
from shared.messaging.topics import Topics
from shared.messaging.wire import decode
from shared.observability.tracing import batch
from shared.projections.copies import COPIES, FOLLOWED_SECONDS, Copies, Copy
from shared.projections.measures import measure
from shared.projections.portions import BATCH_MAX, Batches, next_size, portions
from shared.projections.positions import POSITIONS, Held, PositionsMoved, Row, advance, position_row
from shared.projections.projection import Projection
from shared.runtime.service import Health, Role, Stopped
from shared.runtime.settings import Settings

log = structlog.get_logger()

LINGER_SECONDS = (0.1, 0.6)
LINGER_SHARE = 5
"""After a small batch a loop waits this many times as long as it took, within these bounds: on a machine at its limit,
where every batch is small and dear, fewer and larger ones are what relieves it."""
MISFIT_SECONDS_MAX = 30.0
BUSY_MS = 100
"""For how long while large batches follow each other."""
UNSAVED_SECONDS_MAX = 1.0
"""How long positions may stay unsaved while nothing comes that the projection wants: nothing is lost with them."""


class TopicTooShort(Exception):
    """A topic ends before the stored position. Begun again later, the reader finds that position, or a misfit."""


class ProjectionLoop:
    """Feeds one projection of one service; its partitions are shared out among the processes of one group.

    It looks again and again which copy is to be fed, and goes over to it at that copy's own positions.
    A batch that cannot be committed in the time of a transaction is halved and tried again, down to fifty records; one
    that was slow makes the next one smaller.
    """

    role = Role.CONSUMER
    idle_ms: ClassVar[int] = 3_000
    """For how long Kafka keeps the question of an idle loop, answering it as soon as there is a record."""

    def __init__(self, driver: Driver, service: str, projection: Projection, settings: Settings) -> None:
        self.service = service
        self.name = f"{service}.{projection.name}"
        self.group = f"{settings.namespace}{self.name}-v{projection.version}"
        self.driver = driver
        self.settings = settings
        self._database = driver.database(settings.database(service))
        self._positions = self._database[POSITIONS]
        self._copies = Copies(self._database, f"{projection.name}-v{projection.version}")
        self.projection = projection
        self._feed(Copy())
        self._looked_at = self._saved_at = 0.0
        self._partitions: dict[TopicPartition, Held] = {}
        self._lag = 0
        self._batch = BATCH_MAX
        self._caught_up = False

    @property
    def reads(self) -> frozenset[str]:
        """The topics (logical)."""
        return frozenset(self.projection.topics)

    def hears(self, topic: str, type_: str) -> bool:
        """Whether records of this type on this topic (logical) reach the projection."""
        return topic in self.projection.topics and self.projection.wants(type_, "")

    def health(self) -> Health:
        """Ready when partitions are assigned, every one of them fits, and the end was reached once."""
        misfits = [p.misfit for p in self._partitions.values() if p.misfit]
        if misfits:
            return Health(ready=False, detail=misfits[0])
        if not self._partitions:
            return Health(ready=False, detail="no partition assigned yet")
        return Health(ready=self._caught_up, detail=f"lag {self._lag}")

    async def run(self) -> None:
        """Raises Stopped when a partition does not fit for 30 s, or when the log begins after the stored position."""
        await ensure_collections(self._database, POSITIONS, COPIES)
        while True:
            await self._take_copy()
            await self._read_topics()

    async def _read_topics(self) -> None:
        """Returns when the copy to be fed is made of other topics."""
        group, instance = f"{self.group}{self._names.suffix}", self.settings.instance or None
        consumer = make_consumer(self.settings, group=group, instance=instance, fetch_max_wait_ms=self.idle_ms)
        await consumer.start()
        try:
            consumer.subscribe(list(self._topics), listener=_Listener(self, consumer))
            while await self._follow(consumer):
                await self._round(consumer)
        except OffsetOutOfRangeError as error:
            raise await self._out_of_range(consumer) from error
        finally:
            self._partitions = {}
            await consumer.stop()

    async def _take_copy(self) -> None:
        """Makes ready for the copy that is to be fed now; a read model fed for the first time begins its row."""
        copy = await self._copies.fed()
        if copy is None:
            copy = await self._copies.first((await current_topics(self.driver, self.settings)).generation)
        self._feed(copy)
        await self.projection.prepare()

    def _feed(self, copy: Copy) -> None:
        self.copy = copy
        self.projection = self.projection.at(copy.number)
        self._names = Topics(self.settings.namespace, copy.generation)
        self._topics = {self._names.physical(t): t for t in self.projection.topics}

    async def _follow(self, consumer: AIOKafkaConsumer) -> bool:
        """Goes over to another copy of the same topics; False where the copy to be fed is made of others."""
        if time.monotonic() - self._looked_at < FOLLOWED_SECONDS:
            return True
        self._looked_at = time.monotonic()
        copy = await self._copies.fed() or self.copy
        if copy == self.copy:
            return True
        log.info("projection.follows", projection=self.name, copy=copy.number, generation=copy.generation)
        if copy.generation != self.copy.generation:
            return False
        await self._take_copy()
        await self.load(consumer, consumer.assignment())
        return True

    async def mended(self) -> None:
        """After a stop: returns when another copy is to be fed."""
        while await self._copies.fed() in (None, self.copy):
            await asyncio.sleep(1)

    async def load(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Takes partitions over, forgetting all others: guards as stored, the consumer sought to them."""
        keys = {self._row_id(p): p for p in partitions}
        rows = {r["_id"]: r async for r in self._positions.find({"_id": {"$in": list(keys)}})}
        ends = await consumer.end_offsets(list(keys.values()))
        self._partitions = {
            p: Held(Guard.restore(rows.get(row_id)), rows.get(row_id), ends[p]) for row_id, p in keys.items()
        }
        self._seek(consumer)
        self._caught_up = self._caught_up or self._reached_ends()

    def _seek(self, consumer: AIOKafkaConsumer) -> None:
        for partition, held in self._partitions.items():
            consumer.seek(partition, held.guard.offset + 1)

    async def _out_of_range(self, consumer: AIOKafkaConsumer) -> Exception:
        """A stop where the topic begins behind the stored position; where it ends before, the relay sends it again."""
        ends = await consumer.end_offsets(list(self._partitions))
        if any(held.guard.offset + 1 > ends[partition] for partition, held in self._partitions.items()):
            return TopicTooShort(f"{self.name}: Kafka lost what was read already; waits until the relay sent it again")
        return Stopped(f"{self.name}: the topic no longer holds the stored position: tuan republish")

    def release(self) -> None:
        """Partitions were taken away: nothing of them is applied any more."""
        self._partitions = {}

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        """One batch; after a small one it waits, so that the next is larger. During a large one the next is fetched,
        and no question stays at Kafka for long while records lie in hand: it would keep news of theirs back.
        """
        try:
            batches = await consumer.getmany(timeout_ms=1_000, max_records=self._batch)
        except NoOffsetForPartitionError:
            # The fetcher of a new assignment was faster than the listener that seeks. What was loaded is not loaded
            # again: Kafka would tell the ends after the question that waits there for records, seconds later.
            if self._partitions.keys() != consumer.assignment():
                await self.load(consumer, consumer.assignment())
            self._seek(consumer)
            return
        self._check_misfits()
        read = sum(map(len, batches.values()))
        large = read >= self._batch // 4
        keep_questions(consumer, BUSY_MS if large else self.idle_ms)
        if large or not read:
            await self._handle(consumer, batches)
        else:
            with asking_nothing(consumer):
                await asyncio.sleep(await self._handle(consumer, batches))

    async def _handle(self, consumer: AIOKafkaConsumer, batches: Batches) -> float:
        """Answers for how long waiting gathers more."""
        began = time.monotonic()
        try:
            for portion in portions(batches, BATCH_MAX):
                await self._consume(portion)
        except PositionsMoved:
            log.warning("projection.positions_moved", projection=self.name)
            self._looked_at = -FOLLOWED_SECONDS  # perhaps because another copy is fed now
        except SystemBusy:
            self._batch = next_size(self._batch, None)
            log.warning("projection.batch_too_slow", projection=self.name, batch=self._batch)
        else:
            return self._handled(consumer, batches, time.monotonic() - began)
        await self.load(consumer, consumer.assignment())
        return 0.0

    def _handled(self, consumer: AIOKafkaConsumer, batches: Batches, seconds: float) -> float:
        # Not by a round without records: on a busy system there is none, and a new process would never be ready.
        self._caught_up = self._caught_up or self._reached_ends()
        held = consumer.assignment()  # a partition may have been taken away while its records were applied
        self._lag = sum((consumer.highwater(p) or 0) - (r[-1].offset + 1) for p, r in batches.items() if p in held)
        measure(self.name, batches.values(), seconds, lag=self._lag, caught_up=self._caught_up)
        self._batch = next_size(self._batch, seconds)
        return min(LINGER_SECONDS[1], max(LINGER_SECONDS[0], LINGER_SHARE * seconds))

    def _reached_ends(self) -> bool:
        held = self._partitions.values()
        return bool(held) and all(p.guard.offset + 1 >= p.end for p in held)

    async def _consume(self, batches: Batches) -> None:
        events: list[Recorded] = []
        moved = [(p, held, held.guard) for p, held in self._partitions.items() if held.unsaved and p not in batches]
        for partition, records in batches.items():
            if partition not in self._partitions:
                raise PositionsMoved
            held = self._partitions[partition]
            guard = self._judge(partition, held, records, events)
            if held.unsaved or guard != held.guard:
                moved.append((partition, held, guard))
        saving = bool(events) or time.monotonic() - self._saved_at > UNSAVED_SECONDS_MAX
        if moved and saving:
            rows = [(held.stored, position_row(self._row_id(partition), guard)) for partition, held, guard in moved]
            with batch(f"projection {self.name}", (event.correlation for event in events)):
                await self.driver.transaction(lambda session: self._write(session, events, rows))
            for (_, held, _), (_, row) in zip(moved, rows, strict=True):
                held.stored = row
            self._saved_at = time.monotonic()
        for _, held, guard in moved:
            held.guard = guard
            held.unsaved = not saving

    def _judge(self, partition: TopicPartition, held: Held, records: Sequence[Any], events: list[Recorded]) -> Guard:
        """Adds what is next to `events`; answers the guard after the records, without changing the held one."""
        guard = held.guard
        for record in records:
            received = decode(record, self.projection.wants)
            verdict = guard.judge(received.position, received.after, received.event_id)
            match verdict:
                case Apply():
                    held.misfit = ""
                    if received.event is not None:
                        events.append(received.event)
                case Duplicate():
                    pass
                case Stop(reason):
                    if not held.misfit:
                        held.misfit_since = time.monotonic()
                        log.critical("projection.misfit", projection=self.name, partition=str(partition), reason=reason)
                    held.misfit = reason
            guard = guard.advance(received, record.offset, verdict)
        return guard

    def _check_misfits(self) -> None:
        for partition, held in self._partitions.items():
            if held.misfit and time.monotonic() - held.misfit_since > MISFIT_SECONDS_MAX:
                where = f"{self.name}: {partition.topic}/{partition.partition}"
                raise Stopped(f"{where}: {held.misfit}; tuan rebuild {self.name}, or tuan republish if that stops too")

    async def _write(self, session: Any, events: Sequence[Recorded], rows: Sequence[tuple[Row | None, Row]]) -> None:
        await advance(self._positions, rows, session)
        if events:
            await self.projection.apply(session, events)

    def _row_id(self, partition: TopicPartition) -> str:
        return f"{self._copies.key}{self.copy.suffix}/{self._topics[partition.topic]}/{partition.partition}"


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, loop: ProjectionLoop, consumer: AIOKafkaConsumer) -> None:
        self._loop = loop
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002
        self._loop.release()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._loop.load(self._consumer, assigned)
