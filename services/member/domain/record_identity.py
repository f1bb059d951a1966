"""MEM-10: who somebody is: name, identity document, birth date, sex, and that they agree."""

import re
from dataclasses import dataclass
from datetime import date

from services.member.domain import names
from services.member.domain.dates import DateUnreadable, read_date
from services.member.domain.findings import Findings
from services.member.domain.identity_number import NumberParts, take_apart
from services.member.domain.text import is_blank
from services.member.reference import districts, vocabularies
from services.member.reference.documents import (
    DOCUMENT_KINDS,
    DOCUMENT_KINDS_VERSION,
    DOCUMENT_SPELLINGS,
    IDENTITY_CARD,
    DocumentKind,
)

# The number of the templates' example row: sequence 000 is never given out.
EXAMPLE_NUMBER = "11010120050701000X"
_CARD_LENGTH, _OLD_CARD_LENGTH = 18, 15
_LOST = re.compile(r"[0-9]{15}000")


@dataclass(frozen=True, slots=True)
class Identity:
    """What could be read; None where it could not, with the fault noted."""

    name: str | None
    kind: str | None
    number: str | None
    sex: str | None
    birth_date: date | None


def judge_identity(found: Findings, today: date, *, epoch_1904: bool) -> Identity:
    name = _name(found)
    kind_name = found.choice("document_kind", DOCUMENT_SPELLINGS, tuple(DOCUMENT_KINDS), DOCUMENT_KINDS_VERSION)
    kind_wrong = kind_name is None and any(fault.field == "document_kind" for fault in found.faults)
    kind = None if kind_wrong else DOCUMENT_KINDS[kind_name or IDENTITY_CARD]
    number, parts = _number(found, kind)
    sex = found.choice("sex", vocabularies.SEX_SPELLINGS, vocabularies.SEXES, vocabularies.VERSION)
    if parts and sex and parts.sex != sex:
        found.fault("sex_differs", "sex")
    birth_date = judge_birth_date(found, today, parts, kind, epoch_1904=epoch_1904)
    return Identity(name, kind.name if kind else None, number, sex or (parts.sex if parts else None), birth_date)


def _name(found: Findings) -> str | None:
    name = names.read_name(found.text("name", lost="name_with_digits"))
    if not name:
        found.missing("name")
        return None
    if (code := names.fault_of(name)) is not None:
        found.fault(code, "name")
        return None
    return name


def _number(found: Findings, kind: DocumentKind | None) -> tuple[str | None, NumberParts | None]:
    number, settled = found.number_text("number", lost="number_in_scientific_notation")
    if settled:
        return None, None
    if not number:
        found.missing("number")
        return None, None
    if kind is None:
        return None, None
    if number == EXAMPLE_NUMBER:
        found.fault("number_of_example", "number")
        return None, None
    if not kind.pattern.fullmatch(number):
        _tell_form(found, kind, number)
        return None, None
    if not kind.checked:
        return number, None
    parts = take_apart(number)
    right = _judge_parts(found, kind, number, parts)
    return (number if right else None), (parts if right else None)


def _tell_form(found: Findings, kind: DocumentKind, number: str) -> None:
    if kind.name != IDENTITY_CARD or not re.fullmatch(r"[0-9]+X?", number):
        found.fault("number_malformed", "number", kind=kind.name, form=kind.form, version=kind.version)
    elif len(number) == _OLD_CARD_LENGTH:
        found.fault("number_old_15_digits", "number")
    else:
        found.fault("number_length", "number", version=kind.version)


def _judge_parts(found: Findings, kind: DocumentKind, number: str, parts: NumberParts) -> bool:
    """All faults of a number of right form; True if there is none. An unknown district is a warning."""
    before = len(found.faults)
    if kind.name == IDENTITY_CARD and not parts.province_known:
        found.fault("number_province", "number")
    if parts.birth_date is None:
        found.fault("number_birth_date", "number")
    if not parts.check_digit_right:
        # A spreadsheet keeps 15 digits and fills up with zeros; a right check digit says that nothing was lost.
        found.fault("number_digits_lost" if _LOST.fullmatch(number) else "number_check_digit", "number")
    right = len(found.faults) == before
    if right and kind.name == IDENTITY_CARD and not parts.district_known:
        found.warn("number_district_unknown", "number", version=districts.VERSION)
    return right


def judge_birth_date(
    found: Findings, today: date, parts: NumberParts | None, kind: DocumentKind | None, *, epoch_1904: bool = False
) -> date | None:
    """The date in the number or in the field, which must agree; one of them where the document holds none."""
    raw = found.raw("birth_date")
    held = parts.birth_date if parts else None
    if is_blank(raw):
        # A checked number that is itself at fault holds the date once it is mended: no second fault for it.
        if held is None and kind and not kind.checked and not found.unreadable("birth_date"):
            found.missing("birth_date")
        return held
    try:
        given = date.fromisoformat(read_date(raw, epoch_1904=epoch_1904))
    except DateUnreadable as unreadable:
        found.fault(unreadable.code, "birth_date")
        return None
    if given > today:
        found.fault("date_in_future", "birth_date")
        return None
    if held is not None and given != held:
        found.fault("birth_date_differs", "birth_date")
        return None
    return given
