"""Time: instants are UTC and come from a port; every date, month and hour of figures is Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Where the present comes from. Only composition roots and tests choose one."""

    def now(self) -> datetime:
        """The present instant in UTC, with microseconds."""
        ...


class SystemClock:
    """The machine's clock, moved by `offset_seconds` in test and demonstration deployments."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self._offset = timedelta(seconds=offset_seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, step: timedelta) -> None:
        self.at += step


def local_date(at: datetime) -> date:
    """The date in Asia/Shanghai at an instant."""
    return at.astimezone(SHANGHAI).date()


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC: the stored form of every instant (BSON dates keep only milliseconds)."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Back from the stored form."""
    return _EPOCH + timedelta(microseconds=micros)


def iso(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as on the wire."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"
