"""Brings read models up to date in a test, by what the store holds, as the relay and the loop would."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Any

from shared.contracts.base import Contract
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import from_micros
from shared.kernel.envelope import Actor, Recorded, Sealed
from shared.projections.projection import Projection


class Feed:
    """Feeds the projections of one service from its own commits, and from foreign events given by hand."""

    def __init__(self, driver: Driver, store: EventStore, projections: Sequence[Projection]) -> None:
        self._driver = driver
        self._store = store
        self._projections = projections
        self._seen: set[str] = set()
        self._numbers = count(1)
        self._one_at_a_time = asyncio.Lock()

    async def catch_up(self) -> None:
        """Applies every commit not fed yet, in the order of their instants."""
        async with self._one_at_a_time:
            await self._catch_up()

    async def _catch_up(self) -> None:
        batches: dict[str, list[Recorded]] = {}
        async for commit in self._store.commits.find({"_id": {"$nin": sorted(self._seen)}}).sort("at", 1):
            self._seen.add(commit["_id"])
            batches.setdefault(self._store.codec.log_topic, []).extend(self._store.codec.recorded(commit))
            for index, entry in enumerate(commit["public"], start=len(commit["events"])):
                batches.setdefault(entry["topic"], []).append(public_record(commit, index, entry))
        for topic, batch in batches.items():
            await self._apply(topic, batch)

    async def hear(self, *events: Contract, stream: str, at: int = 0) -> list[Recorded]:
        """Applies events of another service, one commit each; answers with the records, for feeding them again."""
        records = []
        for event in events:
            number = next(self._numbers)
            record = Recorded(
                event_id=ids.derived(stream, str(number)),
                type=event.type_name(),
                stream=stream,
                version=number,
                index=0,
                at=from_micros(at or number),
                actor=Actor("service:test"),
                correlation="",
                causation="",
                data=event.model_dump(mode="json", exclude={"personal"}),
            )
            records.append(record)
            await self._apply(event.topic, [record])
        return records

    async def take(self, record: Recorded, topic: str) -> None:
        """Applies a record of another service as it was published."""
        await self._apply(topic, [record])

    async def _apply(self, topic: str, batch: Sequence[Recorded]) -> None:
        for projection in self._projections:
            if topic in projection.topics:
                await self._driver.transaction(partial(_applied, projection, batch))


async def _applied(projection: Projection, batch: Sequence[Recorded], session: Any) -> None:
    await projection.apply(session, batch)


def public_record(commit: dict[str, Any], index: int, entry: dict[str, Any]) -> Recorded:
    return Recorded(
        event_id=ids.event_id(commit["commit_id"], entry["topic"], index),
        type=entry["type"],
        stream=commit["stream"],
        version=commit["version"],
        index=index,
        at=from_micros(commit["at"]),
        actor=Actor(commit["actor"]["principal"], commit["actor"]["organization"]),
        correlation=commit["correlation"],
        causation=commit["causation"],
        data=entry["data"],
        sealed=Sealed(**entry["sealed"]) if entry["sealed"] else None,
    )
