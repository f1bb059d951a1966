"""What of a batch one transaction takes: as many documents as records, though one record may name many."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

Batches = Mapping[TopicPartition, Sequence[Any]]

HEAVY_BYTES = 4_096
"""Of an ordinary record, that is about one thing. A larger one may be about many, as a frozen cohort is."""
NAME_BYTES = 40
"""An id takes that much at least, so a record names no more documents than this goes into it."""


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
