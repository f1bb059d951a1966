"""Figures as they are answered and downloaded: sums over tabs, and shares in percent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.stats.counting.organizations import LEADING
from services.stats.counting.vectors import NO_FIGURES, Figures, Totals, minus, summed
from services.stats.hours import instant_of
from services.stats.projections.progress import Entry, Moment, Standing
from services.stats.reference.sectors import TABS
from shared.kernel.clock import iso
from shared.kernel.refusals import Kind, Refusal

Measure = Callable[[Mapping[str, Figures]], dict[str, Any]]


class UnknownSector(Refusal):
    kind = Kind.INVALID
    rule = "STA-03"
    zh = "没有这个领域。"
    en = "There is no such sector."
    way_out = "请从页面上的领域中选择。"
    way_out_en = "Choose one of the sectors on the page."


def share(part: int, whole: int) -> float | None:
    """Percent with one decimal, cut off, so that 100 means all; None of nothing."""
    return part * 1000 // whole / 10 if whole else None


def member_figures(totals: Mapping[str, Figures]) -> dict[str, Any]:
    """STA-03: branches and members with those complete."""
    all_ = summed(totals)
    return {
        "branches": all_.branches,
        "branches_complete": all_.branches_complete,
        "branches_share": share(all_.branches_complete, all_.branches),
        "members": all_.members,
        "members_complete": all_.members_complete,
        "members_share": share(all_.members_complete, all_.members),
    }


def cadre_figures(totals: Mapping[str, Figures]) -> dict[str, Any]:
    """STA-08: basic organizations and their cadres; leading bodies and theirs apart."""
    leading = totals.get(LEADING, NO_FIGURES)
    basic = minus(summed(totals), leading)
    return {
        "organizations": basic.organizations,
        "organizations_complete": basic.organizations_complete,
        "organizations_share": share(basic.organizations_complete, basic.organizations),
        "cadres": basic.cadres,
        "cadres_complete": basic.cadres_complete,
        "cadres_share": share(basic.cadres_complete, basic.cadres),
        "leading_bodies": leading.organizations,
        "leading_bodies_complete": leading.organizations_complete,
        "leading_cadres": leading.cadres,
        "leading_cadres_complete": leading.cadres_complete,
    }


def timing(moment: Moment) -> dict[str, Any]:
    """Which hour figures are of (STA-01), or, live, the time that they are known to show."""
    return {
        "hour": iso(moment.stroke) if moment.stroke else None,
        "published_at": iso(moment.published_at) if moment.published_at else None,
        "late": moment.late,
        "as_of": iso(moment.as_of),
    }


def tree_figures(standing: Standing, measure: Measure, sector: str | None = None) -> dict[str, Any]:
    """By direct subordinates. `total` is `own` plus the rows (STA-06); with a sector all of it is that tab's."""
    entry = standing.entry
    return {
        **timing(standing.moment),
        "sector": sector,
        "organization": names(entry),
        "own": measure(_of_sector(standing.own, sector)),
        "rows": [
            names(each) | measure(_of_sector(each.totals, sector)) for each in standing.subordinates
        ],
        "total": measure(_of_sector(entry.totals, sector)),
    }  # fmt: skip


def sector_figures(standing: Standing, measure: Measure) -> dict[str, Any]:
    """By sector. `total` is over all of them; leading bodies have no sector and are in the cadres' total alone."""
    totals = standing.entry.totals
    rows = [{"sector": tab, "name": name, **measure(_of_sector(totals, tab))} for tab, name in TABS.items()]
    return {**timing(standing.moment), "rows": rows, "total": measure(totals)}


def trend_figures(
    series: Sequence[tuple[int, Mapping[str, Figures]]], measure: Measure, sector: str | None = None
) -> dict[str, Any]:
    """STA-05: the figures of each published hour shown, the oldest first; with a sector those of that tab."""
    points = [{"hour": iso(instant_of(hour)), **measure(_of_sector(totals, sector))} for hour, totals in series]
    return {"sector": sector, "points": points}


def information_figures(standing: Standing) -> dict[str, Any]:
    """STA-04: is the information of each direct subordinate complete, and what is missing; counts below and own."""
    total = summed(standing.entry.totals)
    rows = [names(each) | _information(each) for each in standing.subordinates]
    return {
        **timing(standing.moment),
        "own": names(standing.entry) | _information(standing.entry),
        "rows": rows,
        "organizations": total.organizations,
        "complete": total.informed,
        "share": share(total.informed, total.organizations),
    }


def _information(entry: Entry) -> dict[str, Any]:
    return {"complete": entry.own.informed == 1, "missing": list(entry.lacks)}


def names(entry: Entry) -> dict[str, Any]:
    return {
        "organization": entry.organization,
        "full_name": entry.full_name,
        "short_name": entry.short_name,
        "category": entry.category,
        "has_subordinates": entry.has_subordinates,
        "entry_complete": entry.own.organizations_complete == 1,
    }


def _of_sector(totals: Mapping[str, Figures], sector: str | None) -> Totals:
    if sector is None:
        return dict(totals)
    if sector not in TABS:
        raise UnknownSector(field="sector")
    return {sector: totals[sector]} if sector in totals else {}
