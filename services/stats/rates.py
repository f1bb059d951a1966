"""Rates with their formulas: how timely transfers are decided (STA-05, TRF-10), and 学社衔接 (GRD-06)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.stats.counting.vectors import DESTINATIONS, NO_GRADUATES, Cohorts, Figures, Graduates, gather, summed
from services.stats.figures import names, timing, tree_figures, trend_figures
from services.stats.hours import instant_of
from services.stats.projections.below import Below
from services.stats.projections.progress import Standing
from services.stats.reference.formulas import COMPLETION, EMPLOYMENT, TIMELINESS, Formula, formula_on
from shared.kernel.clock import iso, local_date
from shared.reference.divisions import divisions


def timeliness(standing: Standing, sector: str | None) -> dict[str, Any]:
    """STA-05: by direct subordinates, as entry progress is."""
    formula = formula_on(TIMELINESS, _day(standing))
    return tree_figures(standing, lambda totals: _timely(totals, formula), sector) | {"formula": _shown(formula)}


def timeliness_trend(series: Sequence[tuple[int, Mapping[str, Figures]]], sector: str | None) -> dict[str, Any]:
    """By the formula in force at the newest hour."""
    formula = formula_on(TIMELINESS, local_date(instant_of(series[-1][0])) if series else date.max)
    return trend_figures(series, lambda totals: _timely(totals, formula), sector) | {"formula": _shown(formula)}


def graduates(standing: Standing, year: int | None) -> dict[str, Any]:
    """GRD-06: the cohorts of a year, by direct subordinates; without one the newest there is, else that of the day."""
    day = _day(standing)
    entry = standing.entry
    asked = str(year) if year else max(entry.cohorts, default=str(day.year))
    formulas = _of_graduates(day)
    return {
        **timing(standing.moment),
        "year": int(asked),
        "years": sorted((int(each) for each in entry.cohorts), reverse=True),
        "organization": names(entry),
        "own": _graduated(standing.own_cohorts, asked, formulas),
        "rows": [
            names(each) | _graduated(each.cohorts, asked, formulas)
            for each in standing.subordinates
            if asked in each.cohorts
        ],
        "total": _graduated(entry.cohorts, asked, formulas),
        "formulas": [_shown(formula) for formula in formulas],
    }


def by_school(below: Below, region: str) -> dict[str, Any]:
    """GRD-06: the school with the lowest completion first, last those with nobody to transfer; with a region its own.

    `total` is `own` plus the rows; `own` are graduates at no school, as of one that was dissolved.
    """
    formulas = _of_graduates(local_date(below.moment.as_of))
    within = [place for place in below.places if not region or place.division == region]
    sums: Cohorts = {}
    for place in within:
        gather(sums, {place.school: place.rest})
    rows = [
        {"organization": each.organization, "full_name": each.full_name, "short_name": each.short_name}
        | _measured(sums[each.organization], formulas)
        for each in within
        if each.is_school and each.organization in sums
    ]
    rows.sort(key=_lowest_first)
    named = {"region": region, "region_name": divisions().get(region, region)}
    return named | _parted(below, formulas, sums, rows)


def by_region(below: Below) -> dict[str, Any]:
    """GRD-06: by the divisions directly in that of the organization, in the order of their codes.

    `total` is `own` plus the rows; `own` are those of no such division. `organizations` of a row make it up.
    """
    formulas = _of_graduates(local_date(below.moment.as_of))
    sums: Cohorts = {}
    made_of: dict[str, list[str]] = {}
    for place in below.places:
        gather(sums, {place.division: place.rest})
        if place.division:
            made_of.setdefault(place.division, []).append(place.organization)
    rows = [
        {"region": code, "name": divisions().get(code, code), "organizations": made_of[code]}
        | _measured(sums[code], formulas)
        for code in sorted(made_of)
        if code in sums
    ]
    named = {"region": below.region, "region_name": divisions().get(below.region, below.region)}
    return named | _parted(below, formulas, sums, rows)


def graduates_trend(series: Sequence[tuple[int, Cohorts]], year: int | None) -> dict[str, Any]:
    """The hours from the first on that had a cohort of the year; without one the newest."""
    asked = str(year) if year else max((each for _, cohorts in series for each in cohorts), default="")
    series = [(hour, cohorts) for hour, cohorts in series if asked in cohorts]
    day = local_date(instant_of(series[-1][0])) if series else date.max
    formulas = _of_graduates(day)
    points = [{"hour": iso(instant_of(hour)), **_graduated(cohorts, asked, formulas)} for hour, cohorts in series]
    return {"year": int(asked or 0), "points": points, "formulas": [_shown(formula) for formula in formulas]}


def _timely(totals: Mapping[str, Figures], formula: Formula) -> dict[str, Any]:
    all_ = summed(totals)
    counted = {name: getattr(all_, name) for name in ("steps", "steps_late", "steps_open_late")}
    return counted | {"rate": formula.of(counted)}


def _parted(
    below: Below, formulas: tuple[Formula, Formula], sums: Cohorts, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    total: Cohorts = {}
    for each in sums.values():
        gather(total, {"": each})
    return {
        **timing(below.moment),
        "year": below.year,
        "years": below.years,
        "rows": rows,
        "organization": {"full_name": below.places[0].full_name},
        "own": _measured(sums.get("", NO_GRADUATES), formulas),
        "total": _measured(total.get("", NO_GRADUATES), formulas),
        "formulas": [_shown(formula) for formula in formulas],
    }


def _lowest_first(row: Mapping[str, Any]) -> tuple[bool, float, int, str]:
    """Of equal rates the larger school first."""
    rate = row["completion_rate"]
    return rate is None, rate or 0.0, -row["to_transfer"], row["organization"]


def _of_graduates(day: date) -> tuple[Formula, Formula]:
    return formula_on(COMPLETION, day), formula_on(EMPLOYMENT, day)


def _graduated(cohorts: Mapping[str, Graduates], year: str, formulas: tuple[Formula, Formula]) -> dict[str, Any]:
    return _measured(cohorts.get(year, NO_GRADUATES), formulas)


def _measured(graduates: Graduates, formulas: tuple[Formula, Formula]) -> dict[str, Any]:
    counted = graduates._asdict()
    completion, employment = (formula.of(counted) for formula in formulas)
    return counted | {
        "to_transfer": counted["graduates"] - counted["left_out"] - counted["ended"],
        "complete": sum(counted[name] for name in DESTINATIONS),
        "completion_rate": completion,
        "employment_rate": employment,
    }


def _shown(formula: Formula) -> dict[str, str]:
    return {"code": formula.code, "version": formula.version, "zh": formula.zh, "en": formula.en}


def _day(standing: Standing) -> date:
    return local_date(standing.moment.as_of)
