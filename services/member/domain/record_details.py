"""The rest of a record: what people do, how to reach them, which positions they hold (MEM-01, MEM-24)."""

import re
from datetime import date
from decimal import Decimal

from services.member.domain.dates import DateUnreadable, read_date
from services.member.domain.fields import Template
from services.member.domain.findings import Findings
from services.member.domain.person_record import Income, Position, Scope
from services.member.domain.text import is_blank
from services.member.reference import positions as reference
from services.member.reference import vocabularies

_MOST_TEXT, _MOST_REMARK, _MOST_NAME, _MOST_EMAIL = 100, 200, 50, 100
_TEXTS = {"join_place": _MOST_TEXT, "work_or_school": _MOST_TEXT, "hobbies": _MOST_REMARK, "remark": _MOST_REMARK}
_MAINLAND = re.compile(r"1[3-9][0-9]{9}")
_BETWEEN = re.compile(r"[-()\s]")
_HOME_PREFIX = re.compile(r"^(\+86|0086|86)(?=1[0-9]{10}$)")
_AWAY_PREFIX = re.compile(r"^00(?=[1-9])")
_FOREIGN = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")
_LANDLINE = re.compile(r"(\+86)?0?[0-9]{2,3}[0-9]{7,8}(\D[0-9]{1,6})?|[0-9]{7,8}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DIVIDERS = re.compile(r"[、,;/]+")
_MOST_INCOME_FEN = 10**9
_AMOUNT = re.compile(r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,10})(?:\.[0-9]{1,20})?)元?")
_FEN = Decimal(100)


def judge_contact(found: Findings) -> dict[str, str | None]:
    """Fields of contact, by key; the emergency contact is a name and a phone, or neither."""
    name = found.free_text("emergency_contact", _MOST_NAME)
    phone = _phone(found, "emergency_phone", "phone_malformed", landline=True)
    if (name is None) != is_blank(found.raw("emergency_phone")):
        found.fault("emergency_incomplete", "emergency_phone" if name else "emergency_contact")
    email = found.free_text("email", _MOST_EMAIL)
    if email and not _EMAIL.fullmatch(email):
        found.fault("email_malformed", "email")
    return {
        "mobile": _phone(found, "mobile", "mobile_malformed"),
        "email": email,
        "emergency_contact": name,
        "emergency_phone": phone,
    }


def _phone(found: Findings, field: str, code: str, *, landline: bool = False) -> str | None:
    text, settled = found.number_text(field, lost=code)
    if settled:
        return None
    if _MAINLAND.fullmatch(text):
        return text
    if not (phone := _BETWEEN.sub("", text)):
        return None
    mainland = _HOME_PREFIX.sub("", phone)
    if _MAINLAND.fullmatch(mainland):
        return mainland
    foreign = _AWAY_PREFIX.sub("+", phone)
    if _FOREIGN.fullmatch(foreign):
        return foreign
    if landline and _LANDLINE.fullmatch(phone):
        return text
    found.fault(code, field)
    return None


def judge_education(found: Findings) -> str | None:
    return found.choice("education", vocabularies.EDUCATION_SPELLINGS, vocabularies.EDUCATION, vocabularies.VERSION)


def judge_ethnicity(found: Findings) -> str | None:
    before = len(found.faults)
    text = found.text("ethnicity").replace(" ", "")
    if not text or len(found.faults) > before:
        return None
    if (name := vocabularies.ETHNICITY_SPELLINGS.get(text)) is None:
        # Fifty-nine names would drown the other faults of the row.
        found.fault("not_in_list", "ethnicity", allowed="56个民族的名称、穿青人、其他", version=vocabularies.VERSION)
    return name


def judge_occupation(found: Findings) -> str | None:
    return found.choice("occupation", vocabularies.OCCUPATION_SPELLINGS, vocabularies.OCCUPATIONS, vocabularies.VERSION)


def judge_texts(found: Findings) -> dict[str, str | None]:
    """Fields of free text, by key."""
    return {field: found.free_text(field, length) for field, length in _TEXTS.items()}


def judge_income(found: Findings) -> Income | None:
    text = found.text("income", lost="income_malformed").replace(" ", "")
    if not text:
        return None
    if text == vocabularies.INCOME_STUDENT:
        return Income(kind="student")
    if text == vocabularies.INCOME_NONE:
        return Income(kind="none")
    amount = _AMOUNT.fullmatch(text)
    fen = Decimal(amount[1].replace(",", "")) * _FEN if amount else Decimal(-1)
    # A spreadsheet's sum may be off by a millionth of a fen.
    whole = round(fen)
    if abs(fen - whole) > Decimal("0.0001") or not 0 <= whole <= _MOST_INCOME_FEN:
        found.fault("income_malformed", "income")
        return None
    return Income(kind="amount", amount_fen=whole)


def judge_positions(found: Findings, scope: Scope) -> tuple[Position, ...]:
    """Positions in the own organization, or in the branch for the member template, all since the one day given."""
    titles = _titles(found, scope)
    kind = None
    if scope.template is Template.CADRES:
        kind = found.choice(
            "appointment_kind",
            {name: name for name in reference.APPOINTMENT_KINDS},
            reference.APPOINTMENT_KINDS,
            reference.VERSION,
        )
        if is_blank(found.raw("appointment_kind")):
            found.missing("appointment_kind")
    since = _since(found, scope, wanted=bool(titles))
    return tuple(Position(title=title, since=since, kind=kind) for title in titles) if since else ()


def _titles(found: Findings, scope: Scope) -> tuple[str, ...]:
    text = found.text("positions").replace(" ", "")
    if not text:
        if scope.template is Template.CADRES:
            found.missing("positions")
        return ()
    members = scope.template is Template.MEMBERS
    allowed = reference.POSITIONS[reference.BRANCH if members else scope.own.category]
    titles = tuple(title for title in _DIVIDERS.split(text) if title)
    if any(title not in allowed for title in titles):
        found.fault("position_not_in_list", "positions", allowed="、".join(allowed), version=reference.VERSION)
    if len(set(titles)) < len(titles):
        found.fault("position_twice", "positions")
    return titles


def _since(found: Findings, scope: Scope, *, wanted: bool) -> date | None:
    raw = found.raw("position_since")
    if is_blank(raw):
        if wanted or scope.template is Template.CADRES:
            found.missing("position_since")
        return None
    if not wanted:
        if scope.template is Template.MEMBERS:
            found.warn("since_without_position", "position_since")
        return None
    try:
        since = date.fromisoformat(read_date(raw, epoch_1904=scope.epoch_1904))
    except DateUnreadable as unreadable:
        found.fault(unreadable.code, "position_since")
        return None
    if since > scope.today:
        found.fault("date_in_future", "position_since")
        return None
    return since
