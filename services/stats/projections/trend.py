"""STA-05: how the figures of one organization went, from published hour to published hour."""

from collections.abc import Iterable
from typing import Any

from services.stats.counting.vectors import Cohorts, Totals
from services.stats.hours import FIGURES, HOURS
from services.stats.projections.documents import cohorts_of, totals_of
from shared.eventstore.driver import aggregated

HOURS_SHOWN = 48
POINTS_MAX = 90
"""The hours of two days, and beyond them 42 days by their last hour."""

_DAY = 24
_SHANGHAI_BEHIND = 7
"""Hours to add before dividing by a day: 24:00 in Asia/Shanghai is 16:00 UTC and closes its own day."""


def points(published: Iterable[int]) -> list[int]:
    """Which hours of those published are shown, the oldest first; at most POINTS_MAX.

    All hours of the two days up to the newest, and of each day before the last one.
    """
    hours = sorted(published)
    if not hours:
        return []
    young = hours[-1] - HOURS_SHOWN
    of_days = {(hour + _SHANGHAI_BEHIND) // _DAY: hour for hour in hours if hour <= young}
    return [*of_days.values(), *(hour for hour in hours if hour > young)][-POINTS_MAX:]


class Trend:
    """Queries only. The chosen hours are remembered until another one is published: published hours never change."""

    def __init__(self, database: Any) -> None:
        self._hours = database[HOURS]
        self._figures = database[FIGURES]
        self._points: list[int] = []

    async def series(self, organization: str) -> list[tuple[int, Totals]]:
        """The organization's totals by sector at each hour shown, the oldest first; none from before it was there."""
        found = await aggregated(self._hours, _copies_at(organization, await self._shown()))
        return [(document["_id"], totals_of(document["totals"])) for document in found]

    async def cohorts(self, organization: str) -> list[tuple[int, Cohorts]]:
        """GRD-06: the same of the graduates by year, from the first hour on that had any."""
        found = await aggregated(self._hours, _copies_at(organization, await self._shown()))
        return [(each["_id"], cohorts_of(each["cohorts"])) for each in found if each.get("cohorts")]

    async def _shown(self) -> list[int]:
        offered = {"retired": {"$exists": False}}
        newest = await self._hours.find(offered, {"_id": 1}).sort("_id", -1).limit(1).to_list(1)
        if not newest:
            return []
        if not self._points or self._points[-1] != newest[0]["_id"]:
            oldest = newest[0]["_id"] - POINTS_MAX * _DAY
            found = self._hours.find(offered | {"_id": {"$gte": oldest}}, {"_id": 1})
            self._points = points([document["_id"] async for document in found])
        return self._points


def _copies_at(organization: str, shown: list[int]) -> list[dict[str, Any]]:
    """For each hour one seek to the organization's latest copy at or before it."""
    latest = [
        {"$match": {"node": organization, "$expr": {"$lte": ["$hour", "$$hour"]}}},
        {"$sort": {"hour": -1}},
        {"$limit": 1},
        {"$project": {"totals": 1, "cohorts": 1}},
    ]
    return [
        {"$match": {"_id": {"$in": shown}}},
        {"$sort": {"_id": 1}},
        {"$lookup": {"from": FIGURES, "let": {"hour": "$_id"}, "pipeline": latest, "as": "copy"}},
        {"$unwind": "$copy"},
        {"$project": {"totals": "$copy.totals", "cohorts": "$copy.cohorts"}},
    ]
