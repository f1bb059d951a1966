"""GRD-06: where below an organization the graduates of a year are, by schools and by divisions, at one moment.

A **school** is what org says is a school of its own (GRD-01), at whatever depth; the graduates of a class are those of
the nearest school at or above it. The **division** of an organization is what it states itself (`region`, a field that
may be left empty), as far as it lies in that of the organization asked for; else that of its superior, and what is
within a school is where the school is. So a university directly under its province counts where it says it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.stats.counting.vectors import NO_GRADUATES, Graduates, minus
from services.stats.hours import FIGURES
from services.stats.projections.live import NODES, WITH_COHORTS, LiveTotals
from services.stats.projections.progress import Moment
from shared.eventstore.driver import aggregated
from shared.kernel.refusals import Kind, Refusal
from shared.projections.copies import Copies, collection_of
from shared.reference.divisions import division_in

LOOKED_AT = 20_000
"""Organizations come to on one way down; the schools of any province are fewer."""
SUPERIORS_AT_ONCE, NODES_AT_ONCE = 100, 1_000
"""In one pipeline; each superior is a scan of its own there, which only so skips from node to node."""


class TooManySchools(Refusal):
    rule = "GRD-06"
    zh = "下级学校超过{most}所，不能一次按学校排出。"
    en = "There are more than {most} schools below, too many to be ranked at once."
    way_out = "请先按地区查看，再打开其中一个地区，或者打开某个下级组织。"
    way_out_en = "Look at the regions first and open one of them, or open a subordinate organization."


class NotCountedThen(Refusal):
    kind = Kind.ABSENT
    rule = "GRD-06"
    zh = "这个整点还没有按学校和地区统计。"
    en = "At that hour nothing was counted by school and region yet."
    way_out = "请选择更近的整点，或查看实时数据。"
    way_out_en = "Choose a later hour, or look at the live figures."


@dataclass(slots=True)
class Place:
    """An organization on the way down. `rest` are its graduates who are at none of the places below it.

    `schools` counts those at or below it; `school` is the nearest at or above it, `division` the code that it counts
    under, one directly in that of the organization asked for; both are empty where there is none.
    """

    organization: str
    full_name: str
    short_name: str
    is_school: bool
    schools: int
    region: str
    graduates: Graduates
    rest: Graduates
    school: str
    division: str


Further = Callable[[Place], bool]


@dataclass(frozen=True, slots=True)
class Below:
    """What was found: `places`, of which the first is the organization asked for; their `rest` is all there are.

    `region` is the division that the organization lies in; `years` are those that there are cohorts of.
    """

    moment: Moment
    year: int
    years: tuple[int, ...]
    region: str
    places: list[Place]


class GraduatesBelow:
    """Queries only. Goes down level by level along the organizations that have graduates, each served by an index."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._copies = Copies(database, f"{LiveTotals.name}-v{LiveTotals.version}")

    async def schools(self, organization: str, moment: Moment, year: int | None, region: str = "") -> Below:
        """As far as there are schools; with a region those within it. Raises TooManySchools, NotCountedThen."""

        def further(place: Place) -> bool:
            within = not region or place.division in {"", region}
            return within and place.schools > int(place.is_school)

        return await self._down(organization, moment, year, further)

    async def divisions(self, organization: str, moment: Moment, year: int | None) -> Below:
        """As far as no division is known and no school is reached. Raises as `schools`."""
        return await self._down(organization, moment, year, lambda place: not (place.division or place.school))

    async def _down(self, organization: str, moment: Moment, asked: int | None, further: Further) -> Below:
        document = await self._one(organization, moment)
        years = sorted((int(each) for each, people in document.get("cohorts", {}).items() if any(people.values())))
        year = asked or max(years, default=moment.as_of.year)
        region = document.get("region", "")
        above = document["superior"]
        while above and not region:
            found = await self._one(above, moment)
            above, region = found["superior"], found.get("region", "")
        top = _place(document | {"graduates": document.get("cohorts", {}).get(str(year), {})}, None, region)
        places, level = [top], [top]
        while opened := {each.organization: each for each in level if further(each)}:
            found_below = await self._under(list(opened), moment, year, LOOKED_AT - len(places))
            level = [_place(each, opened[each["superior"]], region) for each in found_below]
            level = [each for each in level if any(each.graduates)]
            places += level
        return Below(moment, year, tuple(reversed(years)), region, places)

    async def _one(self, organization: str, moment: Moment) -> dict[str, Any]:
        """An organization that was not there then has nothing below it. Raises NotCountedThen."""
        if moment.hour is None:
            found = (await self._nodes()).find({"_id": organization}, _SHOWN | _LIVE | {"cohorts": 1})
        else:
            at = {"node": organization, "hour": {"$lte": moment.hour}}
            shown = _SHOWN | {"node": 1, "superior": 1, "cohorts": 1}
            found = self._database[FIGURES].find(at, shown).sort("hour", -1)
        documents = await found.limit(1).to_list(1)
        if not documents:
            return {"node": organization, "superior": None, "full_name": "", "short_name": "", "schools": 0}
        if "school" not in documents[0]:
            raise NotCountedThen(field="hour")
        return dict(documents[0])

    async def _under(self, superiors: list[str], moment: Moment, year: int, most: int) -> list[dict[str, Any]]:
        """Of their direct subordinates those with graduates of the year. Raises TooManySchools."""
        if moment.hour is None:
            shown = _SHOWN | _LIVE | {"graduates": f"$cohorts.{year}"}
            found = (await self._nodes()).find({"attached": {"$in": superiors}, **WITH_COHORTS}, shown)
            documents = await found.limit(most + 1).to_list(None)
            if len(documents) > most:
                raise TooManySchools(most=LOOKED_AT)
        else:
            documents = await self._copied(superiors, moment.hour, year, most)
        return [each for each in documents if each.get("graduates")]

    async def _copied(self, superiors: list[str], hour: int, year: int, most: int) -> list[dict[str, Any]]:
        """Those that ever had graduates there by their latest copies up to the hour, if they stand there still."""
        figures, nodes, documents = self._database[FIGURES], [], []
        for some in _parted(superiors, SUPERIORS_AT_ONCE):
            nodes += [each["_id"] for each in await aggregated(figures, ever_under(some))]
            if len(nodes) > most:
                raise TooManySchools(most=LOOKED_AT)
        for some in _parted(nodes, NODES_AT_ONCE):
            documents += await aggregated(figures, latest(some, hour, year))
        wanted = set(superiors)
        return [each for each in documents if each["superior"] in wanted]

    async def _nodes(self) -> Any:
        return self._database[collection_of(NODES, await self._copies.read())]


_TOTALS = {"$objectToArray": {"$ifNull": ["$totals", {}]}}
_SHOWN: dict[str, Any] = {
    "_id": 0,
    "full_name": 1,
    "short_name": 1,
    "school": 1,
    "region": 1,
    "schools": {"$sum": {"$map": {"input": _TOTALS, "in": "$$this.v.schools"}}},
}
_LIVE = {"node": "$_id", "superior": "$attached"}


def _parted(names: list[str], size: int) -> Iterator[list[str]]:
    return (names[begin : begin + size] for begin in range(0, len(names), size))


def ever_under(superiors: list[str]) -> list[dict[str, Any]]:
    """{_id: node} of all that had graduates under one of these at some hour."""
    scans: list[list[dict[str, Any]]] = [
        [{"$match": {"superior": each, "graduating": True}}, {"$group": {"_id": "$node"}}] for each in superiors
    ]
    return [*scans[0], *({"$unionWith": {"coll": FIGURES, "pipeline": each}} for each in scans[1:])]


def latest(nodes: list[str], hour: int, year: int) -> list[dict[str, Any]]:
    """The latest copy of each up to the hour, by one seek."""
    return [
        {"$match": {"node": {"$in": nodes}, "hour": {"$lte": hour}}},
        {"$sort": {"node": 1, "hour": -1}},
        {"$group": {"_id": "$node", "copy": {"$first": "$$ROOT"}}},
        {"$replaceWith": "$copy"},
        {"$project": _SHOWN | {"node": 1, "superior": 1, "graduates": f"$cohorts.{year}"}},
    ]


def _place(document: Mapping[str, Any], above: Place | None, within: str) -> Place:
    """Takes its graduates away from those of the place above that are nowhere further down."""
    graduates = NO_GRADUATES._replace(**document["graduates"])
    if above is not None:
        above.rest = minus(above.rest, graduates)
    is_school, region = document.get("school", False), document.get("region", "")
    school = above.school if above and not is_school else ""
    settled = above.division or above.school if above else ""
    return Place(
        organization=document["node"],
        full_name=document["full_name"],
        short_name=document["short_name"],
        is_school=is_school,
        schools=document["schools"],
        region=region,
        graduates=graduates,
        rest=graduates,
        school=document["node"] if is_school else school,
        division=above.division if above and settled else division_in(region, within),
    )
