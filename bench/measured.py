"""What a measurement is, and how it is told."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure. `floor` is the same kind of figure of the bare machine, measured in turns with it.

    `goal` is the least `value / floor` that counts as reached for now. For latencies and sizes, which are better small,
    `at_most` is the bound of the value itself.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_most: float | None = None
    notes: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

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
    lines = [asdict(f) | {"ratio": f.ratio, "reached": f.reached} for f in figures]
    (directory / "bench.json").write_text(json.dumps(lines, ensure_ascii=False, indent=1))
