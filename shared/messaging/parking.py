"""Parking (P5): a record that cannot be handled is put aside with everything behind it of its line, before the ack.

Every change touches its line's row in the same transaction, so that a line cannot be given free while a record is
put behind it: of the two, one waits for the other. `parked.py` is what operators see of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo import UpdateOne

from shared.eventstore.driver import Driver
from shared.kernel.clock import Clock, to_micros
from shared.kernel.refusals import Refusal
from shared.messaging.handling import HANDED, Heard, Stuck
from shared.messaging.parked import DROPS, GENERATION, LINES, RECORDS, Parked, Row
from shared.messaging.wire import decode
from shared.observability.redaction import described
from shared.runtime.service import Stopped

log = structlog.get_logger()

_PLACES_KEPT = 3
_HEARD_REMEMBERED = 20_000


class ParkingFull(Stopped):
    """So much cannot be handled that the fault is the program's: parking more would hide it and pile up work."""


class OlderTopics(Exception):
    """The service has gone over to another generation of topics: this process has to, before it parks anything."""


@dataclass(frozen=True, slots=True)
class ParkingLimit:
    """When a service stops instead of parking: more than `ratio` of what it heard lately (from `stuck_min` on), or
    more than `lines` lines or `records` records in all.
    """

    ratio: float = 0.05
    stuck_min: int = 10
    lines: int = 200
    records: int = 100_000


class Parking:
    """The side of a service's process: puts records aside, and hands them out again. One per process.

    `database` is the service's; `parked` shows the same records to operators.
    """

    def __init__(self, driver: Driver, database: str, clock: Clock, limit: ParkingLimit | None = None) -> None:
        self.parked = Parked(driver, database, clock)
        self.database: Any = driver.database(database)
        self.driver = driver
        self._clock = clock
        self._generation = 1
        self._limit = limit or ParkingLimit()
        self._records, self._lines, self._drops = (self.database[name] for name in (RECORDS, LINES, DROPS))
        self._heard = 0
        self._stuck = 0

    async def begin(self, generation: int) -> None:
        """To be called before anything of that generation is handled: it brings every record again.

        What is parked of older topics is forgotten, and parked again from the new ones if it still cannot be handled;
        what was dropped stays dropped. From here on no process that still reads older topics parks anything.
        """
        change = {"$max": {"generation": generation}}
        await self.database[GENERATION].update_one({"_id": "topics"}, change, upsert=True)
        self._generation = generation
        if generation > 1:
            older = {"generation": {"$ne": generation}}
            gone = await self._records.delete_many(older)
            await self._lines.delete_many(older)
            if gone.deleted_count:
                log.warning("reactions.parked_again", generation=generation, records=gone.deleted_count)

    async def put_behind(self, batch: Sequence[Heard]) -> list[Heard]:
        """Parks what belongs behind a parked record; gives back the rest, without what was dropped before.

        What lies before the parked one was handled once and comes a second time: that is for the functions.
        """
        rest = await self._not_dropped(batch)
        named = self._lines.find({"_id": {"$in": list({heard.line for heard in rest})}}, {"_id": 1})
        lines = [row["_id"] async for row in named]
        if not lines:
            return rest
        if (count := await self._records.estimated_document_count()) > self._limit.records:
            raise ParkingFull(f"{count} records are parked: see `tuan parked list`, then start the service again")

        async def work(session: Any) -> list[Heard]:
            await self._still_current(session)
            held = {"_id": {"$in": lines}}
            await self._lines.update_many(held, {"$inc": {"changes": 1}}, session=session)
            first = {row["_id"]: row["offset"] async for row in self._lines.find(held, session=session)}
            behind = [heard for heard in rest if heard.offset >= first.get(heard.line, heard.offset + 1)]
            await self._insert(await self._not_dropped(behind, session), session)
            parked = {id(heard) for heard in behind}
            return [heard for heard in rest if id(heard) not in parked]

        free = await self.driver.transaction(work)
        kept = {id(heard) for heard in free}
        _count(heard for heard in rest if id(heard) not in kept)
        return free

    async def park(self, stuck: Mapping[str, Stuck], batch: Sequence[Heard]) -> None:
        """Writes the first record of each line of `stuck`, and those of the batch behind it.

        Raises ParkingFull, then nothing was parked. A repeat, by the same or another process, changes nothing.
        """
        self._remember(len(stuck), len(batch))
        if not stuck:
            return
        await self._stop_when_full(len(stuck))
        at = to_micros(self._clock.now())
        behind = [heard for heard in batch if (s := stuck.get(heard.line)) and heard.offset >= s.head.offset]

        async def work(session: Any) -> None:
            await self._still_current(session)
            for line, found in stuck.items():
                new = {
                    "since": at,
                    "offset": found.head.offset,
                    "generation": self._generation,
                    "retries": 0,
                    "why": _why(found.error),
                }
                change = {"$setOnInsert": new, "$inc": {"changes": 1}}
                await self._lines.update_one({"_id": line}, change, upsert=True, session=session)
            await self._insert(behind, session)

        await self.driver.transaction(work)
        _count(behind)
        for found in stuck.values():
            event = found.head.event
            log.error(
                "reaction.parked",
                type=event.type,
                stream=event.stream,
                first=event.event_id,
                correlation=event.correlation,
            )

    async def asked(self) -> list[str]:
        """The lines an operator wants to go on, in the order of asking."""
        found = self._lines.find({"asked.at": {"$gt": 0}}, {"_id": 1}).sort("asked.at", 1)
        return [row["_id"] async for row in found]

    async def first_of(self, line: str, limit: int) -> list[Heard]:
        """The first records of a line, in their order."""
        rows = self._records.find({"line": line}).sort("offset", 1).limit(limit)
        return [_heard(row) async for row in rows]

    async def handled(self, records: Sequence[Heard]) -> None:
        """Forgets records that are handled; before that, a killed process hands them over again."""
        await self._records.delete_many({"_id": {"$in": [heard.event.event_id for heard in records]}})

    async def stands_again(self, stuck: Stuck) -> None:
        """A retry has failed: the line waits for the next decision."""
        now = {"why": _why(stuck.error), "offset": stuck.head.offset}
        change: Row = {"$set": now, "$inc": {"changes": 1, "retries": 1}, "$unset": {"asked": 1}}
        await self._lines.update_one({"_id": stuck.head.line}, change)

    async def give_free(self, line: str) -> bool:
        """The end of a line without records; False if one was put behind it meanwhile."""

        async def work(session: Any) -> bool:
            # The line first: whoever puts a record behind it at this moment writes the same row, and one of both waits.
            await self._lines.delete_one({"_id": line}, session=session)
            if await self._records.find_one({"line": line}, {"_id": 1}, session=session) is None:
                return True
            raise _NotEmpty

        try:
            return await self.driver.transaction(work)
        except _NotEmpty:
            return False

    async def _not_dropped(self, records: Sequence[Heard], session: Any = None) -> list[Heard]:
        """What was given up stays given up, however often it comes."""
        ids = [heard.event.event_id for heard in records]
        found = self._drops.find({"_id": {"$in": ids}}, {"_id": 1}, session=session)
        dropped = {row["_id"] async for row in found}
        return [heard for heard in records if heard.event.event_id not in dropped]

    async def _insert(self, records: Sequence[Heard], session: Any) -> None:
        """One that is there stays as it is: it came a second time."""
        rows = [(heard.event.event_id, _row(heard) | {"generation": self._generation}) for heard in records]
        if rows:
            writes = [UpdateOne({"_id": row_id}, {"$setOnInsert": row}, upsert=True) for row_id, row in rows]
            await self._records.bulk_write(writes, ordered=True, session=session)

    async def _still_current(self, session: Any) -> None:
        """Raises OlderTopics. A write, so that a beginning at the same moment waits, or makes this one wait."""
        older = {"_id": "topics", "generation": {"$gt": self._generation}}
        if await self.database[GENERATION].find_one(older, session=session):
            raise OlderTopics
        mine = {"$inc": {"changes": 1}, "$setOnInsert": {"generation": self._generation}}
        await self.database[GENERATION].update_one({"_id": "topics"}, mine, upsert=True, session=session)

    def _remember(self, stuck: int, heard: int) -> None:
        if self._heard > _HEARD_REMEMBERED:
            self._heard, self._stuck = self._heard // 2, self._stuck // 2
        self._heard, self._stuck = self._heard + heard, self._stuck + stuck

    async def _stop_when_full(self, more: int) -> None:
        limit, lines = self._limit, more + await self._lines.estimated_document_count()
        share = self._stuck / self._heard
        if lines > limit.lines or (self._stuck >= limit.stuck_min and share > limit.ratio):
            raise ParkingFull(
                f"{lines} lines cannot be handled, {share:.0%} of what was heard lately: this is no fault of single "
                "records. Mend the code or what it needs, start the service again, then `tuan parked retry --all`"
            )


def _count(parked: Iterable[Heard]) -> None:
    for heard in parked:
        HANDED.labels(heard.event.type, "parked").inc()


class _NotEmpty(Exception):
    """Undoes the transaction that would have given a line free."""


def _row(heard: Heard) -> Row:
    event = heard.event
    return {
        "line": heard.line,
        "offset": heard.offset,
        "topic": heard.topic,
        "key": heard.key,
        "partition": heard.partition,
        "type": event.type,
        "stream": event.stream,
        "version": event.version,
        "value": heard.value,
        "headers": [[name, value] for name, value in heard.headers],
    }


@dataclass(frozen=True, slots=True)
class _Stored:
    value: bytes
    headers: list[tuple[str, bytes]]


def _heard(row: Mapping[str, Any]) -> Heard:
    stored = _Stored(bytes(row["value"]), [(name, bytes(value)) for name, value in row["headers"]])
    event = decode(stored).event
    if event is None:
        raise ValueError("a marker was parked")
    return Heard(row["topic"], row["key"], row["partition"], row["offset"], stored.value, stored.headers, event)


def _why(error: Exception) -> Row:
    """What may be shown of an error: types and places, and the sentences of a refusal, which are never personal."""
    found = described(error)
    why: Row = {**found, "position": found["position"][-_PLACES_KEPT:]}
    if isinstance(error, Refusal):
        why |= {"code": error.code, "rule": error.rule, "zh": error.sentence(), "en": error.sentence("en")}
    return why
