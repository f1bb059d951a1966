"""MEM-10: the number of an identity card (GB 11643) taken apart and checked."""

from dataclasses import dataclass
from datetime import date

from services.member.reference.districts import PROVINCES, district_known

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


@dataclass(frozen=True, slots=True)
class NumberParts:
    """What 18 characters say. `birth_date` is None where the digits are no date."""

    birth_date: date | None
    sex: str
    check_digit_right: bool
    province_known: bool
    district_known: bool


def check_digit(first_17: str) -> str:
    """The eighteenth character for 17 digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


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
