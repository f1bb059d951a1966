"""What a cell or a form field holds, made plain: one text for everything a reader would call the same."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Format characters (zero width, direction marks, soft hyphen, variation selectors) and controls that are no space.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# Most cells: nothing in them that any of the steps would change.
_PLAIN_ALREADY = re.compile("[0-9A-Za-z\u4e00-\u9fff(),.:@·、_/]*")
_SOLID = re.compile("[!-~\u4e00-\u9fff]")
_SPACES = re.compile(r"\s+")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")
# How our own workbooks disarm a text that a spreadsheet would take for a formula (X26).
_DISARMED = re.compile(r"^'(?=[=+\-@])")

# Beyond this a float no longer holds every integer that a spreadsheet shows (15 digits).
_EXACT_BELOW = 10**15


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell without a value that could be judged; `code` is the fault: `formula_without_value`, `cell_error`."""

    code: str


Raw = str | int | float | bool | date | datetime | time | timedelta | Unreadable | None


class DigitsLost(Exception):
    """A spreadsheet kept the number in a form that has lost its last digits."""


def plain(text: str) -> str:
    """NFKC, invisible characters gone, every kind of space one blank, ends stripped."""
    if _PLAIN_ALREADY.fullmatch(text):
        return text
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    return _DISARMED.sub("", _SPACES.sub(" ", text).strip())


def tidy(text: str) -> str:
    """`plain` without any space: for names of lists, numbers and headings."""
    return plain(text).replace(" ", "")


def as_text(raw: Raw) -> str:
    """The plain text of a cell; empty where there is none.

    Raises DigitsLost for a number of more than 15 digits, which a spreadsheet has rounded, and for a text in
    scientific notation.
    """
    if isinstance(raw, str):
        return plain(raw)
    if raw is None or isinstance(raw, Unreadable):
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int | float):
        return _number_text(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return repr(number)
    if abs(number) >= _EXACT_BELOW:
        raise DigitsLost
    return str(int(number)) if number == int(number) else repr(number)


def is_scientific(text: str) -> bool:
    """Whether a text is a number in scientific notation, as a spreadsheet shows long numbers."""
    return _SCIENTIFIC.fullmatch(text) is not None


def is_blank(raw: Raw) -> bool:
    """Nothing a reader would see."""
    return raw is None or (isinstance(raw, str) and not _SOLID.match(raw) and not plain(raw))
