"""What screens, messages and logs show of numbers (X29): never the last eight, never a birth date."""

_LONG = 15


def mask_number(value: str) -> str:
    """An identity number as first 4, stars, last 2; of a shorter document its ends, at most."""
    if len(value) >= _LONG:
        return f"{value[:4]}{'*' * (len(value) - 6)}{value[-2:]}"
    return _ends(value)


def mask_phone(value: str) -> str:
    """A mobile number as first 3, stars, last 4; with a prefix like +86 the prefix is shown too."""
    if len(value) >= 11:
        shown = min(len(value) - 8, 6)
        return f"{value[:shown]}{'*' * (len(value) - shown - 4)}{value[-4:]}"
    return _ends(value)


def _ends(value: str) -> str:
    if len(value) >= 6:
        return f"{value[0]}{'*' * (len(value) - 2)}{value[-1]}"
    return "*" * len(value)
