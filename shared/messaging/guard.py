"""The guard of one (topic, partition): is this record the next one, an old one, or proof that something is missing?

kernel.md 4: `after` of a record must equal the position of the last one applied. Pure; readers store what it holds in
the transaction of their changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from shared.messaging.wire import Position, Received


@dataclass(frozen=True, slots=True)
class Apply:
    """The next record."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Applied before, or sent late by a relay of an older epoch: dropped."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Neither: applying it would hide a loss. `reason` is a sentence for the log and the health page."""

    reason: str


Verdict = Apply | Duplicate | Stop

APPLY, DUPLICATE = Apply(), Duplicate()


class Guard(NamedTuple):
    """What a reader knows of one partition: the last record's position and id, and the last offset read (-1: none)."""

    position: Position | None = None
    id: str = ""
    offset: int = -1

    @classmethod
    def restore(cls, row: Mapping[str, Any] | None) -> Self:
        """From a row `{offset, epoch, ordinal, index, id}`; None is a reader that begins at offset 0."""
        if row is None:
            return cls()
        return cls(Position(row["epoch"], row["ordinal"], row["index"]), row["id"], row["offset"])

    def judge(self, position: Position, after: Position | None, event_id: str) -> Verdict:
        """What to do with a record at `position` that says it follows `after`."""
        last = self.position
        if last is None or position.epoch > last.epoch:
            return self._begin(position, after)
        if position == last and event_id != self.id:
            return Stop(f"two records claim to be {position}: {self.id} and {event_id}")
        if position <= last:  # of an older epoch too: those compare as earlier
            return DUPLICATE
        if after == last:
            return APPLY
        return Stop(f"{position} follows {after or 'nothing'}, but the last record was {last}: some are missing")

    def _begin(self, position: Position, after: Position | None) -> Verdict:
        """A reader's first record, or the first of a newer epoch, whose marker is taken whatever it follows."""
        if position.is_marker or (self.position is None and after is None):
            return APPLY
        if self.position is None:
            return Stop(f"the first record is {position} after {after}: the beginning of the partition is missing")
        return Stop(f"{position} came after {self.position} without the marker of its epoch")

    def advance(self, received: Received, offset: int, verdict: Verdict) -> Self:
        """The guard after a record: a duplicate moves the offset alone, a stop moves nothing."""
        if isinstance(verdict, Stop):
            return self
        if isinstance(verdict, Duplicate):
            return type(self)(self.position, self.id, offset)
        return type(self)(received.position, received.event_id, offset)
