"""What members see of numbers of others (X29)."""

import pytest

from services.member.masking import mask_number, mask_phone

NUMBER = "11010119900307123X"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(NUMBER, "1101************3X"), ("E12345678", "E*******8"), ("H12345", "H****5"), ("12345", "*****"), ("", "")],
)
def test_a_number_is_masked(value: str, shown: str) -> None:
    assert mask_number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("13812345678", "138****5678"), ("+8613812345678", "+86138****5678"), ("62781234", "6******4"), ("110", "***"),
     ("13812345678 13912345678", "138123*************5678")],
)  # fmt: skip
def test_a_phone_is_masked(value: str, shown: str) -> None:
    assert mask_phone(value) == shown
