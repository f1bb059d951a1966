"""The reader of the withdrawals lane: every process that decides has one, without a group (kernel.md 5)."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from shared.authority.copy_age import broker_now_ms, copy_as_of_ms
from shared.authority.freshness import Freshness, LaneAge
from shared.authority.grants import Withdrawals
from shared.authority.words import Replaced, Withdrawn
from shared.contracts.authority_feed import word_of
from shared.eventstore.driver import Driver
from shared.kernel.clock import Clock, from_micros
from shared.messaging.consumer import connection, make_consumer
from shared.messaging.generations import current_topics
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import BEAT_TYPE, decode
from shared.observability.metric_names import gauge
from shared.runtime.service import Health, Role
from shared.runtime.settings import Settings

log = structlog.get_logger()

MARGIN = timedelta(hours=1)
POLL_MS = 500
BATCH_MAX = 5_000
COVERAGE_SECONDS = 10.0
FOLLOW_SECONDS = 2.0

_AGE = gauge("tuan_authority_age_seconds")


class WithdrawalsLane:
    """Fills `withdrawals` from the lane and knows how old that knowledge is.

    It begins an hour before the age of this service's copy of the rights, so nothing between the copy and the lane is
    missed; where the lane no longer reaches back that far, its age is infinite until the copy has caught up.
    """

    role = Role.ALL
    reads = frozenset({LANE})

    def __init__(
        self, driver: Driver, service: str, settings: Settings, clock: Clock, withdrawals: Withdrawals
    ) -> None:
        self.name = f"{service}.withdrawals"
        self._settings = settings
        self._clock = clock
        self._withdrawals = withdrawals
        self._driver = driver
        self._topics = Topics(settings.namespace)
        self._lane = TopicPartition(self._topics.physical(LANE), 0)
        self._database = driver.database(settings.database(service))
        self._age = LaneAge()
        self._next: int | None = None
        self._end = 0
        self._lane_from_ms = 0
        self._looked_at = 0.0
        self._followed_at = 0.0
        self._old = False

    def freshness(self) -> Freshness:
        return self._age.now()

    def hears(self, topic: str, type_: str) -> bool:
        """Every withdrawal on the lane."""
        return topic == LANE and type_ != BEAT_TYPE

    def health(self) -> Health:
        """Ready while commands are decided: the age is known and below its limit."""
        now = self._age.now()
        return Health(ready=now.age_seconds < self._settings.authority_commands_seconds, detail=now.detail)

    async def run(self) -> None:
        """Reads for ever. What it has read survives a restart of the loop; the age goes on counting meanwhile.

        A lane that is not there is looked for now and then: a client that reads it would ask for it without a pause.
        """
        while True:
            await self._follow()
            if LANE in await self._topics.there(connection(self._settings), ["org"]):
                await self._read()
            else:
                await asyncio.sleep(FOLLOW_SECONDS)

    async def _follow(self) -> bool:
        """Whether the lane is another one now: of it nothing is known yet."""
        self._followed_at = time.monotonic()
        topics = await current_topics(self._driver, self._settings)
        if topics == self._topics:
            return False
        self._topics, self._lane = topics, TopicPartition(topics.physical(LANE), 0)
        self._next, self._age = None, LaneAge()
        return True

    async def _read(self) -> None:
        """Returns when another generation's lane is to be read, or this one is there no more."""
        consumer = make_consumer(self._settings)
        await consumer.start()
        try:
            consumer.assign([self._lane])
            if self._next is None:
                self._next = await self._begin(consumer)
            consumer.seek(self._lane, self._next)
            self._end = (await consumer.end_offsets([self._lane]))[self._lane]
            while consumer.partitions_for_topic(self._lane.topic):
                await self._round(consumer)
                if time.monotonic() - self._followed_at > FOLLOW_SECONDS and await self._follow():
                    return
        except OffsetOutOfRangeError:
            self._next, self._age = None, LaneAge()
            raise
        finally:
            await consumer.stop()

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_MAX)
        for record in batches.get(self._lane, ()):
            self._take(record)
            self._next = record.offset + 1
        if self._next is not None and self._next >= self._end:
            self._age.reached_end = True
        if not self._age.reaches_back and time.monotonic() - self._looked_at > COVERAGE_SECONDS:
            self._age.reaches_back = (
                await copy_as_of_ms(self._settings, self._database, self._topics) >= self._lane_from_ms
            )
            self._looked_at = time.monotonic()
        self._tell()

    def _take(self, record: Any) -> None:
        event = decode(record).event
        if event is None:
            return
        if event.type == BEAT_TYPE:
            self._age.beat(from_micros(event.data["at"]), self._clock.now())
        elif isinstance(word := word_of(event), Withdrawn):
            self._withdrawals.note(word)
        elif isinstance(word, Replaced):
            self._withdrawals.note_place(word)

    def _tell(self) -> None:
        seconds = self._age.now().age_seconds
        _AGE.set(seconds)
        old = seconds > self._settings.authority_warn_seconds
        if old and not self._old and self._age.reached_end:
            log.warning("authority.old", seconds=seconds, reason=self._age.now().detail)
        self._old = old

    async def _begin(self, consumer: AIOKafkaConsumer) -> int:
        """Where to start, by the brokers' time: the instants of Kafka's records are not moved by a test's clock."""
        as_of = await copy_as_of_ms(self._settings, self._database, self._topics)
        self._looked_at = time.monotonic()
        since = max(0, as_of - int(MARGIN.total_seconds() * 1000))
        oldest = (await consumer.beginning_offsets([self._lane]))[self._lane]
        end = (await consumer.end_offsets([self._lane]))[self._lane]
        found = (await consumer.offsets_for_times({self._lane: since}))[self._lane]
        start, stamp = (found.offset, found.timestamp) if found else (end, broker_now_ms())
        trimmed = oldest > 0 and start == oldest
        self._lane_from_ms = stamp if trimmed else 0
        self._age.reaches_back = as_of >= self._lane_from_ms
        return int(start)
