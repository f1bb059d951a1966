"""Writing workbooks: the two empty templates, and the failed rows of an import (MEM-09, X26)."""

import io
import math
import re
from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS, MARKS, Mark, Template
from services.member.domain.text import Raw, Unreadable
from services.member.reference import vocabularies
from services.member.reference.documents import DOCUMENT_KINDS
from services.member.reference.positions import APPOINTMENT_KINDS, BRANCH, POSITIONS
from services.member.workbooks.guide import GUIDE, MARK_MEANINGS
from services.member.workbooks.limits import ROWS
from services.member.workbooks.template import (
    FAILURE_HEADING,
    GUIDE_SHEET,
    LISTS_SHEET,
    SHEETS,
    example_row,
)

_WIDE = {"branch", "number", "work_or_school", "remark", "join_place"}
_FORMULA_SIGNS = re.compile(r"^[=+\-@\t\r]")
_EXACT_BELOW = 10**15
_ROW_PIXELS = 20


def write_template(template: Template, category: str) -> bytes:
    """The .xlsx to download; `category` of the organization decides which positions are offered."""
    return _write(template, category, with_example=True)


def write_failed_rows(
    template: Template,
    category: str,
    rows: Sequence[tuple[Mapping[str, Raw], Sequence[Fault]]],
) -> bytes:
    """Rows as they were read, in the template's layout, each with all its faults in a last column.

    Every cell is a text, and none can become a formula; a number that a spreadsheet had rounded stays recognisable as
    such, so that uploading it unmended is refused again.
    """
    return _write(template, category, rows=rows)


def _write(
    template: Template,
    category: str,
    *,
    with_example: bool = False,
    rows: Sequence[tuple[Mapping[str, Raw], Sequence[Fault]]] = (),
) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as workbook:
        sheet = workbook.add_worksheet(SHEETS[template])
        _write_header(workbook, sheet, template, with_failures=bool(rows))
        if with_example:
            grey = workbook.add_format({"num_format": "@", "font_color": "#999999", "italic": True})
            for column, text in enumerate(example_row(template).values()):
                sheet.write_string(1, column, text, grey)
        _write_rows(workbook, sheet, template, rows)
        _write_guide(workbook, template)
        _offer_lists(workbook, sheet, template, category)
    return target.getvalue()


def _write_header(workbook: Workbook, sheet: Worksheet, template: Template, *, with_failures: bool) -> None:
    text = workbook.add_format({"num_format": "@"})
    plain = workbook.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1, "num_format": "@"})
    needed = workbook.add_format(
        {"bold": True, "bg_color": "#FDE9E7", "font_color": "#B42318", "border": 1, "num_format": "@"}
    )
    for column, (field, mark) in enumerate(MARKS[template].items()):
        sheet.set_column(column, column, 24 if field in _WIDE else 14, text)
        sign = {Mark.REQUIRED: "*", Mark.CONDITIONAL: "", Mark.WANTED: "+", Mark.OPTIONAL: ""}[mark]
        sheet.write_string(0, column, LABELS[field] + sign, needed if mark is Mark.REQUIRED else plain)
    if with_failures:
        column = len(MARKS[template])
        sheet.set_column(column, column, 60, text)
        sheet.write_string(0, column, FAILURE_HEADING, plain)
    sheet.freeze_panes(1, 0)


def _write_rows(
    workbook: Workbook,
    sheet: Worksheet,
    template: Template,
    rows: Sequence[tuple[Mapping[str, Raw], Sequence[Fault]]],
) -> None:
    text = workbook.add_format({"num_format": "@"})
    reason = workbook.add_format({"num_format": "@", "text_wrap": True, "font_color": "#B42318"})
    faulty = workbook.add_format({"num_format": "@", "bg_color": "#FDE9E7"})
    for line, (cells, faults) in enumerate(rows, start=1):
        wrong = {fault.field for fault in faults}
        for column, field in enumerate(MARKS[template]):
            value = disarm(cell_text(cells.get(field)))
            if value or field in wrong:
                sheet.write_string(line, column, value, faulty if field in wrong else text)
        sheet.write_string(line, len(MARKS[template]), "\n".join(fault.line for fault in faults), reason)
        sheet.set_row_pixels(line, _ROW_PIXELS * max(1, len(faults)))


def _write_guide(workbook: Workbook, template: Template) -> None:
    sheet = workbook.add_worksheet(GUIDE_SHEET)
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 16)
    sheet.set_column(2, 2, 90)
    for column, title in enumerate(("列名", "是否必填", "填写要求")):
        sheet.write_string(0, column, title, bold)
    for line, (field, mark) in enumerate(MARKS[template].items(), start=1):
        sheet.write_string(line, 0, LABELS[field], wrapped)
        sheet.write_string(line, 1, MARK_MEANINGS[mark], wrapped)
        sheet.write_string(line, 2, GUIDE[template].get(field, GUIDE[Template.MEMBERS].get(field, "")), wrapped)


def _offer_lists(workbook: Workbook, sheet: Worksheet, template: Template, category: str) -> None:
    """Drop-down lists from a hidden sheet; positions may be several in a cell, so their list only suggests."""
    positions = POSITIONS[BRANCH if template is Template.MEMBERS else category]
    lists = {
        "document_kind": tuple(DOCUMENT_KINDS),
        "sex": vocabularies.SEXES,
        "ethnicity": vocabularies.ETHNICITY,
        "political_status": tuple(vocabularies.POLITICAL_STATUS),
        "education": vocabularies.EDUCATION,
        "occupation": vocabularies.OCCUPATIONS,
        "positions": positions,
        "appointment_kind": APPOINTMENT_KINDS,
        "is_member": vocabularies.YES_NO,
    }
    hidden = workbook.add_worksheet(LISTS_SHEET)
    hidden.hide()
    offered = [(column, field) for column, field in enumerate(MARKS[template]) if field in lists]
    for at, (column, field) in enumerate(offered):
        for line, name in enumerate(lists[field]):
            hidden.write_string(line, at, name)
        letter = chr(ord("A") + at)
        source = f"={LISTS_SHEET}!${letter}$1:${letter}${len(lists[field])}"
        sheet.data_validation(
            1, column, ROWS + 1, column,
            {"validate": "list", "source": source, "error_type": "information" if field == "positions" else "stop"},
        )  # fmt: skip


def cell_text(raw: Raw) -> str:
    """A cell as text to be corrected by hand: dates in ISO form, rounded numbers still in scientific notation."""
    if raw is None or isinstance(raw, Unreadable):
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float | int) and math.isfinite(raw):
        if abs(raw) >= _EXACT_BELOW:
            return f"{raw:.11E}"
        return str(int(raw)) if raw == int(raw) else repr(raw)
    return str(raw).removesuffix(" 00:00:00")


def disarm(text: str) -> str:
    """X26: a text that a spreadsheet could take for a formula, made harmless; reading takes the sign off again."""
    return f"'{text}" if _FORMULA_SIGNS.match(text) else text
