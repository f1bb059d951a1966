"""Dates as people write them, and ages in full years. All dates are days of Asia/Shanghai.

A join date may lack its day. It is kept as `YYYY-MM` or `YYYY-MM-DD`; rules that need a day use the last of the month.
"""

import calendar
import math
import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from services.member.domain.text import Raw, plain

_CLOCK = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?Z?$")
_PARTED = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?[-/.]?")
_CHINESE = re.compile(r"([0-9]{4})年([0-9]{1,2})月(?:([0-9]{1,2})[日号]?)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")
_SHORT_YEAR = re.compile(
    r"'?[0-9]{2}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}[日号]?)?月?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4})"
)
_EARLIEST, _LATEST = 1900, 2100
# Serial numbers that a spreadsheet shows for days from 1940 to 2100 when the cell's date format is lost.
_SERIALS = range(14611, 73051)
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904_SHIFT = 1462


class DateUnreadable(Exception):
    """`code` is the fault's code: what is wrong with a date that could not be read."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read_date(raw: Raw, *, month_suffices: bool = False, epoch_1904: bool = False) -> str:
    """`YYYY-MM-DD`, or `YYYY-MM` where a month suffices and no day is given.

    Reads 2019-05-04, 2019/5/4, 2019.5.4, 20190504, 2019年5月4日 and the same without the day; a time of day behind it
    is dropped; a bare number is a spreadsheet's serial (of the 1904 system if said). Raises DateUnreadable with
    `date_two_digit_year`, `date_ambiguous_month`, `date_impossible`, `date_without_month`, `date_without_day` or
    `date_unreadable`.
    """
    if isinstance(raw, date):
        return raw.date().isoformat() if isinstance(raw, datetime) else raw.isoformat()
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        text = _from_number(raw, epoch_1904=epoch_1904)
    else:
        text = _CLOCK.sub("", plain(raw)) if isinstance(raw, str) else ""
    return _from_text(text.replace(" ", ""), month_suffices=month_suffices)


def _from_number(number: float, *, epoch_1904: bool) -> str:
    if not math.isfinite(number):
        return ""
    serial = int(number)
    if serial in _SERIALS:
        return (_EPOCH_1900 + timedelta(days=serial + _EPOCH_1904_SHIFT * epoch_1904)).isoformat()
    if number == serial:
        return str(serial)
    text = repr(number)
    if re.fullmatch(r"[0-9]{4}\.1", text):
        # 2019.10 typed into a cell for numbers is 2019.1: January or October, nobody can tell.
        code = "date_ambiguous_month"
        raise DateUnreadable(code)
    return text


def _from_text(text: str, *, month_suffices: bool) -> str:
    match = _PARTED.fullmatch(text) or _CHINESE.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise DateUnreadable(_why(text))
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or month is None or not _EARLIEST <= year <= _LATEST or not 1 <= month <= 12:
        code = "date_impossible"
        raise DateUnreadable(code)
    if day is None:
        if month_suffices:
            return f"{year:04}-{month:02}"
        code = "date_without_day"
        raise DateUnreadable(code)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        code = "date_impossible"
        raise DateUnreadable(code)
    return f"{year:04}-{month:02}-{day:02}"


def _why(text: str) -> str:
    if re.fullmatch(r"(19|20)[0-9]{2}年?", text):
        return "date_without_month"
    if _SHORT_YEAR.fullmatch(text):
        return "date_two_digit_year"
    return "date_unreadable"


@lru_cache(maxsize=1_024)
def last_day(stored: str) -> date:
    """The day itself, or the last day of a month without a day (MEM-04)."""
    if len(stored) > len("YYYY-MM"):
        return date.fromisoformat(stored)
    year, month = int(stored[:4]), int(stored[5:])
    return date(year, month, calendar.monthrange(year, month)[1])


def first_day(stored: str) -> date:
    """The day itself, or the first of a month without a day."""
    return date.fromisoformat(stored if len(stored) > len("YYYY-MM") else f"{stored}-01")


def full_years(birth: date, on: date) -> int:
    """Age in full years on a day; someone born on 29 February turns a year older on 1 March of a common year."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
