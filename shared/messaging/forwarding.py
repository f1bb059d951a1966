"""The relay's work between two failures: take changes, number them, send them, wait for all, save, go on."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.kernel.clock import Clock, to_micros
from shared.messaging.checkpoint import CheckpointStore
from shared.messaging.consumer import connection
from shared.messaging.kafka_tails import other_history
from shared.messaging.numbering import Numbered, Numbering, Place
from shared.messaging.relay_start import Ready
from shared.messaging.stopped import RelayStopped
from shared.messaging.tail import Change, Passing, Tail
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import log_topic
from shared.observability.metric_names import counter, gauge
from shared.runtime.settings import Settings

BATCH_MAX = 2_000
BUSY_FROM = 50
LINGER_SECONDS = 0.05
IDLE_SAVE_SECONDS = 10.0
BEATING = "org"
"""The source whose beats go to the lane."""

RECORDS = counter("tuan_relay_records_total", ("topic",))
ORDINAL = gauge("tuan_relay_ordinal", ("service",))
LAG = gauge("tuan_relay_lag_seconds")


def make_producer(settings: Settings) -> AIOKafkaProducer:
    """The relay's producer, with everything that decides durability written out; it is not started."""
    return AIOKafkaProducer(
        **connection(settings),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=768 * 1024,
        max_request_size=1024 * 1024,
        linger_ms=0,
        request_timeout_ms=30_000,
    )


@dataclass(slots=True)
class _Batch:
    """What a round does. `newest` is the instant of its newest commit or beat (0: none was ours)."""

    to_send: list[Numbered] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)
    offsets: dict[Place, int] = field(default_factory=dict)
    newest: int = 0


class Forwarding:
    """One run from a checkpoint on. `run` ends only by raising; `report` is told the lag in seconds at each round."""

    def __init__(
        self,
        settings: Settings,
        services: Sequence[str],
        clock: Clock,
        store: CheckpointStore,
        ready: Ready,
        producer: AIOKafkaProducer,
        tail: Tail,
        report: Callable[[float], None],
    ) -> None:
        self._settings = settings
        self._topics = Topics(settings.namespace)
        self._sources = {settings.database(s): s for s in services}
        self._clock = clock
        self._store = store
        self._producer = producer
        self._tail = tail
        self._report = report
        self._tails = ready.tails
        self._passing = Passing(ready.until)
        self._partitions: dict[str, int] = {}
        checkpoint = ready.checkpoint
        self._numbering = Numbering(
            self._partitions.__getitem__, checkpoint.epoch, dict(checkpoint.ordinals), dict(checkpoint.chain)
        )
        self._saved = time.monotonic() - IDLE_SAVE_SECONDS

    async def run(self) -> None:
        """Waits a little for more when busy and not at all when idle."""
        busy = False
        while True:
            changes = await self._tail.take(BATCH_MAX, LINGER_SECONDS if busy else 0)
            busy = len(changes) >= BUSY_FROM
            await self._know_topics(changes)
            batch = self._number(changes)
            await self._send(batch)
            await self._save(changes[-1].token, batch)

    async def _know_topics(self, changes: Iterable[Change]) -> None:
        """Makes topics named for the first time; the number of partitions is always the broker's."""
        unknown = set()
        for change in changes:
            service = self._source(change)
            if service is None:
                continue
            named = [LANE] if change.collection == "beats" else [p["topic"] for p in change.document["public"]]
            for topic in (log_topic(service), *named):
                if topic not in self._partitions:
                    unknown.add(topic)
                    _check_owner(service, topic, change)
        if not unknown:
            return
        settings = self._settings
        await self._topics.ensure(connection(settings), unknown, settings.partitions, settings.replication)
        for topic in unknown:
            self._partitions[topic] = len(await self._producer.partitions_for(self._topics.physical(topic)))

    def _number(self, changes: Iterable[Change]) -> _Batch:
        """The records of these changes, those that lie in Kafka already set apart. Raises RelayStopped."""
        batch = _Batch()
        for change in changes:
            if not self._passing.passed and self._passing.see(change):
                self._all_came_again()
            service = self._source(change)
            if service is None:
                continue
            batch.newest = change.document["at"]
            if change.collection == "commits":
                records = self._numbering.commit(service, change.document)
            else:
                records = [self._numbering.beat(service, LANE, batch.newest)]
            batch.places.update(record.place for record in records)
            for record in records:
                link = self._tails.match(record) if self._tails else None
                if link is None:
                    batch.to_send.append(record)
                else:
                    batch.offsets[record.place] = link.offset
        return batch

    def _source(self, change: Change) -> str | None:
        """Whose commit or beat it is; None for what is not forwarded: other systems, and beats but org's stamps."""
        service = self._sources.get(change.database)
        if change.collection == "beats" and (service != BEATING or "at" not in change.document):
            return None
        return service

    def _all_came_again(self) -> None:
        for place, links in self._tails.waiting.items():
            raise other_history(
                place, f"has {len(links)} records from {links[0].position} on that MongoDB does not have"
            )

    async def _send(self, batch: _Batch) -> None:
        """Sends, waits for every acknowledgement, and learns where each partition's last record lies.

        Batches are filled here, a partition after the other: handed over one by one, records cost twice as much.
        """
        by_place: dict[Place, list[Numbered]] = defaultdict(list)
        for record in batch.to_send:
            by_place[record.place].append(record)
        waiting: list[tuple[Place, int, Awaitable[Any]]] = []
        for place, records in by_place.items():
            RECORDS.labels(place[0]).inc(len(records))
            for builder in self._filled(records):
                name = self._topics.physical(place[0])
                sent = await self._producer.send_batch(builder, name, partition=place[1])
                waiting.append((place, builder.record_count(), sent))
        answers = await asyncio.gather(*(sent for _, _, sent in waiting))
        for (place, count, _), answer in zip(waiting, answers, strict=True):
            if answer.offset >= 0:
                batch.offsets[place] = answer.offset + count - 1
        chain = self._numbering.chain
        for place, offset in batch.offsets.items():
            chain[place] = chain[place]._replace(offset=offset)

    def _filled(self, records: Iterable[Numbered]) -> Iterator[BatchBuilder]:
        """Full batches of one partition's records, and the rest. A record larger than a batch has one of its own."""
        builder = self._producer.create_batch()
        for r in records:
            # No timestamp is given: the broker ages the lane by it, and a system's clock may be moved.
            if builder.append(timestamp=None, key=r.key, value=r.value, headers=r.headers) is None:
                yield builder
                builder = self._producer.create_batch()
                builder.append(timestamp=None, key=r.key, value=r.value, headers=r.headers)
        builder.close()
        yield builder

    async def _save(self, token: Mapping[str, Any], batch: _Batch) -> None:
        now = to_micros(self._clock.now())
        lag = max(0, now - batch.newest) if batch.newest else 0
        self._report(lag / 1e6)
        LAG.set(lag / 1e6)
        if not batch.newest and time.monotonic() - self._saved < IDLE_SAVE_SECONDS:
            return
        numbering = self._numbering
        links = [(place, numbering.chain[place]) for place in batch.places]
        seen = {"saved_at": now, "lag_us": lag}
        await self._store.save(numbering.epoch, token, numbering.ordinals, links, seen)
        self._saved = time.monotonic()
        for service, ordinal in numbering.ordinals.items():
            ORDINAL.labels(service).set(ordinal)


def _check_owner(service: str, topic: str, change: Change) -> None:
    """A topic has one source: ordinals of two would not be comparable."""
    if topic.split(".", maxsplit=1)[0] != service:
        raise RelayStopped(
            "foreign-topic",
            f"The commit {change.document['_id']} of {service} publishes to {topic}, a topic of another service: its "
            f"records would break that topic's order. Mend published.py of {service}; the commit itself has to be "
            "taken out by hand.",
        )
