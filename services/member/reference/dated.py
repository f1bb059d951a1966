"""One way to look up dated rows: by date and by region, the regional row before the general one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

XINJIANG = "新疆"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """`version` is what refusals name; both ends of the validity are included; `region` None means everywhere."""

    version: str
    valid_from: date = date.min
    valid_to: date = date.max
    region: str | None = None


Row = TypeVar("Row", bound=Dated)


def region_of(provincial_body: str) -> str:
    """The region of the reference tables for the provincial body above a branch, by its name.

    MEM-04: the 兵团 (共青团新疆生产建设兵团委员会) counts as Xinjiang.
    """
    return XINJIANG if XINJIANG in provincial_body else provincial_body


def in_force(rows: Iterable[Row], on: date, region: str | None = None) -> Row:
    """The row for a day and a region; a row of the region itself goes before the general one.

    Raises LookupError where the table has a hole: tables are complete, so that is a fault of the table.
    """
    general = None
    for row in rows:
        if row.valid_from <= on <= row.valid_to:
            if row.region is None:
                general = general or row
            elif row.region == region:
                return row
    if general is not None:
        return general
    message = f"no row in force on {on} for {region}"
    raise LookupError(message)
