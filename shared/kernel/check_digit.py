"""The check digit of ISO 7064, MOD 11-2: it tells one wrong digit and two that changed places."""

from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def check_digit(first_17: str) -> str:
    """The eighteenth character for 17 digits."""
    if len(first_17) != len(_WEIGHTS):
        raise ValueError(f"{len(first_17)} digits")
    return _CHECK_DIGITS[sum(map(mul, map(int, first_17), _WEIGHTS)) % 11]
