"""What is parked (P5), as operators see and decide it: each line that stands still, with a retry or a reasoned drop.

`parked` holds the records, byte for byte as they lay on the topic, so sealed where they were sealed; `parked_lines` a
row for each line that stands still; `parked_drops` who dropped what, and why. `parking.py` fills them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.eventstore.driver import Driver, ensure_collections
from shared.kernel.clock import Clock, from_micros, iso, to_micros
from shared.kernel.refusals import Kind, Refusal

RECORDS, LINES, DROPS = "parked", "parked_lines", "parked_drops"
GENERATION = "parked_generation"
"""One row: of which generation of topics records may be parked, `{_id: "topics", generation, changes}`."""
LINES_SHOWN_MAX = 1_000

Row = dict[str, Any]


class NotParked(Refusal):
    """No record of that id stands at the head of a line here: it was retried or dropped, or lies behind another."""

    kind = Kind.ABSENT
    rule = "P5"
    zh = "这条记录不在搁置队列的最前面，可能已经重试成功或放弃。"
    en = "This record is not at the head of a parked line; it may have been retried or dropped."
    way_out = "请刷新列表后再看。"
    way_out_en = "Look at the list again."


class RetryUnderWay(Refusal):
    kind = Kind.CONFLICT
    rule = "P5"
    zh = "这条记录正在重试，本次没有放弃。"
    en = "This record is being retried; it was not dropped."
    way_out = "请等重试有了结果再决定。"
    way_out_en = "Wait for the outcome of the retry, then decide."


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """A line that stands still, as operators see it. `why` says what its first record fails with, never its contents.

    Instants are RFC 3339; `waiting` counts the records behind the first; `asked_by` is set while a retry goes on.
    """

    record: str
    topic: str
    type: str
    stream: str
    version: int
    partition: int
    offset: int
    since: str
    waiting: int
    retries: int
    asked_by: str
    why: Mapping[str, Any]


class Parked:
    """The parked records of one service. Its commands may be repeated: the second time changes nothing."""

    def __init__(self, driver: Driver, database: str, clock: Clock) -> None:
        self._database: Any = driver.database(database)
        self._driver = driver
        self._clock = clock
        self._records, self._lines, self._drops = (self._database[name] for name in (RECORDS, LINES, DROPS))

    async def prepare(self) -> None:
        """Collections and indexes. Idempotent."""
        await ensure_collections(self._database, RECORDS, LINES, DROPS, GENERATION)
        await self._records.create_index([("line", 1), ("offset", 1)])
        await self._lines.create_index("asked.at", sparse=True)

    async def lines(self) -> list[ParkedLine]:
        """What stands still, the oldest first, in a lasting order; at most a thousand."""
        rows = {row["_id"]: row async for row in self._lines.find({}).sort("_id", 1).limit(LINES_SHOWN_MAX)}
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"line": {"$in": list(rows)}}},
            {"$sort": {"line": 1, "offset": 1}},
            {"$project": {"value": 0, "headers": 0}},
            {"$group": {"_id": "$line", "head": {"$first": "$$ROOT"}, "count": {"$sum": 1}}},
        ]
        found = self._records.aggregate(pipeline)
        groups = await (found if self._driver.kind == "motor" else await found).to_list(None)
        shown = [(rows[group["_id"]], group["head"], group["count"]) for group in groups]
        return [_shown(*each) for each in sorted(shown, key=lambda each: (each[0]["since"], each[0]["_id"]))]

    async def count(self) -> tuple[int, int]:
        """How many lines stand still, with how many records."""
        lines = await self._lines.estimated_document_count()
        return lines, await self._records.estimated_document_count() if lines else 0

    async def ask_retry(self, record: str, by: str) -> None:
        """Asks the service to handle this first record of a line again, and then those behind it in their order.

        `by` is a principal. The work is done by `Unparking`. Raises NotParked.
        """
        row = await self._records.find_one({"_id": record}, {"line": 1})
        if row is None or await self._head(row["line"]) != record:
            raise NotParked
        asked = {"at": to_micros(self._clock.now()), "by": by}
        await self._lines.update_one({"_id": row["line"], "asked": None}, {"$set": {"asked": asked}})

    async def drop(self, record: str, by: str, reason: str) -> None:
        """Gives the first record of a line up for good, and asks for those behind it. Who and why is kept for ever.

        Raises NotParked, or RetryUnderWay.
        """
        at = to_micros(self._clock.now())

        async def work(session: Any) -> None:
            row = await self._records.find_one({"_id": record}, {"value": 0, "headers": 0}, session=session)
            if row is None and await self._drops.find_one({"_id": record}, session=session):
                return
            if row is None or await self._head(row["line"], session) != record:
                raise NotParked
            change = {"$set": {"asked": {"at": at, "by": by}}, "$inc": {"changes": 1}}
            line = await self._lines.find_one_and_update({"_id": row["line"], "asked": None}, change, session=session)
            if line is None:
                raise RetryUnderWay
            await self._records.delete_one({"_id": record}, session=session)
            kept = {**row, "why": line["why"], "since": line["since"], "at": at, "by": by, "reason": reason}
            await self._drops.update_one({"_id": record}, {"$setOnInsert": kept}, upsert=True, session=session)

        await self._driver.transaction(work)

    async def _head(self, line: str, session: Any = None) -> str | None:
        row = await self._records.find_one({"line": line}, {"_id": 1}, sort=[("offset", 1)], session=session)
        return row["_id"] if row else None


def _shown(line: Row, head: Row, count: int) -> ParkedLine:
    return ParkedLine(
        record=head["_id"],
        topic=head["topic"],
        type=head["type"],
        stream=head["stream"],
        version=head["version"],
        partition=head["partition"],
        offset=head["offset"],
        since=iso(from_micros(line["since"])),
        waiting=count - 1,
        retries=line["retries"],
        asked_by=(line.get("asked") or {}).get("by", ""),
        why=line["why"],
    )
