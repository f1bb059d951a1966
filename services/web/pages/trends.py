"""How the figures of an organization went, as charts with their table (STA-05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.web.answers.graduates import GraduateTrend, TimelinessTrend
from services.web.answers.stats import CadreTrend, MemberTrend
from services.web.charts import LineChart, Span, line_chart, spans_of, within
from services.web.clients import Gap

Answered = MemberTrend | CadreTrend | GraduateTrend | TimelinessTrend
# What each chart shows: of so many, those that are complete (the same name with `_complete`).
MEASURES = {
    "members": ("members", "branches"),
    "cadres": ("cadres", "organizations"),
    "graduates": ("to_transfer",),
    "timeliness": ("steps",),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """What the page draws and lists: `points` are the newest first, a chart is None where one hour is all there is."""

    span: Span
    spans: tuple[Span, ...]
    measures: tuple[str, ...]
    points: Sequence[Any]
    charts: dict[str, LineChart | None]


def trend_of(kind: str, answer: Answered | Gap, wanted: str = "") -> Trend | Gap:
    """Of a `kind` of MEASURES; `wanted` is a span, or empty for the longest there is."""
    if isinstance(answer, Gap):
        return answer
    spans = spans_of(answer.points)
    span = next((each for each in spans if each == wanted), spans[0])
    points: list[Any] = within(list[Any](answer.points), span)
    hours = [point.hour for point in points]
    charts = {
        name: line_chart(hours, *([getattr(point, each) for point in points] for each in (name, f"{name}_complete")))
        for name in MEASURES[kind]
    }
    return Trend(span, spans, MEASURES[kind], points[::-1], charts)
