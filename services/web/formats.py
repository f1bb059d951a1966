"""How dates, figures and names are written, in the language of the request."""

from collections.abc import Iterable
from datetime import date, datetime

from services.web.texts import language
from shared.kernel.clock import SHANGHAI

PREFIX_MIN = 4
# A shared prefix of two names ends after one of these, else a place's name would be cut in two.
PREFIX_ENDS = "团省市县区旗州盟会校院司厂镇乡道村关"
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date | datetime | str | None) -> str:
    """2026年11月20日 or 20 Nov 2026; a month without a day (``2019-05``) gives 2019年5月 or May 2019.

    Instants are shown in Asia/Shanghai; a text that is no date shows as it is.
    """
    match value:
        case None | "":
            return ""
        case datetime():
            return day(value.astimezone(SHANGHAI).date())
        case date():
            return _written(value.year, value.month, value.day)
        case str():
            parts = value.split("-")
            is_date = all(map(str.isdecimal, parts)) and len(parts) in (2, 3) and 1 <= int(parts[1]) < len(MONTHS)
            return _written(*map(int, parts)) if is_date else value


def _written(year: int, month: int, day_of_month: int = 0) -> str:
    if language() == "en":
        written = f"{day_of_month} {MONTHS[month]}" if day_of_month else MONTHS[month]
        return f"{written} {year}" if year else written
    written = f"{month}月{day_of_month}日" if day_of_month else f"{month}月"
    return f"{year}年{written}" if year else written


def short_day(value: date, present: date) -> str:
    """11月20日 or 20 Nov, with the year if it is not that of the present day."""
    return _written(value.year if value.year != present.year else 0, value.month, value.day)


def moment(value: datetime | None, present: date) -> str:
    """11月20日 09:12 or 20 Nov 09:12, with the year if it is not that of the present day."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{short_day(local.date(), present)} {local:%H:%M}"


def full_moment(value: datetime | None) -> str:
    """2026年11月20日 10:00 or 20 Nov 2026 10:00, for the stamp of an hour."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}" if value else ""


def time_left(due: datetime, now: datetime) -> tuple[int, int, int]:
    """Days, hours and minutes from now on; all 0 once the time is over."""
    minutes = max(0, int((due - now).total_seconds()) // 60)
    return minutes // 1440, minutes // 60 % 24, minutes % 60


def count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage rounded towards the middle, so that 100% and 0% are said only when they are true."""
    if not whole:
        return "—"
    if part in (0, whole):
        return "100%" if part else "0%"
    return f"{min(max(part * 1000 // whole, 1), 999) / 10:.1f}%"


def split_name(full_name: str, beside: str = "") -> tuple[str, str]:
    """A name's part shared with the one beside it (its superior), and its own part. Joined they are the name."""
    shared = 0
    for left, right in zip(full_name, beside, strict=False):
        if left != right:
            break
        shared += 1
    while shared and full_name[shared - 1] not in PREFIX_ENDS:
        shared -= 1
    if shared < PREFIX_MIN or shared >= len(full_name):
        return "", full_name
    return full_name[:shared], full_name[shared:]


def yuan(fen: int) -> str:
    """3,200 or 3,200.50: whole fen shown as yuan."""
    return f"{fen // 100:,}" + (f".{fen % 100:02}" if fen % 100 else "")


def pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Choices of a list whose values are their own names."""
    return [(name, name) for name in names]
