"""What lies in Kafka behind the checkpoint, and whether it is what the relay is about to send (kernel.md 3, Start).

A relay that died between sending and saving left records there. They must come again from MongoDB, with the same
positions and ids; and what the checkpoint counts as sent must still be there.
"""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.relay.numbering import Link, Numbered, Place
from services.relay.stopped import RelayStopped
from shared.messaging.consumer import connection, make_consumer
from shared.messaging.guard import Apply, Guard, Stop
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import Received, decode
from shared.runtime.settings import Settings


@dataclass(slots=True)
class Tails:
    """Records that lie behind the checkpoint, by place, oldest first. They are taken off as they come again.

    `again`: some were lost in Kafka, so all are sent again, under the same numbers; readers drop what they have.
    """

    waiting: dict[Place, deque[Link]] = field(default_factory=dict)
    again: bool = False

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def match(self, record: Numbered) -> Link | None:
        """Where the record already lies; None if it is to be sent. Raises RelayStopped if another one lies there."""
        links = self.waiting.get(record.place)
        if not links or (self.again and links[0].position > record.position):
            return None
        link = links.popleft()
        if not links:
            del self.waiting[record.place]
        if (link.position, link.id) != (record.position, record.id):
            raise other_history(
                record.place, f"has {link.position} ({link.id}) where MongoDB gives {record.position} ({record.id})"
            )
        return None if self.again else link


def other_history(place: Place, what: str) -> RelayStopped:
    topic, partition = place
    return RelayStopped(
        "other-history",
        f"Kafka's {topic}/{partition} {what}: the two do not tell the same history, so one of them was restored or "
        "replaced. Keep the relay down (commands go on being recorded) and find out which one. If MongoDB has the "
        "truth, `tuan republish` sends it anew; if Kafka has more, restore MongoDB to a later moment first.",
    )


class TailLost(Exception):
    """Kafka lost records that it had acknowledged; an earlier checkpoint may still stand."""

    def __init__(self, place: Place, what: str) -> None:
        super().__init__(f"{place[0]}/{place[1]}: {what}")


def kafka_loss(lost: TailLost) -> RelayStopped:
    """For a loss that sending again does not mend."""
    return RelayStopped(
        "kafka-loss",
        f"Kafka lost records that it had acknowledged ({lost}), and no checkpoint of the last two days stands before "
        "the loss. Nothing else is lost: `tuan republish` sends everything anew, into new topics (commands go on being "
        "recorded).",
    )


async def not_empty(settings: Settings, topics: Topics, services: Collection[str]) -> list[str]:
    """The topics of these services in which there is, or was, any record."""
    ends = await ends_of(settings, topics, services)
    return sorted({topic for (topic, _), end in ends.items() if end > 0})


async def read_tails(
    settings: Settings, topics: Topics, services: Collection[str], chain: Mapping[Place, Link], *, gaps: bool = False
) -> Tails:
    """Reads every partition from its link in `chain` on (or from its beginning), as a reader's guard lets it through.

    Raises TailLost where a link, or without `gaps` anything behind it, is missing; RelayStopped for another history.
    """
    there = await topics.there(connection(settings), services)
    for topic, partition in chain:
        if there.get(topic, 0) <= partition:
            raise TailLost((topic, partition), "the topic or the partition is gone")
    if not there:
        return Tails()
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        partitions = _partitions(topics, there)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        readers = {p: _Reader((topics.logical(p.topic) or "", p.partition), chain, gaps=gaps) for p in partitions}
        starts = {p: reader.start(begins[p]) for p, reader in readers.items()}
        await _read(consumer, {p: r for p, r in readers.items() if starts[p] < ends[p]}, starts, ends)
        tails = Tails(again=gaps)
        for reader in readers.values():
            if links := reader.finish():
                tails.waiting[reader.place] = links
        return tails
    finally:
        await consumer.stop()


async def ends_of(settings: Settings, topics: Topics, services: Collection[str]) -> dict[Place, int]:
    """The offset behind the last record of every partition of these services."""
    there = await topics.there(connection(settings), services)
    if not there:
        return {}
    consumer = make_consumer(settings)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(_partitions(topics, there))
        return {(topics.logical(p.topic) or "", p.partition): end for p, end in ends.items()}
    finally:
        await consumer.stop()


def _partitions(topics: Topics, there: Mapping[str, int]) -> list[TopicPartition]:
    return [TopicPartition(topics.physical(t), n) for t, count in there.items() for n in range(count)]


async def _read(
    consumer: AIOKafkaConsumer,
    readers: "Mapping[TopicPartition, _Reader]",
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> None:
    if not readers:
        return
    consumer.assign(list(readers))
    for partition in readers:
        consumer.seek(partition, starts[partition])
    unread = set(readers)
    while unread:
        batches = await consumer.getmany(*unread, timeout_ms=1_000)
        for partition, records in batches.items():
            for record in records:
                if record.offset < ends[partition]:
                    readers[partition].take(decode(record), record.offset)
        unread = {p for p in unread if await consumer.position(p) < ends[p]}


class _Reader:
    """One partition from the checkpoint's link on: the link itself must be found, then what follows it."""

    def __init__(self, place: Place, chain: Mapping[Place, Link], *, gaps: bool) -> None:
        self._gaps = gaps
        self.place = place
        self._link = chain.get(place)
        self._found = self._link is None
        self._guard = Guard()
        self._links: deque[Link] = deque()

    def start(self, begin: int) -> int:
        """From which offset to read; from one behind the end nothing is read, and `finish` says so.

        `begin` moves only where the broker deletes by age: in the lane.
        """
        if self._link is None:
            return begin
        if begin <= self._link.offset:
            return self._link.offset
        if self.place[0] != LANE:
            # What every new reader begins with is gone: sent again it would lie where nobody looks for it.
            what = f"it begins at offset {begin}, the checkpoint knows offset {self._link.offset}"
            raise kafka_loss(TailLost(self.place, what))
        self._found = True
        self._guard = Guard(self._link.position, self._link.id)
        return begin

    def take(self, received: Received, offset: int) -> None:
        if not self._found:
            self._seek(received, offset)
            return
        verdict: Any = self._guard.judge(received.position, received.after, received.event_id)
        if isinstance(verdict, Stop):
            if received.position == self._guard.position:
                raise other_history(self.place, f"does not go on from the checkpoint: {verdict.reason}")
            if not self._gaps:
                raise TailLost(self.place, verdict.reason)
        if isinstance(verdict, Apply):
            self._links.append(Link(received.position, received.event_id, offset))
        self._guard = self._guard.advance(received, offset, verdict)

    def finish(self) -> deque[Link]:
        if not self._found:
            raise TailLost(self.place, f"{self._link} is not there any more")
        return self._links

    def _seek(self, received: Received, offset: int) -> None:
        link = self._link
        if link is None or received.position < link.position:
            return
        if received.position > link.position:
            raise TailLost(self.place, f"{link.position} is not there")
        if received.event_id != link.id:
            raise other_history(self.place, f"has {received.event_id} at {link.position} instead of {link.id}")
        self._found = True
        self._guard = Guard(link.position, link.id, offset)
