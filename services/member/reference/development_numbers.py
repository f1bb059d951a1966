"""MEM-06: which development number (发展团员编号) a join date and a region call for."""

from dataclasses import dataclass
from datetime import date

from services.member.reference.dated import XINJIANG, Dated


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRule(Dated):
    """Validity is by join date.

    Strict numbers are exactly 12 digits, loose ones more than 4 characters. `years` are the first four digits allowed;
    empty means the join year itself.
    """

    required: bool
    strict: bool
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyNumber:
    """Numbers of 16 digits from Shandong. They are known by their prefix, wherever the person is today."""

    version: str
    prefix: str
    join_years: tuple[int, ...]
    length: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """号段: serials (the last six digits) that `province` (digits five and six) gave out in `year`, both ends included.

    A year and province with at least one row is checked; without any row it is not, and the answer says so.
    """

    version: str
    year: int
    province: str
    first: int
    last: int


NUMBER_RULES = (
    NumberRule(version="number-before-2017", valid_to=date(2016, 12, 31), required=False, strict=False),
    NumberRule(
        version="number-xinjiang-2016",
        valid_from=date(2016, 1, 1),
        valid_to=date(2016, 12, 31),
        region=XINJIANG,
        required=True,
        strict=True,
    ),
    NumberRule(
        version="number-2017",
        valid_from=date(2017, 1, 1),
        valid_to=date(2018, 12, 31),
        required=True,
        strict=True,
        years=(2017, 2018),
    ),
    NumberRule(version="number-2019", valid_from=date(2019, 1, 1), required=True, strict=True),
)

LEGACY_NUMBERS = (
    LegacyNumber(version="number-shandong-201516", prefix="201516", join_years=(2015, 2016)),
    LegacyNumber(version="number-shandong-201617", prefix="201617", join_years=(2016, 2017)),
)

# No province has supplied its ranges yet: until one does, the answer to every import says that they were not checked.
SEGMENTS: tuple[Segment, ...] = ()
