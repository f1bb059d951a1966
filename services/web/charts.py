"""Charts as the server draws them: lines and bars in plain SVG, which the strict policy lets through (ADR 0026).

Only what is drawn is SVG, stretched to the width there is; scales and names are the page's own text around it, so that
they keep their size on a phone. The table beside a chart is the truth, the chart shows the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypeVar

from shared.kernel.clock import SHANGHAI

WIDTH, HEIGHT = 600, 200
HOURLY = timedelta(hours=48)

Span = Literal["hours", "days"]
SPANS: tuple[Span, ...] = ("days", "hours")

_HEADS_SMALL = (2, 4, 6, 8, 10)
_HEADS = (12, 16, 20, 24, 30, 40, 50, 60, 80, 100)


class Point(Protocol):
    """Figures of one published hour."""

    @property
    def hour(self) -> datetime: ...


P = TypeVar("P", bound=Point)


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its path, a mark at its newest point, and the values it begins and ends with."""

    path: str
    mark: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the hours from `begins` to `ends`; the scale goes from zero to `top`, an even number."""

    lines: tuple[Line, ...]
    top: int
    begins: datetime
    middle: datetime
    ends: datetime


def day_of(hour: datetime) -> date:
    """The day that an hour counts to: midnight closes the day before."""
    return (hour - timedelta(seconds=1)).astimezone(SHANGHAI).date()


def spans_of(points: Sequence[Point]) -> tuple[Span, ...]:
    """What can be chosen: days only where the points reach back beyond the hours of two days."""
    return SPANS if points and points[-1].hour - points[0].hour >= HOURLY else ("hours",)


def within(points: Sequence[P], span: Span) -> list[P]:
    """Of points in their order: each hour of the last two days, or the last hour of each day."""
    if span == "hours":
        return [point for point in points if points[-1].hour - point.hour < HOURLY]
    return list({day_of(point.hour): point for point in points}.values())


def line_chart(hours: Sequence[datetime], *series: Sequence[int]) -> LineChart | None:
    """The chart of one value of each series for each hour; None of less than two hours, which make no line."""
    if len(hours) < 2:
        return None
    begins, ends = hours[0], hours[-1]
    whole = (ends - begins).total_seconds()
    across = [round((hour - begins).total_seconds() / whole * WIDTH) for hour in hours]
    top = scale_of(max(max(values) for values in series))
    middle = (begins + (ends - begins) / 2).replace(minute=0, second=0, microsecond=0)
    return LineChart(tuple(_line(across, values, top) for values in series), top, begins, middle, ends)


def scale_of(most: int) -> int:
    """Where the scale ends: the nearest round number at or above, even, so that its half can be said too."""
    for head in _HEADS_SMALL:
        if most <= head:
            return head
    unit = 1
    while most > _HEADS[-1] * unit:
        unit *= 10
    return next(head * unit for head in _HEADS if most <= head * unit)


def _line(across: Sequence[int], values: Sequence[int], top: int) -> Line:
    up = [round(HEIGHT - value / top * HEIGHT, 1) for value in values]
    steps = [f"{x} {y:g}" for x, y in zip(across, up, strict=True)]
    return Line("M" + "L".join(steps), f"M{steps[-1]}h0", values[0], values[-1])
