"""How long figures are kept: every hour for 30 days, then the last published hour of each day."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from services.stats.hours import FIGURES, HOURS, hour_at, instant_of
from shared.kernel.clock import local_date

HOURLY_DAYS = 30
SWEEP_PAGE = 1_000


class Retention:
    """Removes hours that are no longer offered. What is kept reads as before: a node's latest copy of a day stays."""

    def __init__(self, database: Any) -> None:
        self._hours = database[HOURS]
        self._figures = database[FIGURES]

    async def sweep(self, now: datetime) -> int:
        """Thins out the days that are wholly older than 30 days; answers how many hours went. Safe to repeat.

        An hour is not offered any more before its first copy goes.
        """
        days: dict[object, list[int]] = defaultdict(list)
        oldest_hourly = hour_at(now - timedelta(days=HOURLY_DAYS))
        async for row in self._hours.find({"_id": {"$lt": oldest_hourly}}, {"_id": 1}).sort("_id", 1):
            days[_day(row["_id"])].append(row["_id"])
        days.pop(_day(oldest_hourly), None)
        gone = 0
        for published in days.values():
            await self._hours.update_many({"_id": {"$in": published[:-1]}}, {"$set": {"retired": True}})
            for hour in published[:-1]:
                await self._thin(hour, published[-1])
                await self._hours.delete_one({"_id": hour})
                gone += 1
        return gone

    async def _thin(self, hour: int, kept: int) -> None:
        """Removes the copies of an hour that a later one up to the kept hour stands for."""
        last = ""
        while True:
            found = self._figures.find({"hour": hour, "node": {"$gt": last}}, {"node": 1}).sort("node", 1)
            page = {document["node"]: document["_id"] async for document in found.limit(SWEEP_PAGE)}
            if not page:
                return
            later = self._figures.find(
                {"node": {"$in": list(page)}, "hour": {"$gt": hour, "$lte": kept}}, {"_id": 0, "node": 1}
            )
            replaced = {document["node"] async for document in later}
            if replaced:
                await self._figures.delete_many({"_id": {"$in": [page[node] for node in replaced]}})
            last = max(page)


def _day(hour: int) -> object:
    """The day in Asia/Shanghai whose figures an hour closes: midnight belongs to the day before."""
    return local_date(instant_of(hour) - timedelta(seconds=1))
