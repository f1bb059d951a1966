"""What a measurement is, and how it is told."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure. `floor` is the same kind of figure of the bare machine, `ratio` what of it was reached.

    `goal` is the least ratio that counts as reached for now. For latencies and sizes, which are better small, `at_most`
    is the bound of the value itself.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    goal: float | None = None
    at_most: float | None = None
    notes: str = ""

    @classmethod
    def beside(
        cls, name: str, values: Sequence[float], unit: str, floors: Sequence[float], goal: float, notes: str = ""
    ) -> Self:
        """Of rounds, each with the floor measured just before it: a minute later the machine may be half as fast, so
        the ratio is the median of the rounds' own.
        """
        ratio = median([value / floor for value, floor in zip(values, floors, strict=True)])
        return cls(name, median(values), unit, median(floors), ratio, goal, notes=notes)

    @property
    def reached(self) -> bool | None:
        if self.at_most is not None:
            return self.value <= self.at_most
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio >= self.goal


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(figures: Sequence[Measured], directory: Path) -> None:
    """A table for people, and `bench.json` for machines."""
    print(f"{'measure':<58}{'value':>12}{'floor':>12}{'ratio':>8}{'goal':>8}  reached")
    for f in figures:
        goal = f"<={f.at_most:g}" if f.at_most is not None else f"{f.goal:.2f}" if f.goal else ""
        reached = {True: "yes", False: "NO", None: ""}[f.reached]
        floor = f"{f.floor:,.0f}" if f.floor else ""
        ratio = f"{f.ratio:.2f}" if f.ratio else ""
        print(f"{f.name + ' [' + f.unit + ']':<58}{f.value:>12,.1f}{floor:>12}{ratio:>8}{goal:>8}  {reached}")
    for f in figures:
        if f.notes:
            print(f"{f.name}: {f.notes}")
    directory.mkdir(parents=True, exist_ok=True)
    lines = [asdict(f) | {"reached": f.reached} for f in figures]
    (directory / "bench.json").write_text(json.dumps(lines, ensure_ascii=False, indent=1))
