"""Judging a person's data, alike for forms and both workbooks: all faults at once (MEM-01 to MEM-06, MEM-10)."""

from services.member.domain.fields import WANTED, Template
from services.member.domain.findings import Findings
from services.member.domain.person_record import Judged, PersonRecord, Position, RawRecord, Scope
from services.member.domain.record_details import (
    judge_contact,
    judge_education,
    judge_ethnicity,
    judge_income,
    judge_occupation,
    judge_positions,
    judge_texts,
)
from services.member.domain.record_identity import Identity, judge_identity
from services.member.domain.record_membership import judge_age_today, judge_membership
from services.member.domain.text import is_blank
from services.member.reference.positions import OF_REGISTRANTS

REGISTRANT_FIELDS = ("name", "document_kind", "number", "mobile")


def judge_record(raw: RawRecord, scope: Scope) -> Judged:
    """The verdict on one complete row or form; never raises on what people wrote.

    `raw` holds cells or form values by field key; unknown keys are ignored.
    """
    found = Findings(raw)
    identity = judge_identity(found, scope.today, epoch_1904=scope.epoch_1904)
    is_cadre = scope.template is Template.CADRES or not is_blank(raw.get("positions"))
    membership = judge_membership(found, scope, identity.birth_date, is_cadre=is_cadre)
    values: dict[str, object] = {
        "ethnicity": judge_ethnicity(found),
        "education": judge_education(found),
        "occupation": judge_occupation(found),
        "income": judge_income(found),
        "positions": judge_positions(found, scope),
        **judge_texts(found),
        **judge_contact(found),
    }
    for field in WANTED:
        if values.get(field) is None and is_blank(raw.get(field)):
            found.warn("missing_wanted", field)
    values |= {
        "political_status": membership.political_status,
        "is_member": membership.is_member,
        "branch": membership.branch.id if membership.branch else None,
        "branch_name": membership.branch_name,
        "join_date": membership.join_date,
        "development_number": membership.development_number,
    }
    return _judged(found, identity, values, membership.development_number)


def judge_registrant(raw: RawRecord, scope: Scope) -> Judged:
    """ADM-04: who registers by a code, by the rules of a cadre's form; fields it does not ask for are missing (MEM-23).

    They hold the position of `scope.own` that leads nothing, since `scope.today`.
    """
    found = Findings({field: raw.get(field) for field in REGISTRANT_FIELDS}, asked=REGISTRANT_FIELDS)
    identity = judge_identity(found, scope.today, epoch_1904=False)
    judge_age_today(found, scope.today, identity.birth_date, is_cadre=True)
    position = Position(title=OF_REGISTRANTS[scope.own.category], since=scope.today)
    return _judged(found, identity, {"positions": (position,), "is_member": False, **judge_contact(found)}, None)


def _judged(found: Findings, identity: Identity, values: dict[str, object], development_number: str | None) -> Judged:
    values |= {
        "name": identity.name,
        "document_kind": identity.kind,
        "number": identity.number,
        "birth_date": identity.birth_date,
        "sex": identity.sex,
    }
    return Judged(
        record=None if found.faults else PersonRecord.model_validate(values),
        faults=tuple(found.faults),
        warnings=tuple(found.warnings),
        notes=tuple(found.notes),
        name=identity.name,
        document=(identity.kind, identity.number) if identity.kind and identity.number else None,
        development_number=development_number,
    )
