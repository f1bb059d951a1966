"""How old the knowledge of withdrawn rights is, by the beats of the lane (kernel.md 5). Pure but for its two clocks."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

FUTURE_SECONDS_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """`age_seconds` is infinite while it is not known; `detail` says why."""

    age_seconds: float
    detail: str = ""


class LaneAge:
    """Counts the age. `ticks` is a monotonic clock, so a step of the wall clock changes nothing afterwards."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lag_seconds: float | None = None
        self._read_at = 0.0
        self.reached_end = False
        self.reaches_back = False

    def beat(self, stamp: datetime, received: datetime) -> None:
        """A beat stamped at `stamp` was read when our clock said `received`: all earlier withdrawals are read too."""
        self._lag_seconds = (received - stamp).total_seconds()
        self._read_at = self._ticks()

    def now(self) -> Freshness:
        """Infinite until the lane reaches back to the copy, the end seen at the start is reached, and a beat read.

        A stamp from more than a second ahead means that our clock is slow and would take old knowledge for fresh.
        """
        if not self.reaches_back:
            return Freshness(math.inf, "the copy of rights is older than the lane of withdrawals: see tuan doctor")
        if not self.reached_end:
            return Freshness(math.inf, "the lane of withdrawals is not read to its end yet")
        if self._lag_seconds is None:
            return Freshness(math.inf, "no beat on the lane of withdrawals yet: do org's worker and the relay run?")
        if self._lag_seconds < -FUTURE_SECONDS_MAX:
            return Freshness(math.inf, f"this machine's clock is {-self._lag_seconds:.1f} s slow: set it by NTP")
        age = max(0.0, self._lag_seconds) + self._ticks() - self._read_at
        return Freshness(age, f"rights are known as of {age:.1f} s ago")
