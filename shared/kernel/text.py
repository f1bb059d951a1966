"""Text as people type and paste it."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")


def clean(value: object) -> object:
    """Text without invisible characters, each run of spaces one plain space, none at the ends; others unchanged."""
    if not isinstance(value, str):
        return value
    spaced = "".join(" " if unicodedata.category(c) in {"Zs", "Zl", "Zp", "Cc"} else c for c in value)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in {"Cf", "Co", "Cs", "Cn"})
    return _SPACES.sub(" ", unicodedata.normalize("NFC", visible)).strip()
