"""How long a step may take, and when it is reminded of (TRF-04, TRF-09, TRF-10, BEY-04)."""

from datetime import datetime, timedelta

FIRST = timedelta(hours=72)
TENTHS = {1: 3, 2: 7, 3: 8, 4: 9}
"""Of a step's period: days 3, 7, 8 and 9 of the usual ten."""
REMINDERS_IN_TIME = len(TENTHS)
WEEK = timedelta(days=7)


def reminder_at(number: int, since: datetime, period: timedelta) -> datetime:
    """When the reminder of a number, from 1, is due. The first comes after 72 hours at the latest.

    From the fifth on, weekly after the period: only what has no time-out waits so long.
    """
    if number > REMINDERS_IN_TIME:
        return since + period + (number - REMINDERS_IN_TIME) * WEEK
    share = period * TENTHS[number] / 10
    return since + (min(share, FIRST) if number == 1 else share)


def tells_superior(number: int) -> bool:
    """The third is for the superior, as are all after the period."""
    return number == 3 or number > REMINDERS_IN_TIME


def reminders_passed(since: datetime, period: timedelta, given: int, most: int | None, now: datetime) -> list[int]:
    """The numbers after those `given` that are due: of several missed ones only the last to each of the two."""
    due: dict[bool, int] = {}
    number = given + 1
    while (most is None or number <= most) and reminder_at(number, since, period) <= now:
        due[tells_superior(number)] = number
        number += 1
    return sorted(due.values())
