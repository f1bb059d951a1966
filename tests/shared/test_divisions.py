"""Codes of GB/T 2260: what lies in what."""

import pytest

from shared.reference.divisions import division_in, divisions


@pytest.mark.rule("GRD-06")
@pytest.mark.parametrize(
    ("code", "within", "found"),
    [
        *[("330106", "", "330000"), ("330106", "330000", "330100"), ("330106", "330100", "330106")],
        *[("330000", "330000", ""), ("330100", "330106", ""), ("310101", "330000", ""), ("", "", "")],
        *[("110108", "110000", "110108"), ("429004", "420000", "429004"), ("659001", "650000", "659001")],
    ],
)
def test_of_a_division_the_one_directly_in_another_that_it_lies_in(code: str, within: str, found: str) -> None:
    """Also where no city stands between: a municipality's districts, counties directly under a province."""
    assert division_in(code, within) == found


def test_every_county_lies_in_a_province_of_the_list() -> None:
    assert {division_in(code, "") for code in divisions()} <= divisions().keys()
