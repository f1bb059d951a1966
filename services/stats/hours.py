"""STA-01: the figures of an hour, noted at the stroke, copied while nothing moves, and never changed again.

An hour is an integer: full hours since 1970 UTC, which are the full hours of Asia/Shanghai too. A node is copied for
an hour only if it changed since the hour before; the figure of a node at hour H is its latest copy at or before H.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.stats.projections.live import NODES, PROGRESS, WRITER, LiveTotals, copy_is
from shared.eventstore.driver import Driver, aggregated, ensure_collections
from shared.kernel.clock import from_micros, to_micros
from shared.projections.copies import collection_of
from shared.projections.positions import PositionsMoved

log = structlog.get_logger()

HOURS = "hours"
FIGURES = "figures_v1"
LATE_AFTER = timedelta(minutes=10)
COPY_PAGE = 2_000
_HOUR_MICROS = 3_600_000_000

_COPIED = (
    "attached", "order", "category", "branch_kind", "full_name", "short_name", "tab", "own", "lacks", "totals",
    "graduates", "cohorts", "school", "region",
)  # fmt: skip


def hour_at(instant: datetime) -> int:
    """The full hour that an instant lies in."""
    return to_micros(instant) // _HOUR_MICROS


def instant_of(hour: int) -> datetime:
    """The stroke of an hour, in UTC."""
    return from_micros(hour * _HOUR_MICROS)


@dataclass(frozen=True, slots=True)
class Stroke:
    """What was noted at the stroke: the offset of each `<topic>/<partition>` up to which the hour counts."""

    hour: int
    noted_at: int
    bounds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Progress:
    """The row of the writer. `hour` was copied last (or is being copied), `previous` before it.

    `copy` is the copy of the totals that hours are made from; `whole` that the next one takes every node of it.
    """

    hour: int
    previous: int
    copying: bool
    batches: int
    stroke: Stroke | None
    copy: int = 1
    whole: bool = False


class Hours:
    """The publication of hours. Only the leased writer calls it, and never while it applies a batch."""

    def __init__(self, driver: Driver, database: Any) -> None:
        self._driver = driver
        self._database = database
        self._progress = database[PROGRESS]
        self._hours = database[HOURS]
        self._figures = database[FIGURES]

    async def prepare(self) -> None:
        await ensure_collections(self._database, PROGRESS, HOURS, FIGURES)
        await self._figures.create_indexes(
            [
                IndexModel([("node", ASCENDING), ("hour", DESCENDING)], unique=True),
                IndexModel([("superior", ASCENDING), ("node", ASCENDING)]),
                IndexModel(
                    [("superior", ASCENDING), ("graduating", ASCENDING), ("node", ASCENDING)],
                    partialFilterExpression={"graduating": True},
                ),
                IndexModel([("hour", ASCENDING), ("node", ASCENDING)]),
            ]
        )

    async def load(self, now: datetime) -> Progress:
        """The writer's row. A system that starts for the first time counts from the hour that it starts in."""
        first = {
            "hour": hour_at(now),
            "previous": 0,
            "copying": False,
            "batches": 0,
            "stroke": None,
            "current_at": 0,
            "copy": 1,
            "version": LiveTotals.version,
        }
        await self._progress.update_one({"_id": WRITER}, {"$setOnInsert": first}, upsert=True)
        row = await self._progress.find_one({"_id": WRITER})
        stroke = Stroke(**row["stroke"]) if row["stroke"] else None
        copy, whole = row.get("copy", 1), row.get("whole", False)
        return Progress(row["hour"], row["previous"], row["copying"], row["batches"], stroke, copy, whole)

    async def take_version(self, copy: int) -> None:
        """Hours are made from a copy of the present version of the totals; the next one takes every node of it.

        What an older version noted or was copying is left: its copies have other numbers, and other documents.
        """
        begun = {"version": LiveTotals.version, "copy": copy, "whole": True, "copying": False, "stroke": None}
        older = {"_id": WRITER, "version": {"$ne": LiveTotals.version}}
        await self._progress.update_one(older, {"$set": begun, "$inc": {"batches": 1}})

    async def note(self, progress: Progress, stroke: Stroke) -> None:
        """Keeps what was noted, so that a restart goes on to the very same offsets. Raises PositionsMoved.

        Offsets are those of the copy's topics: of another copy than the writer's they would mean nothing.
        """
        kept = {"hour": stroke.hour, "noted_at": stroke.noted_at, "bounds": dict(stroke.bounds)}
        result = await self._progress.update_one(
            {
                "_id": WRITER,
                "hour": progress.hour,
                "copying": False,
                "stroke": None,
                "copy": copy_is(progress.copy),
            },
            {"$set": {"stroke": kept}},
        )
        if not result.matched_count:
            raise PositionsMoved

    async def give_up(self, stroke: Stroke) -> None:
        """Forgets what was noted; the hour is noted anew. Raises PositionsMoved where it is copied, or noted anew."""
        result = await self._progress.update_one(
            {"_id": WRITER, "copying": False, "stroke.noted_at": stroke.noted_at}, {"$set": {"stroke": None}}
        )
        if not result.matched_count:
            raise PositionsMoved

    async def begin(self, last: int, stroke: Stroke, batches: int) -> None:
        """From here on no batch gets in. Raises PositionsMoved if one did that this writer does not know of, and where
        another gave the stroke up.
        """
        result = await self._progress.update_one(
            {
                "_id": WRITER,
                "hour": last,
                "copying": False,
                "batches": batches,
                "stroke.noted_at": stroke.noted_at,
            },
            {"$set": {"hour": stroke.hour, "previous": last, "copying": True}},
        )
        if not result.matched_count:
            raise PositionsMoved

    async def copy(self, progress: Progress) -> int:
        """Copies the nodes that changed since the hour before; again from the start after a crash. Answers how many."""
        nodes = self._database[collection_of(NODES, progress.copy)]
        changed = {} if progress.whole else {"changed_after": progress.previous}
        copied, last = 0, ""
        while True:
            page = nodes.find({**changed, "_id": {"$gt": last}}, {"_id": 1}).sort("_id", ASCENDING)
            ids = [document["_id"] async for document in page.limit(COPY_PAGE)]
            if not ids:
                return copied
            match = {**changed, "_id": {"$gt": last, "$lte": ids[-1]}}
            await aggregated(nodes, _copying(match, progress.hour))
            copied, last = copied + len(ids), ids[-1]

    async def publish(self, progress: Progress, now: datetime, copied: int) -> None:
        """The hour is there for everybody, in one step, and the live totals show all that it does.

        Raises PositionsMoved if another writer published it.
        """
        late = now - instant_of(progress.hour) > LATE_AFTER
        stroke = progress.stroke
        row = {
            "_id": progress.hour,
            "noted_at": stroke.noted_at if stroke else None,
            "positions": dict(stroke.bounds) if stroke else {},
            "published_at": to_micros(now),
            "late": late,
            "copied": copied,
        }

        async def work(session: Any) -> None:
            result = await self._progress.update_one(
                {"_id": WRITER, "hour": progress.hour, "copying": True},
                {
                    "$set": {"copying": False, "stroke": None, "whole": False},
                    "$max": {"current_at": row["noted_at"] or 0},
                },
                session=session,
            )
            if not result.matched_count:
                raise PositionsMoved
            await self._hours.insert_one(row, session=session)

        await self._driver.transaction(work)
        log.info("stats.hour.published", hour=progress.hour, copied=copied, late=late)

    async def current(self, now: datetime) -> None:
        """Everything there is has been applied: the live totals are those of now."""
        await self._progress.update_one({"_id": WRITER}, {"$max": {"current_at": to_micros(now)}})


def _copying(match: Mapping[str, Any], hour: int) -> list[dict[str, Any]]:
    return [
        {"$match": match},
        {
            "$project": {
                "_id": {"$concat": ["$_id", f"@{hour}"]},
                "node": "$_id",
                "hour": {"$literal": hour},
                "superior": "$attached",
                "graduating": {"$ne": [{"$type": "$cohorts"}, "missing"]},
                **{name: 1 for name in _COPIED if name != "attached"},
            }
        },
        {"$merge": {"into": FIGURES, "on": "_id", "whenMatched": "replace", "whenNotMatched": "insert"}},
    ]
