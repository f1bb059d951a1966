"""How much one transaction takes: by the time of the last one, and by how much its records could be about."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

Batches = Mapping[TopicPartition, Sequence[Any]]

BATCH_MAX = 2_000
BATCH_MIN = 50
BATCH_SECONDS = 2.0
"""A batch that took longer makes the next one smaller, long before a transaction's time is over: on a machine at its
limit one that comes to nothing costs ten seconds."""
HEAVY_BYTES = 4_096
"""Of an ordinary record, that is about one thing. A larger one may be about many, as a frozen cohort is."""
NAME_BYTES = 40
"""An id takes that much at least, so a record names no more documents than this goes into it."""


def next_size(size: int, seconds: float | None) -> int:
    """Of a batch, in records, after one of `size` that took so long; None: it came to nothing."""
    slow = seconds is None or seconds > BATCH_SECONDS
    return max(BATCH_MIN, size // 2) if slow else min(BATCH_MAX, size * 2)


def portions(batches: Batches, most: int) -> Iterator[Batches]:
    """The batch in order, cut where it could name more than `most` documents; each of a record at least."""
    portion: dict[TopicPartition, list[Any]] = {}
    weight = 0
    for partition, records in batches.items():
        for record in records:
            size = len(record.value or b"")
            named = size // NAME_BYTES if size > HEAVY_BYTES else 1
            if portion and weight + named > most:
                yield portion
                portion, weight = {}, 0
            portion.setdefault(partition, []).append(record)
            weight += named
    yield portion
