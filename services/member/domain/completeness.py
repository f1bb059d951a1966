"""Comparing and completing records that are already known (MEM-09: unchanged rows; MEM-23: filling what is missing)."""

from datetime import date

from services.member.domain.findings import Findings
from services.member.domain.person_record import Judged, PersonRecord, RawRecord, missing_fields
from services.member.domain.record_details import judge_contact, judge_education, judge_ethnicity
from services.member.domain.record_identity import judge_birth_date
from services.member.domain.record_membership import judge_age_today, judge_political_status
from services.member.domain.text import is_blank

# Where somebody belongs and what they hold is compared by the person's own state, not by record.
_NOT_DATA = frozenset({"branch", "branch_name", "positions", "is_member"})
_DATA = tuple(field for field in PersonRecord.model_fields if field not in _NOT_DATA)


def differing_fields(known: PersonRecord, entered: PersonRecord) -> tuple[str, ...]:
    """Keys of the fields in which a row differs from the record; what a row leaves empty says nothing."""
    return tuple(
        field
        for field in _DATA
        if getattr(entered, field) is not None and getattr(entered, field) != getattr(known, field)
    )


def contradicted(known: PersonRecord, entered: PersonRecord) -> bool:
    """Whether a row says of something known that it is otherwise; what the record lacks it may say."""
    return any(getattr(known, field) is not None for field in differing_fields(known, entered))


def joined(known: PersonRecord, entered: PersonRecord) -> PersonRecord:
    """MEM-03: the record of somebody registered with what they are entered with as a member."""
    return known.model_copy(update={field: getattr(entered, field) for field in differing_fields(known, entered)})


def fill_missing(record: PersonRecord, raw: RawRecord, today: date) -> Judged:
    """MEM-23: the record with its missing required fields filled from a form.

    Fields that are filled already stay as they are, whatever the form says (MEM-12, MEM-14). What the form
    leaves empty stays missing and is a warning; `record` is None if something filled in is at fault.
    """
    missing = missing_fields(record)
    found = Findings({field: raw.get(field) for field in missing}, asked=())
    contact = judge_contact(found)
    birth_date = judge_birth_date(found, today, None, None)
    judge_age_today(found, today, birth_date, is_cadre=True)
    read = {
        "birth_date": birth_date,
        "political_status": judge_political_status(found),
        "ethnicity": judge_ethnicity(found),
        "education": judge_education(found),
        "mobile": contact["mobile"],
    }
    for field in missing:
        if is_blank(raw.get(field)):
            found.warn("missing_wanted", field)
    filled = {field: value for field, value in read.items() if value is not None}
    return Judged(
        record=None if found.faults else record.model_copy(update=filled),
        faults=tuple(found.faults),
        warnings=tuple(found.warnings),
        name=record.name,
        document=(record.document_kind, record.number),
        development_number=record.development_number,
    )
