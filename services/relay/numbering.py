"""Numbers for records: the ordinal of each commit in its source, and what each record follows in its partition.

Pure and deterministic: the same commits after the same state give the same records, byte for byte. That is why a relay
may die anywhere, and why two at once do no harm (kernel.md 3).
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.messaging import wire
from shared.messaging.wire import Headers, Outgoing, Position

BEAT_INDEX = 1_000_000
"""Beats number on from here behind the source's last commit; no commit of 512 KB holds so many records."""

Place = tuple[str, int]
"""A logical topic and a partition."""


class Link(NamedTuple):
    """The last record of a partition. `offset` is where it lies, or a place before it where that is not known."""

    position: Position
    id: str
    offset: int


class Numbered(NamedTuple):
    """One record, ready to be sent."""

    place: Place
    key: bytes
    value: bytes
    headers: Headers
    position: Position
    id: str


@dataclass(slots=True)
class Numbering:
    """How far the relay has numbered. `partitions` tells how many a logical topic has."""

    partitions: Callable[[str], int]
    epoch: int = 1
    ordinals: dict[str, int] = field(default_factory=dict)
    chain: dict[Place, Link] = field(default_factory=dict)

    def commit(self, service: str, commit: Mapping[str, Any], sent: Container[str] = ()) -> list[Numbered]:
        """The records of a source's next commit, without those (by id) that were sent in an older epoch."""
        ordinal = self.ordinals.get(service, 0) + 1
        self.ordinals[service] = ordinal
        outgoing = wire.records_of(commit, service)
        shared = wire.shared_headers(service, outgoing[0].recorded) if outgoing else []
        return [
            self._link(out, Position(self.epoch, ordinal, out.recorded.index), shared)
            for out in outgoing
            if out.recorded.event_id not in sent
        ]

    def beat(self, service: str, topic: str, at: int) -> Numbered:
        """The record of a heartbeat stamped at `at` microseconds, in `topic`."""
        ordinal = self.ordinals.get(service, 0)
        place = (topic, wire.partition_of(wire.BEAT_KEY, self.partitions(topic)))
        last = self.chain.get(place)
        index = BEAT_INDEX
        if last and last.position.ordinal == ordinal and last.position.epoch == self.epoch:
            index = max(BEAT_INDEX, last.position.index + 1)
        out = wire.beat(at, service, topic, index)
        shared = wire.shared_headers(service, out.recorded)
        return self._link(out, Position(self.epoch, ordinal, index), shared)

    def mark(self, topic: str) -> list[Numbered]:
        """The markers of the present epoch, one for each partition of a topic: whatever lies before is behind them."""
        position = Position(self.epoch, 0, 0)
        made = []
        for partition in range(self.partitions(topic)):
            recorded = wire.marker(self.epoch, topic, partition)
            headers = wire.headers_of("relay", recorded, position, None)
            self.chain[topic, partition] = Link(position, recorded.event_id, 0)
            key, value = wire.MARKER_KEY.encode(), wire.value_of(recorded)
            made.append(Numbered((topic, partition), key, value, headers, position, recorded.event_id))
        return made

    def _link(self, out: Outgoing, position: Position, shared: Headers) -> Numbered:
        place = (out.topic, wire.partition_of(out.key, self.partitions(out.topic)))
        last = self.chain.get(place)
        recorded = out.recorded
        headers = shared + wire.own_headers(recorded, position, last.position if last else None)
        self.chain[place] = Link(position, recorded.event_id, last.offset if last else 0)
        return Numbered(place, out.key.encode(), wire.value_of(recorded), headers, position, recorded.event_id)
