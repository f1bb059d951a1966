"""Rates with their formulas: how timely transfers are decided (STA-05, TRF-10), and 学社衔接 (GRD-06)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.stats.counting.vectors import DESTINATIONS, NO_GRADUATES, Cohorts, Figures, Graduates, summed
from services.stats.figures import names, timing, tree_figures, trend_figures
from services.stats.hours import instant_of
from services.stats.projections.progress import Standing
from services.stats.reference.formulas import COMPLETION, EMPLOYMENT, TIMELINESS, Formula, formula_on
from shared.kernel.clock import iso, local_date


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
    formulas = (formula_on(COMPLETION, day), formula_on(EMPLOYMENT, day))
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


def graduates_trend(series: Sequence[tuple[int, Cohorts]], year: int | None) -> dict[str, Any]:
    """The hours from the first on that had a cohort of the year; without one the newest."""
    asked = str(year) if year else max((each for _, cohorts in series for each in cohorts), default="")
    series = [(hour, cohorts) for hour, cohorts in series if asked in cohorts]
    day = local_date(instant_of(series[-1][0])) if series else date.max
    formulas = (formula_on(COMPLETION, day), formula_on(EMPLOYMENT, day))
    points = [{"hour": iso(instant_of(hour)), **_graduated(cohorts, asked, formulas)} for hour, cohorts in series]
    return {"year": int(asked or 0), "points": points, "formulas": [_shown(formula) for formula in formulas]}


def _timely(totals: Mapping[str, Figures], formula: Formula) -> dict[str, Any]:
    all_ = summed(totals)
    counted = {name: getattr(all_, name) for name in ("steps", "steps_late", "steps_open_late")}
    return counted | {"rate": formula.of(counted)}


def _graduated(cohorts: Mapping[str, Graduates], year: str, formulas: tuple[Formula, Formula]) -> dict[str, Any]:
    counted = cohorts.get(year, NO_GRADUATES)._asdict()
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
