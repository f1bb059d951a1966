"""Where the topic of members ends now, and whether the copy of members has come so far (GRD-03)."""

from typing import Any

from aiokafka import TopicPartition

from services.transfer.domain.cohort import Ends
from services.transfer.projections.members import Members
from shared.contracts import member
from shared.eventstore.driver import Driver
from shared.messaging.consumer import make_consumer
from shared.messaging.generations import current_topics
from shared.projections.copies import copy_of
from shared.projections.positions import POSITIONS
from shared.runtime.settings import Settings


class MemberEnds:
    """`database` is the service's own, where the copy's positions are."""

    def __init__(self, driver: Driver, settings: Settings, database: Any, members: Members) -> None:
        self._driver = driver
        self._settings = settings
        self._positions = database[POSITIONS]
        self._members = members

    async def now(self) -> Ends:
        """Of every partition, of the topics that are read now."""
        names = await current_topics(self._driver, self._settings)
        physical = names.physical(member.EVENTS)
        consumer = make_consumer(self._settings)
        consumer.subscribe([physical])
        await consumer.start()
        try:
            ends = await consumer.end_offsets([TopicPartition(physical, p.partition) for p in consumer.assignment()])
        finally:
            await consumer.stop()
        return Ends(names.generation, {f"{member.EVENTS}/{p.partition}": end for p, end in ends.items()})

    async def passed(self, ends: Ends) -> bool:
        """Whether the copy that is read has applied all before the ends. False where it is of other topics."""
        row = await self._members.copies.row()
        if row is None:
            return not any(ends.offsets.values())
        copy = copy_of(row, row["read"])
        if copy.generation != ends.generation:
            return False
        prefix = f"{self._members.copies.key}{copy.suffix}/"
        found = self._positions.find({"_id": {"$in": [prefix + place for place in ends.offsets]}}, {"offset": 1})
        done = {each["_id"].removeprefix(prefix): each["offset"] + 1 async for each in found}
        return all(done.get(place, 0) >= end for place, end in ends.offsets.items())
