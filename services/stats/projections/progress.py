"""What can be asked of the figures: an organization and its direct subordinates, at a published hour or live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.stats.counting.vectors import NO_FIGURES, Cohorts, Figures, Totals, gather
from services.stats.hours import FIGURES, HOURS, hour_at, instant_of
from services.stats.projections.documents import cohorts_of, figures_of, totals_of
from services.stats.projections.live import NODES, PROGRESS, WRITER, LiveTotals
from shared.contracts.org import Category
from shared.eventstore.driver import aggregated
from shared.kernel.clock import from_micros
from shared.kernel.refusals import Kind, Refusal
from shared.projections.copies import Copies, collection_of

LIVE = "live"


class NothingPublishedYet(Refusal):
    kind = Kind.ABSENT
    rule = "STA-01"
    zh = "还没有发布过整点数据。"
    en = "No hour has been published yet."
    way_out = "整点数据在每个整点之后发布，可先查看实时数据。"
    way_out_en = "Figures are published after each full hour; look at the live ones meanwhile."


class HourNotPublished(Refusal):
    kind = Kind.ABSENT
    rule = "STA-01"
    zh = "没有这个整点的数据。"
    en = "There are no figures of this hour."
    way_out = "请从已发布的整点中选择；超过30天的数据每天只保留一个整点。"
    way_out_en = "Choose one of the published hours; after 30 days one hour of each day is kept."


@dataclass(frozen=True, slots=True)
class Moment:
    """When figures are of: a published hour, or live (`hour` is None) with `as_of`, the time they are known to show."""

    hour: int | None
    as_of: datetime
    published_at: datetime | None = None
    late: bool = False

    @property
    def stroke(self) -> datetime | None:
        return None if self.hour is None else instant_of(self.hour)


@dataclass(frozen=True, slots=True)
class Entry:
    """One organization at one moment. `totals` hold its own figures, which stand under `tab`, and its subordinates'.

    `cohorts` are the graduates of it and its subordinates by year, `graduates` its own.
    """

    organization: str
    full_name: str
    short_name: str
    category: Category | None
    order: int
    tab: str
    own: Figures
    lacks: tuple[str, ...]
    totals: Totals
    graduates: Cohorts
    cohorts: Cohorts

    @property
    def has_subordinates(self) -> bool:
        return sum(figures.organizations for figures in self.totals.values()) > 1


@dataclass(frozen=True, slots=True)
class Standing:
    """STA-03: an organization and its direct subordinates in their order (ORG-08), at one moment.

    `own` and `own_cohorts` are what is not under one of these: its own, and what dissolved ones had decided, or who had
    graduated there (STA-06).
    """

    moment: Moment
    entry: Entry
    subordinates: list[Entry]
    own: Totals
    own_cohorts: Cohorts


class Progress:
    """Queries only. Each is served by an index, whatever the size of the tree or the age of the hour."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._copies = Copies(database, f"{LiveTotals.name}-v{LiveTotals.version}")
        self._figures = database[FIGURES]
        self._hours = database[HOURS]
        self._progress = database[PROGRESS]

    async def hours(self, limit: int) -> list[Moment]:
        """The newest published hours that can be asked for, the newest first."""
        found = self._hours.find({"retired": {"$exists": False}}).sort("_id", -1).limit(limit)
        return [_moment(row) async for row in found]

    async def moment(self, asked: datetime | str | None) -> Moment:
        """The moment asked for: LIVE, an instant within a published hour, or None for the newest published hour.

        Raises NothingPublishedYet or HourNotPublished.
        """
        if asked == LIVE:
            row = await self._progress.find_one({"_id": WRITER}, {"current_at": 1})
            return Moment(None, from_micros(row["current_at"] if row else 0))
        if not isinstance(asked, datetime):
            newest = await self.hours_until(None)
            if newest is None:
                raise NothingPublishedYet
            return newest
        published = await self.hours_until(hour_at(asked))
        if published is None or published.hour != hour_at(asked):
            raise HourNotPublished(field="hour")
        return published

    async def hours_until(self, hour: int | None) -> Moment | None:
        """The newest published hour up to one."""
        wanted: dict[str, Any] = {"retired": {"$exists": False}}
        if hour is not None:
            wanted["_id"] = {"$lte": hour}
        found = await self._hours.find(wanted).sort("_id", -1).limit(1).to_list(1)
        return _moment(found[0]) if found else None

    async def standing(self, organization: str, moment: Moment) -> Standing:
        """An organization that was not there at that hour has figures of nothing."""
        if moment.hour is None:
            nodes = self._database[collection_of(NODES, await self._copies.read())]
            found = nodes.find({"$or": [{"_id": organization}, {"attached": organization}]})
            documents = [document | {"node": document["_id"]} async for document in found]
        else:
            documents = await aggregated(self._figures, _latest(organization, moment.hour))
        entries = {document["node"]: _entry(document) for document in documents}
        entry = entries.pop(organization, None) or _nothing(organization)
        living = [each for each in entries.values() if each.category is not None]
        own, own_cohorts = {entry.tab: entry.own}, dict(entry.graduates)
        for gone in entries.values():
            if gone.category is None:
                gather(own, gone.totals)
                gather(own_cohorts, gone.cohorts)
        rows = sorted(living, key=lambda each: (each.order, each.organization))
        return Standing(moment, entry, rows, own, own_cohorts)


def _latest(organization: str, hour: int) -> list[dict[str, Any]]:
    """The latest copies, up to the hour, of an organization and of all that were ever copied under it.

    The candidates come from one index (a skip from node to node), each one's copy by one seek in another.
    """
    newest = [
        {"$match": {"$expr": {"$and": [{"$eq": ["$node", "$$node"]}, {"$lte": ["$hour", hour]}]}}},
        {"$sort": {"hour": -1}},
        {"$limit": 1},
    ]
    return [
        {"$match": {"superior": organization}},
        {"$group": {"_id": "$node"}},
        {"$unionWith": {"coll": FIGURES, "pipeline": [
            {"$match": {"node": organization}}, {"$limit": 1}, {"$project": {"_id": "$node"}},
        ]}},
        {"$lookup": {"from": FIGURES, "let": {"node": "$_id"}, "pipeline": newest, "as": "copy"}},
        {"$unwind": "$copy"},
        {"$replaceWith": "$copy"},
        {"$match": {"$or": [{"superior": organization}, {"node": organization}]}},
    ]  # fmt: skip


def _moment(row: Mapping[str, Any]) -> Moment:
    published_at = from_micros(row["published_at"])
    return Moment(row["_id"], instant_of(row["_id"]), published_at, row["late"])


def _entry(document: Mapping[str, Any]) -> Entry:
    category = document["category"]
    return Entry(
        organization=document["node"],
        full_name=document["full_name"],
        short_name=document["short_name"],
        category=Category(category) if category else None,
        order=document["order"] or 0,
        tab=document["tab"],
        own=figures_of(document["own"]),
        lacks=tuple(document["lacks"]),
        totals=totals_of(document.get("totals", {})),
        graduates=cohorts_of(document.get("graduates", {})),
        cohorts=cohorts_of(document.get("cohorts", {})),
    )


def _nothing(organization: str) -> Entry:
    return Entry(organization, "", "", None, 0, "", NO_FIGURES, (), {}, {}, {})
