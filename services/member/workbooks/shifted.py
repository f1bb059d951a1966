"""Recognising a row whose cells have slipped into neighbouring columns (MEM-09)."""

import re
from collections.abc import Callable, Mapping

from services.member.domain.dates import DateUnreadable, read_date
from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS
from services.member.domain.text import DigitsLost, Raw, as_text
from services.member.reference import vocabularies
from services.member.reference.documents import DOCUMENT_SPELLINGS
from services.member.reference.positions import APPOINTMENT_KINDS

_OFFSETS = (1, -1, 2, -2, 3, -3)
_ENOUGH = 3
_CARD = re.compile(r"[0-9]{17}[0-9Xx]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_DEVELOPMENT_NUMBER = re.compile(r"(19|20)[0-9]{10}")
_EMAIL = re.compile(r"\S+@\S+\.\S+")


def _date(text: str) -> bool:
    try:
        read_date(text, month_suffices=True)
    except DateUnreadable:
        return False
    return True


# Fields that can be told by their looks alone.
_LOOKS: Mapping[str, Callable[[str], object]] = {
    "document_kind": DOCUMENT_SPELLINGS.__contains__,
    "number": _CARD.fullmatch,
    "sex": vocabularies.SEX_SPELLINGS.__contains__,
    "birth_date": _date,
    "ethnicity": vocabularies.ETHNICITY_SPELLINGS.__contains__,
    "political_status": vocabularies.POLITICAL_STATUS_SPELLINGS.__contains__,
    "education": vocabularies.EDUCATION_SPELLINGS.__contains__,
    "join_date": _date,
    "development_number": _DEVELOPMENT_NUMBER.fullmatch,
    "mobile": _MOBILE.fullmatch,
    "email": _EMAIL.fullmatch,
    "appointment_kind": APPOINTMENT_KINDS.__contains__,
}


def shift_of(cells: Mapping[str, Raw], columns: Mapping[int, str]) -> Fault | None:
    """The fault of a row in which at least three cells fit the column beside theirs and not their own.

    `columns` are the sheet's columns with their fields. The first column out of place is named.
    """
    texts = {column: _text(cells.get(field)) for column, field in columns.items()}
    best: list[int] = []
    best_offset = 0
    for offset in _OFFSETS:
        slipped = [column for column in sorted(columns) if _slipped(texts[column], columns, column, offset)]
        if len(slipped) > len(best):
            best, best_offset = slipped, offset
    if len(best) < _ENOUGH:
        return None
    return Fault(
        "columns_shifted",
        None,
        {
            "from_column": LABELS[columns[best[0]]],
            "direction": "右" if best_offset > 0 else "左",
            "count": str(abs(best_offset)),
        },
    )


def _slipped(text: str, columns: Mapping[int, str], column: int, offset: int) -> bool:
    if not text or _fits(text, columns[column]):
        return False
    return _fits(text, columns.get(column - offset, ""))


def _fits(text: str, field: str) -> bool:
    looks = _LOOKS.get(field)
    return looks is not None and bool(looks(text))


def _text(raw: Raw) -> str:
    try:
        return as_text(raw).replace(" ", "")
    except DigitsLost:
        return ""
