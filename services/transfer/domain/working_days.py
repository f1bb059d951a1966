"""OPS-05: which days are working days, by the State Council's yearly notice, as central operators enter it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from services.transfer.domain.events_of_rules import WorkingDaysEntered
from services.transfer.domain.refusals import DayBothWays, DayOutsideYear
from shared.kernel.clock import SHANGHAI, local_date
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

LATE_AFTER = 5
"""TRF-10: a decision after more working days than these is late."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years that were entered, each as it was entered last. Other years count Monday to Friday."""

    years: Mapping[int, WorkingDaysEntered] = field(default_factory=dict)

    def working(self, day: date) -> bool:
        entered = self.years.get(day.year)
        if entered and day in entered.off:
            return False
        return day.weekday() < 5 or bool(entered and day in entered.on)


class EnterWorkingDays(Command):
    """The year's holidays that fall on weekdays (`off`) and its weekend days that are worked (`on`).

    Days that are so anyway may stand there too, as the notice lists them.
    """

    year: int
    off: tuple[date, ...]
    on: tuple[date, ...]


def enter_working_days(command: EnterWorkingDays, state: Calendar) -> list[WorkingDaysEntered]:
    """Replaces the year's earlier entry. Raises DayOutsideYear, DayBothWays."""
    for name, days in (("off", command.off), ("on", command.on)):
        for day in days:
            if day.year != command.year:
                raise DayOutsideYear(field=name, day=day.isoformat(), year=command.year)
    if both := sorted(set(command.off) & set(command.on)):
        raise DayBothWays(field="on", day=both[0].isoformat())
    entered = WorkingDaysEntered(
        year=command.year, off=tuple(sorted(set(command.off))), on=tuple(sorted(set(command.on)))
    )
    return [] if state.years.get(command.year) == entered else [entered]


def late_from(start: datetime, calendar: Calendar) -> tuple[datetime, bool]:
    """TRF-10: the end of the fifth working day after that of `start`, and whether it rests on a year not entered."""
    day, left, entered = local_date(start), LATE_AFTER, True
    while left:
        day += timedelta(days=1)
        left -= calendar.working(day)
        entered = entered and day.year in calendar.years
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC), not entered


def _evolve(state: Calendar, event: WorkingDaysEntered) -> Calendar:
    return Calendar({**state.years, event.year: event})


CALENDAR: Decider[Calendar, WorkingDaysEntered] = Decider("calendar", Calendar(), _evolve)
