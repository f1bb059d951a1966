"""The one loop, reading all partitions in one process and, where bounds are set, exactly up to them and no further."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.consumer import DELIVERY, make_consumer
from shared.projections.runner import ProjectionLoop

Bounds = Mapping[str, int]
"""By `<topic>/<partition>` the offset of the first record that is left; a partition without one is left whole."""


class BoundedLoop(ProjectionLoop):
    """A loop without a group: a lease says who reads. `bounds` may be set and taken away between two rounds."""

    idle_ms = DELIVERY["fetch_max_wait_ms"]
    bounds: Bounds | None = None
    _consumer: AIOKafkaConsumer | None = None
    _at_bounds: frozenset[TopicPartition] = frozenset()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A consumer of all partitions, sought to the positions of the copy."""
        consumer = make_consumer(self.settings)
        consumer.subscribe(list(self._topics))
        try:
            await consumer.start()
            await self.load(consumer, consumer.assignment())
            yield consumer
        finally:
            await consumer.stop()

    async def load(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        held = list(partitions)
        self._consumer, self._at_bounds = consumer, frozenset()
        await super().load(consumer, held)
        consumer.resume(*held)

    async def ends(self, consumer: AIOKafkaConsumer) -> dict[str, int]:
        """The end of every partition at this moment."""
        ends = await consumer.end_offsets(list(consumer.assignment()))
        return {self._place(partition): end for partition, end in ends.items()}

    def reached(self, bounds: Bounds) -> bool:
        """Whether everything before the bounds is applied; a partition made later has no bound and no part in it."""
        done = {self._place(p): held.guard.offset + 1 for p, held in self._partitions.items()}
        return all(done.get(place, 0) >= bound for place, bound in bounds.items())

    def resume(self, consumer: AIOKafkaConsumer) -> None:
        """Goes on behind the bounds."""
        self.bounds, self._at_bounds = None, frozenset()
        consumer.resume(*consumer.assignment())

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        """After it, what lies behind the bounds is not asked for, though everything was let go of that had to wait."""
        await super()._round(consumer)
        consumer.pause(*self._at_bounds.intersection(consumer.assignment()))

    async def _consume(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        await super()._consume(self._up_to_the_bounds(batches))

    def _up_to_the_bounds(
        self, batches: Mapping[TopicPartition, Sequence[Any]]
    ) -> Mapping[TopicPartition, Sequence[Any]]:
        """Without the records behind the bounds: they are read again when those are taken away."""
        if self.bounds is None or self._consumer is None:
            return batches
        kept: dict[TopicPartition, Sequence[Any]] = {}
        for partition, records in batches.items():
            bound = self.bounds.get(self._place(partition), 0)
            before = [record for record in records if record.offset < bound]
            if len(before) < len(records):
                self._consumer.seek(partition, bound)
                self._at_bounds |= {partition}
            if before:
                kept[partition] = before
        return kept

    def _place(self, partition: TopicPartition) -> str:
        return f"{self._topics[partition.topic]}/{partition.partition}"
