"""Whether somebody is a member, of which branch, since when, by which number, and old enough (MEM-02 to MEM-06)."""

from dataclasses import dataclass
from datetime import date

from services.member.domain.dates import DateUnreadable, first_day, full_years, last_day, read_date
from services.member.domain.development_number import judge_number
from services.member.domain.fields import Template
from services.member.domain.findings import Findings
from services.member.domain.person_record import Place, Scope
from services.member.domain.text import is_blank, tidy
from services.member.reference import vocabularies
from services.member.reference.ages import ENTRY_AGES, JOIN_AGES
from services.member.reference.dated import in_force, region_of
from services.member.reference.positions import BRANCH

MASSES, LEAGUE_MEMBER = "群众", "共青团员"
PARTY_MEMBERS = ("中共党员", "中共预备党员")


@dataclass(frozen=True, slots=True)
class Membership:
    """`branch` None with a `branch_name`: a branch outside the scope, named for a cadre."""

    political_status: str | None
    is_member: bool
    branch: Place | None
    branch_name: str | None
    join_date: str | None
    development_number: str | None


def judge_membership(found: Findings, scope: Scope, birth_date: date | None, *, is_cadre: bool) -> Membership:
    status = judge_political_status(found)
    join_date = _join_date(found, scope)
    is_member = _is_member(found, scope, status, birth_date, is_cadre=is_cadre)
    if status == MASSES and (is_member or not is_blank(found.raw("join_date"))):
        found.fault("masses_as_member", "political_status")
    branch, branch_name = _branch(found, scope, needed=is_member or scope.template is Template.MEMBERS)
    judge_age_today(found, scope.today, birth_date, is_cadre=is_cadre)
    number = None
    if is_member:
        region = region_of((branch or scope.own).region)
        _judge_age_at_joining(found, join_date, birth_date, region)
        number = _development_number(found, scope, join_date, region)
    return Membership(status, is_member, branch, branch_name, join_date if is_member else None, number)


def judge_political_status(found: Findings) -> str | None:
    before = len(found.faults)
    status = found.choice(
        "political_status",
        vocabularies.POLITICAL_STATUS_SPELLINGS,
        tuple(vocabularies.POLITICAL_STATUS),
        vocabularies.VERSION,
    )
    if status is None and len(found.faults) == before:
        found.missing("political_status")
    return status


def _is_member(found: Findings, scope: Scope, status: str | None, birth_date: date | None, *, is_cadre: bool) -> bool:
    """In the cadre template it is asked; in the member template only some holders of a position are none.

    Those are 群众, and members of the Party past the age of plain members who give no join date (their membership of
    the League ended long ago, MEM-18).
    """
    if scope.template is Template.CADRES:
        answer = found.choice("is_member", vocabularies.YES_NO_SPELLINGS, vocabularies.YES_NO, vocabularies.VERSION)
        if status == LEAGUE_MEMBER and answer != "是":
            found.warn("league_member_not_marked", "is_member")
        return answer == "是"
    if status == MASSES:
        if not is_cadre:
            found.fault("masses_without_position", "political_status")
        return False
    if is_cadre and status in PARTY_MEMBERS and birth_date and is_blank(found.raw("join_date")):
        ages = in_force(ENTRY_AGES, scope.today)
        return full_years(birth_date, scope.today) < ages.below
    return True


def _join_date(found: Findings, scope: Scope) -> str | None:
    raw = found.raw("join_date")
    if is_blank(raw):
        return None
    try:
        joined = read_date(raw, month_suffices=True, epoch_1904=scope.epoch_1904)
    except DateUnreadable as unreadable:
        found.fault(unreadable.code, "join_date")
        return None
    if first_day(joined) > scope.today:
        found.fault("date_in_future", "join_date")
        return None
    return joined


def _branch(found: Findings, scope: Scope, *, needed: bool) -> tuple[Place | None, str | None]:
    text = found.text("branch", lost="branch_unknown")
    if not text:
        if needed and scope.own.category == BRANCH:
            return scope.own, scope.own.full_name
        if needed:
            found.missing("branch")
        return None, None
    places = scope.branches_by_name.get(tidy(text), ())
    if len(places) == 1:
        return places[0], places[0].full_name
    if places:
        found.fault("branch_named_twice", "branch", places="、".join(place.path for place in places))
    elif scope.template is Template.MEMBERS:
        found.fault("branch_not_own" if scope.own.category == BRANCH else "branch_unknown", "branch")
    return None, text


def judge_age_today(found: Findings, today: date, birth_date: date | None, *, is_cadre: bool) -> None:
    """MEM-05."""
    if birth_date is None:
        return
    rule = in_force(ENTRY_AGES, today)
    age = full_years(birth_date, today)
    if age < rule.minimum:
        found.fault("too_young", "birth_date", minimum=str(rule.minimum), version=rule.version)
    if not is_cadre and age >= rule.below:
        found.fault("too_old", "birth_date", below=str(rule.below), version=rule.version)


def _judge_age_at_joining(found: Findings, joined: str | None, birth_date: date | None, region: str) -> None:
    """MEM-04."""
    if joined is None:
        if is_blank(found.raw("join_date")):
            found.missing("join_date")
        return
    if birth_date is None:
        return
    on = last_day(joined)
    rule = in_force(JOIN_AGES, on, region)
    if full_years(birth_date, on) < rule.minimum:
        found.fault("joined_too_young", "join_date", minimum=str(rule.minimum), version=rule.version)


def _development_number(found: Findings, scope: Scope, joined: str | None, region: str) -> str | None:
    """MEM-06. Without a readable join date there is no rule to judge by; that fault is told already."""
    number, settled = found.number_text("development_number", lost="development_number_digits_lost")
    if settled or joined is None:
        return None
    fault, note = judge_number(number, last_day(joined), region, scope.segments)
    if note:
        found.notes.append(note)
    if fault:
        found.faults.append(fault)
        return None
    return number or None
