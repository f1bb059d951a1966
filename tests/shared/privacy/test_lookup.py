"""Numbers are found by keyed hash."""

import hashlib

import pytest

from shared.privacy.lookup import LookupKey

LOOKUP = LookupKey(bytes(32))
NUMBER = "11010119900307123X"


@pytest.mark.parametrize(
    "typed",
    ["11010119900307123x", " 11010119900307123X ", "110101 19900307 123X", "１１０１０１１９９００３０７１２３Ｘ",
     "11010119900307123X\u200b", "\ufeff11010119900307123X", "110101\u00a01990\u30000307123X\r\n"],
)  # fmt: skip
@pytest.mark.rule("P4")
def test_one_number_has_one_hash_however_it_was_typed(typed: str) -> None:
    assert LOOKUP.hash("identity-number", typed) == LOOKUP.hash("identity-number", NUMBER)


def test_the_hash_is_keyed_apart_by_kind_and_names_its_key() -> None:
    """X34: an unkeyed hash of an identity number is reversed in minutes."""
    mine = LOOKUP.hash("identity-number", NUMBER)
    other = LookupKey(b"\x01" * 32).hash("identity-number", NUMBER)
    assert len({mine, other, LOOKUP.hash("passport", NUMBER)}) == 3
    assert mine.split(".")[0] == LOOKUP.kid != other.split(".")[0]
    assert hashlib.sha256(NUMBER.encode()).hexdigest() not in mine
    assert len(mine) == 8 + 1 + 64


@pytest.mark.parametrize("empty", ["", "   ", "\u200b\u3000"])
def test_an_empty_value_has_no_hash(empty: str) -> None:
    """Else everyone without a number would be one and the same person."""
    with pytest.raises(ValueError, match="nothing"):
        LOOKUP.hash("identity-number", empty)


def test_a_kind_is_a_name_of_the_code_and_never_input() -> None:
    with pytest.raises(ValueError, match="no kind"):
        LOOKUP.hash("a\x00b", NUMBER)
