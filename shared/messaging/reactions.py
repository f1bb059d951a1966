"""Reactions: foreign events become own commands, over FastStream, from one table per service (architecture 3).

This is the only place with an ack policy. Delivery is at least once and in order per key; the functions of the table
send commands that are idempotent by the event's id.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.security import BaseSecurity

from shared.messaging.consumer import DELIVERY, METADATA_MAX_AGE_MS, asking_nothing, connection
from shared.messaging.generations import current_topics
from shared.messaging.handling import Handling, Heard, React, passing
from shared.messaging.parking import OlderTopics, Parking
from shared.messaging.topics import Topics
from shared.messaging.unparking import Unparking
from shared.messaging.wire import decode
from shared.observability.metric_names import gauge
from shared.runtime.ending import ended
from shared.runtime.service import Health, Loop, Role, Stopped
from shared.runtime.settings import Settings

log = structlog.get_logger()
_LAG = gauge("tuan_reaction_lag_records")
T = TypeVar("T")

BATCH_MAX = 500
BATCH_TIMEOUT_MS = 100
"""How long FastStream waits for records, and then, where none came, for how long it does not look: an idle service
that looks 25 times a second spends half of its time on that."""
WATCH_SECONDS = 10.0
STALLED_SECONDS = 60.0
UNASSIGNED_SECONDS = 300.0

Records = tuple["ConsumerRecord[bytes, bytes]", ...]


@dataclass(frozen=True, slots=True)
class Reaction:
    """A row of a service's table: consecutive records of `type` on `topic` (logical) are given to `react`.

    `react` sends own commands and returns when they are decided; it may be given the same records again. A refusal that
    is an ordinary answer is its business; whatever it raises is repeated, and then the record is parked (P5).
    """

    topic: str
    type: str
    react: React


class Stalled(Exception):
    """There is something to read and nothing moves: the consumer is begun anew (aiokafka #847, #1187)."""


class NoneOfOurs(Stopped):
    """A record that nobody of ours wrote: what else stands on the topic is not to be trusted before somebody looked."""


class ParkingFailed(Stopped):
    """A record can be neither handled nor parked: going on would lose it."""


class Reactions:
    """The loop of one service's reactions. Event types that are not in the table are skipped; `loops` also retries
    what was parked.

    The setting `instance` names a lasting member of the group, so that a process that was killed has its partitions
    again as soon as it is back. Members must not outnumber the partitions.
    """

    role = Role.CONSUMER

    def __init__(self, service: str, table: Sequence[Reaction], settings: Settings, parking: Parking) -> None:
        self.name = f"{service}.reactions"
        self.group = f"{settings.namespace}{self.name}"
        self._settings = settings
        self._topics = Topics(settings.namespace)
        self.table = frozenset((r.topic, r.type) for r in table)
        self._parking = parking
        self._handling = Handling({(r.topic, r.type): r.react for r in table})
        self._logical = {self._topics.physical(r.topic): r.topic for r in table}
        self.loops: tuple[Loop, ...] = (self, Unparking(service, self._handling, parking))
        self._health = Health(ready=False, detail="not started")
        self._subscriber: Any = None
        self._failure: Exception | None = None
        self._failed = asyncio.Event()
        self._moved = time.monotonic()
        self._working = False

    @property
    def reads(self) -> frozenset[str]:
        """The topics (logical)."""
        return frozenset(topic for topic, _ in self.table)

    def hears(self, topic: str, type_: str) -> bool:
        """Whether a row of the table is for records of this type on this topic (logical)."""
        return (topic, type_) in self.table

    def health(self) -> Health:
        """Ready while partitions are assigned and read."""
        return self._health

    def build_broker(self) -> KafkaBroker:
        """The broker with its one subscriber, everything that decides delivery written out; it is not started."""
        broker = KafkaBroker(
            self._settings.kafka,
            security=BaseSecurity(ssl_context=connection(self._settings).get("ssl_context")),
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            graceful_timeout=15.0,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            logger=_of_the_library(),
        )
        self._subscriber = broker.subscriber(
            *sorted(self._logical),
            group_id=f"{self.group}{self._topics.suffix}",
            group_instance_id=self._settings.instance or None,
            batch=True,
            max_records=BATCH_MAX,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            parser=_parse_nothing,
            decoder=_decode_nothing,
            no_reply=True,
            **DELIVERY,
        )
        self._subscriber(self.on_batch)
        return broker

    async def run(self) -> None:
        """Until cancelled. Raises Stopped where something can neither be handled nor parked: it is not acknowledged.

        A new generation of topics is heard from its beginning, by a group of its own.
        """
        while True:
            self._topics = await current_topics(self._parking.driver, self._settings)
            self._logical = {self._topics.physical(topic): topic for topic, _ in self.table}
            await self._topics.ensure(
                connection(self._settings),
                self._logical.values(),
                self._settings.partitions,
                self._settings.replication,
            )
            await self._parking.begin(self._topics.generation)
            await self._run()

    async def _run(self) -> None:
        """Returns when there is a newer generation of topics."""
        self._failure = None
        self._failed.clear()
        self._moved = time.monotonic()
        broker = self.build_broker()
        tasks: list[asyncio.Task[Any]] = []
        try:
            await broker.start()
            tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._failed.wait())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._failure:
                raise self._failure
            tasks[0].result()
        finally:
            self._health = Health(ready=False, detail="stopped")
            self._failed.set()
            await ended(*tasks)
            await broker.stop()

    async def on_batch(self, records: Records) -> None:
        """The wrapper around every batch. No exception leaves it: FastStream would go on, and the next ack would
        count what was never handled. After a failure it lets batches pass by unhandled and unacknowledged.
        """
        if self._failed.is_set():
            await asyncio.sleep(BATCH_TIMEOUT_MS / 1000)
            return
        self._working = True
        try:
            with asking_nothing(self._subscriber.consumer):
                if heard := self._heard(records):
                    await self._handle(heard)
                await self._acknowledge(records)
        except Exception as error:  # noqa: BLE001 - the wrapper's whole job, see above
            self._fail(error)
        finally:
            self._working = False
            self._moved = time.monotonic()

    async def _handle(self, batch: Sequence[Heard]) -> None:
        """Everything is handled, or parked, before it returns."""
        free = await self._parked(self._parking.put_behind(batch))
        stuck = await self._handling.handle(free)
        await self._parked(self._parking.park(stuck, free))

    async def _parked(self, writing: Awaitable[T]) -> T:
        try:
            return await writing
        except (Stopped, OlderTopics):
            raise
        except Exception as error:
            if passing(error):
                raise
            raise ParkingFailed(f"the store refuses parked records: {type(error).__name__}; see the log") from error

    def _heard(self, records: Records) -> list[Heard]:
        return [heard for record in records if (heard := self._one(record)) is not None]

    def _one(self, record: "ConsumerRecord[bytes, bytes]") -> Heard | None:
        """The event of a record with its place; None for a marker and what no row is for. Raises NoneOfOurs."""
        topic = self._logical[record.topic]
        try:
            event = decode(record, lambda type_, _stream: (topic, type_) in self.table).event
            if event is None:
                return None
            key, headers = (record.key or b"").decode(), list(record.headers)
            return Heard(topic, key, record.partition, record.offset, record.value or b"", headers, event)
        except (KeyError, ValueError) as error:
            where = f"{record.topic}/{record.partition} at offset {record.offset}"
            sentence = f"the record {where} is none of ours ({type(error).__name__}): find out who wrote it"
            raise NoneOfOurs(sentence) from error

    def _fail(self, error: Exception) -> None:
        log.critical("reactions.stopped", loop=self.name, reason=str(error))
        self._failure = error
        self._failed.set()

    async def _acknowledge(self, records: Records) -> None:
        """Exactly this batch, by its offsets: without them a commit takes whatever the consumer has read since."""
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1
        try:
            await self._subscriber.consumer.commit(offsets)
        except KafkaError as error:
            # A rebalance took the partition: its new owner handles the batch again, which changes nothing.
            log.warning("reactions.not_acknowledged", loop=self.name, reason=f"{type(error).__name__}: {error}")

    async def _watch(self) -> None:
        """Returns for a newer generation. Raises Stalled for lag without progress, and for no partition for long."""
        unassigned_since = time.monotonic()
        while await current_topics(self._parking.driver, self._settings) == self._topics:
            assigned, lag = await self._lag()
            _LAG.labels(self.name).set(lag)
            now = time.monotonic()
            if assigned:
                unassigned_since = now
            if self._working or not lag:
                self._moved = now
            ready = bool(assigned) or self._health.ready
            self._health = Health(ready=ready, detail=f"{assigned} partitions, lag {lag}")
            if now - self._moved > STALLED_SECONDS:
                raise Stalled(f"{lag} records wait and none was read for {STALLED_SECONDS:.0f} s")
            if now - unassigned_since > UNASSIGNED_SECONDS:
                raise Stalled(f"no partition for {UNASSIGNED_SECONDS:.0f} s")
            await asyncio.sleep(WATCH_SECONDS if ready else 0.5)

    async def _lag(self) -> tuple[int, int]:
        """Assigned partitions, and how many records in them wait, as the broker says."""
        consumer = self._subscriber.consumer
        assigned = list(consumer.assignment())
        if not assigned:
            return 0, 0
        lag = 0
        try:
            async with asyncio.timeout(WATCH_SECONDS):
                ends = await consumer.end_offsets(assigned)
                for partition in assigned:
                    lag += max(0, ends[partition] - await consumer.position(partition))
        except (TimeoutError, KafkaError) as error:
            log.warning("reactions.lag_unknown", loop=self.name, reason=type(error).__name__)
            return len(assigned), 1
        return len(assigned), lag


def _of_the_library() -> logging.Logger:
    """Of what it says only errors: at each start it warns of what is wanted here, and lists every partition."""
    logger = logging.getLogger("faststream")
    logger.setLevel(logging.ERROR)
    return logger


async def _parse_nothing(records: Records) -> KafkaMessage:
    """FastStream's own parser decodes headers where an exception is swallowed, and a batch with it."""
    return KafkaMessage(raw_message=records, body=b"", consumer=FAKE_CONSUMER)


async def _decode_nothing(message: KafkaMessage) -> Records:
    raw: Records = message.raw_message
    return raw
