"""Synthetic people and places for the tests of member; every number is invented, with a right check digit."""

from datetime import date

from services.member.domain.fields import Template
from services.member.domain.person_record import Place, Scope
from shared.kernel.check_digit import check_digit

TODAY = date(2026, 11, 22)
COUNTY = Place("organization-county", "共青团示例县委员会", "leading_body", "浙江省")
BRANCH = Place("organization-branch", "示例县第一中学高一(1)班团支部", "branch", "浙江省", "示例县委 / 一中团委")
OTHER_BRANCH = Place("organization-other", "示例县第一中学高一(2)班团支部", "branch", "浙江省", "示例县委 / 一中团委")


def card(birth="20080307", sequence="123", district="330102"):
    """An identity card number: district, birth date, sequence (odd = male), right check digit."""
    first = f"{district}{birth}{sequence}"
    return first + check_digit(first)


def members(today=TODAY, own=COUNTY, branches=(BRANCH, OTHER_BRANCH), **changes):
    return Scope(Template.MEMBERS, today, own, branches, **changes)


def cadres(today=TODAY, own=COUNTY, branches=(BRANCH,), **changes):
    return Scope(Template.CADRES, today, own, branches, **changes)


def in_region(region):
    """A scope for members whose only branch lies in a region."""
    return members(branches=(Place(BRANCH.id, BRANCH.full_name, "branch", region),))


def member_row(**changes):
    """A plain member without any fault; None takes a field out."""
    row = {
        "branch": BRANCH.full_name,
        "name": "张三",
        "number": card(),
        "ethnicity": "汉族",
        "political_status": "共青团员",
        "education": "高中在读",
        "join_date": "2022-05",
        "development_number": "202233000001",
        "mobile": "13800001234",
    } | changes
    return {field: value for field, value in row.items() if value is not None}


def cadre_row(**changes):
    """A cadre without any fault and without membership."""
    row = {
        "name": "李四",
        "number": card("19900101", "222"),
        "ethnicity": "汉族",
        "political_status": "中共党员",
        "education": "本科",
        "positions": "副书记",
        "appointment_kind": "专职",
        "position_since": "2023-09-01",
        "mobile": "13800005678",
    } | changes
    return {field: value for field, value in row.items() if value is not None}


def codes(judged):
    """(field, code) of all faults."""
    return [(fault.field, fault.code) for fault in judged.faults]
