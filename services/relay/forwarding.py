"""The relay's work between two failures: take changes, number them, send them, wait for all, save, go on."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.relay.checkpoint import MINUTE_MICROS, CheckpointStore
from services.relay.kafka_tails import other_history
from services.relay.numbering import Numbered, Numbering, Place
from services.relay.sending import Sender
from services.relay.start import Ready
from services.relay.stopped import RelayStopped
from services.relay.tail import Change, Passing, Tail
from shared.kernel.clock import Clock, to_micros
from shared.messaging.topics import LANE
from shared.messaging.wire import log_topic
from shared.observability import tracing
from shared.observability.metric_names import gauge
from shared.runtime.settings import Settings

BATCH_MAX = 2_000
BUSY_FROM = 5
LINGER_SECONDS = 0.05
IDLE_SAVE_SECONDS = 10.0
BEATING = "org"
"""The source whose beats go to the lane."""

ORDINAL = gauge("tuan_relay_ordinal")
LAG = gauge("tuan_relay_lag_seconds")
SAVED = gauge("tuan_relay_saved_timestamp_seconds")


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
        sender: Sender,
        tail: Tail,
        report: Callable[[float], None],
    ) -> None:
        self._sources = {settings.database(s): s for s in services}
        self._clock = clock
        self._store = store
        self._sender = sender
        self._tail = tail
        self._report = report
        self._tails = ready.tails
        self._passing = Passing(ready.until)
        checkpoint = ready.checkpoint
        self._numbering = Numbering(
            sender.partitions.__getitem__, checkpoint.epoch, dict(checkpoint.ordinals), dict(checkpoint.chain)
        )
        self._saved = time.monotonic() - IDLE_SAVE_SECONDS
        self._minute = 0

    async def run(self) -> None:
        """Waits a little for more when busy and not at all when idle."""
        busy = False
        while True:
            changes = await self._tail.take(BATCH_MAX, LINGER_SECONDS if busy else 0)
            busy = len(changes) >= BUSY_FROM
            await self._know_topics(changes)
            with tracing.batch("relay", (c.document.get("correlation", "") for c in changes), "tuan.commits"):
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
                if topic not in self._sender.partitions:
                    unknown.add(topic)
                    _check_owner(service, topic, change)
        if unknown:
            await self._sender.know(unknown)

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
        batch.offsets |= await self._sender.send(batch.to_send)
        chain = self._numbering.chain
        for place, offset in batch.offsets.items():
            chain[place] = chain[place]._replace(offset=offset)

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
        SAVED.set_to_current_time()
        if now // MINUTE_MICROS > self._minute:
            self._minute = now // MINUTE_MICROS
            await self._store.keep_minute(self._minute)
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
