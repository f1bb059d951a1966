"""MEM-04 and MEM-05: how old one must be to have joined, and to be entered."""

from dataclasses import dataclass
from datetime import date

from services.member.reference.dated import XINJIANG, Dated


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinAge(Dated):
    """MEM-04. Validity is by join date; `minimum` in full years."""

    minimum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAge(Dated):
    """MEM-05. Validity is by day of entry; full years, `below` excluded and only for plain members."""

    minimum: int
    below: int


JOIN_AGES = (
    JoinAge(version="join-age-before-2017", valid_to=date(2016, 12, 31), minimum=12),
    JoinAge(
        version="join-age-2017",
        valid_from=date(2017, 1, 1),
        valid_to=date(2018, 12, 31),
        minimum=13,
    ),
    JoinAge(version="join-age-2019", valid_from=date(2019, 1, 1), minimum=14),
    JoinAge(
        version="join-age-xinjiang-before-2019",
        valid_to=date(2018, 12, 31),
        region=XINJIANG,
        minimum=13,
    ),
)

ENTRY_AGES = (EntryAge(version="entry-age-1", minimum=14, below=28),)
