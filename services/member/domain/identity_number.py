"""MEM-10: the number of an identity card (GB 11643) taken apart and checked."""

from dataclasses import dataclass
from datetime import date

from services.member.reference.districts import PROVINCES, district_known
from shared.kernel.check_digit import check_digit


@dataclass(frozen=True, slots=True)
class NumberParts:
    """What 18 characters say. `birth_date` is None where the digits are no date."""

    birth_date: date | None
    sex: str
    check_digit_right: bool
    province_known: bool
    district_known: bool


def take_apart(number: str) -> NumberParts:
    """The parts of a number already known to be 17 digits and a digit or X."""
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        birth = None
    return NumberParts(
        birth_date=birth,
        sex="男" if int(number[16]) % 2 else "女",
        check_digit_right=check_digit(number[:17]) == number[17],
        province_known=number[:2] in PROVINCES,
        district_known=district_known(number[:6]),
    )
