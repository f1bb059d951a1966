"""The two import templates as data: sheet names, columns, how a heading is recognised, the example row."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from services.member.domain.fields import LABELS, MARKS, Mark, Template
from services.member.domain.record_identity import EXAMPLE_NUMBER
from services.member.domain.text import Raw, plain, tidy
from services.member.reference.positions import BRANCH

SHEETS = MappingProxyType({Template.MEMBERS: "团员团干部", Template.CADRES: "本级团干部"})
GUIDE_SHEET, LISTS_SHEET = "填写说明", "选项"
FAILURE_HEADING = "失败原因"

_SPELLINGS = {
    "团支部全称": "branch",
    "所属团支部": "branch",
    "证件号": "number",
    "身份证号": "number",
    "身份证号码": "number",
    "入团时间": "join_date",
    "手机号": "mobile",
    "手机": "mobile",
    "邮箱": "email",
    "职务": "positions",
    "任职时间": "position_since",
}
_ADORNMENTS = re.compile(r"[*+]|\((必填|选填)\)|:$")

# Columns that only one of the two templates has.
_ONLY_MEMBERS = frozenset(MARKS[Template.MEMBERS]) - frozenset(MARKS[Template.CADRES])
_ONLY_CADRES = frozenset(MARKS[Template.CADRES]) - frozenset(MARKS[Template.MEMBERS])

_EXAMPLE = {
    "branch": "共青团示例县第一中学高一(1)班支部委员会",
    "name": "示例姓名",
    "document_kind": "居民身份证",
    "number": EXAMPLE_NUMBER,
    "birth_date": "2005-07-01",
    "ethnicity": "汉族",
    "political_status": "共青团员",
    "education": "高中在读",
    "join_date": "2020-05",
    "join_place": "示例县第一中学",
    "development_number": "202000000000",
    "mobile": "13800000000",
    "email": "name@example.cn",
    "work_or_school": "示例县第一中学",
    "occupation": "学生",
    "income": "学生",
    "appointment_kind": "专职",
    "position_since": "2023-09-01",
    "is_member": "是",
    "emergency_contact": "示例家长",
    "emergency_phone": "13900000000",
    "remark": "示例行，不会导入",
}


def example_row(template: Template) -> Mapping[str, str]:
    """The greyed row of the downloadable template; it passes no judge, and is known exactly when it comes back."""
    values = _EXAMPLE | {"positions": "组织委员" if template is Template.MEMBERS else "书记"}
    return {field: values.get(field, "") for field in MARKS[template]}


def is_example(cells: Mapping[str, Raw], template: Template) -> bool:
    """Whether every cell of a row is as in the example row; a row changed anywhere is a row like any other."""
    if not isinstance(cells.get("number"), str) or EXAMPLE_NUMBER not in str(cells["number"]):
        return False
    example = example_row(template)
    return all(tidy(str(cells.get(field) or "")) == tidy(example[field]) for field in example if field in cells)


def heading(cell: Raw) -> str:
    """A heading as compared: no marks, no spaces, half-width brackets."""
    return _ADORNMENTS.sub("", tidy(cell)) if isinstance(cell, str) else ""


def columns_of(row: Mapping[int, Raw], template: Template) -> dict[int, str]:
    """Column -> field for the headings of a row; a label of the template goes before another spelling of it."""
    labels = {tidy(LABELS[field]): field for field in MARKS[template]}
    found = {column: labels[text] for column, cell in row.items() if (text := heading(cell)) in labels}
    taken = set(found.values())
    for column, cell in row.items():
        other = _SPELLINGS.get(heading(cell), "")
        if other in MARKS[template] and other not in taken and column not in found:
            found[column] = other
            taken.add(other)
    return found


def template_by_columns(fields: frozenset[str]) -> Template | None:
    """Which template a set of columns can only be of; None where it could be either."""
    members, cadres = len(fields & _ONLY_MEMBERS), len(fields & _ONLY_CADRES)
    if members == cadres:
        return None
    return Template.MEMBERS if members > cadres else Template.CADRES


def needed_columns(template: Template, own_category: str) -> tuple[str, ...]:
    """Fields without whose column no row can pass; a branch need not name itself."""
    needed = [field for field, mark in MARKS[template].items() if mark is Mark.REQUIRED]
    if template is Template.MEMBERS:
        needed.append("join_date")
        if own_category == BRANCH:
            needed.remove("branch")
    return tuple(needed)


def shown(cell: str) -> str:
    """A heading as quoted to the user, at most 30 characters of it."""
    return plain(cell)[:30]
