"""Workbooks for tests: built cell by cell, or part by part as Excel and WPS write them."""

import datetime as dt
import io
import zipfile

import openpyxl
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from services.member.domain.fields import LABELS, MARKS, Template
from services.member.workbooks.guard import check
from services.member.workbooks.judging import Comparison, head_of, judge_rows
from services.member.workbooks.table import read_table
from services.member.workbooks.template import SHEETS
from tests.member.people import card, member_row, members

MEMBER_FIELDS = tuple(MARKS[Template.MEMBERS])
CADRE_FIELDS = tuple(MARKS[Template.CADRES])


def labels(fields=MEMBER_FIELDS):
    return [LABELS[field] for field in fields]


def line(row, fields=MEMBER_FIELDS):
    """A row as cells in the order of the columns."""
    return [row.get(field) for field in fields]


def many(count, **changes):
    """Rows of different people without faults."""
    return [
        member_row(
            name="张三",
            number=card(f"2008{1 + at // 28 % 12:02}{1 + at % 28:02}", f"{at // 336 + 1:03}"),
            development_number=f"202233{at:06}",
            **changes,
        )
        for at in range(1, count + 1)
    ]


def saved(workbook):
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def book(lines, title=SHEETS[Template.MEMBERS], edit=None):
    """An .xlsx with one sheet of these lines; `edit(worksheet)` may do more to it."""
    workbook = openpyxl.Workbook()
    sheet: Worksheet = workbook.active
    sheet.title = title
    for at, cells in enumerate(lines, start=1):
        for column, value in enumerate(cells, start=1):
            if value is not None:
                sheet.cell(at, column).value = value
    if edit:
        edit(sheet)
    return saved(workbook)


def member_book(rows, **changes):
    return book([labels(), *map(line, rows)], **changes)


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def with_parts(content, **changes):
    """A workbook with parts replaced or added; names with `/` are given as a dictionary under `parts`."""
    return packed(parts_of(content) | changes.get("parts", {}))


def read(content, scope=None, file_name="团员.xlsx"):
    """(head, judged rows), in this process and without the sandbox."""
    scope = scope or members()
    table = read_table(check(content, file_name), scope.template, scope.own.category)
    comparison = Comparison()
    return head_of(table), [comparison.judge(row) for row in judge_rows(table.rows, table, scope)]


def row_codes(rows):
    """{row: [(field, code)]} of rows with faults."""
    return {row.row: [(f.field, f.code) for f in row.judged.faults] for row in rows if row.judged.faults}


CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relationships(*rows):
    """Rows are (id, last part of the type, target, rest of the attributes)."""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"{rest}/>'
        for key, kind, target, rest in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}">{inner}</Relationships>'


def raw_book(
    sheet_data, *, prefix="", shared=(), styles="", workbook_properties="", after="", target="worksheets/sheet1.xml"
):
    """A workbook from the XML of its rows, with what a program writes around them. `prefix` like `x:` for OpenXML SDK."""
    p = prefix
    name = f"xmlns:{p[:-1]}" if p else "xmlns"
    strings = "".join(f"<si>{text}</si>" for text in shared)
    rows = [("rId1", "worksheet", target, "")]
    if shared:
        rows.append(("rId2", "sharedStrings", "sharedStrings.xml", ""))
    if styles:
        rows.append(("rId3", "styles", "styles.xml", ""))
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relationships(("rId1", "officeDocument", "xl/workbook.xml", "")),
        "xl/workbook.xml": (
            f'<{p}workbook {name}="{_MAIN}" xmlns:r="{_OFFICE}"><{p}workbookPr {workbook_properties}/>'
            f'<{p}sheets><{p}sheet name="团员团干部" sheetId="1" r:id="rId1"/></{p}sheets></{p}workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relationships(*rows),
        "xl/worksheets/sheet1.xml": (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{p}worksheet {name}="{_MAIN}" xmlns:r="{_OFFICE}">'
            f"<{p}sheetData>{sheet_data}</{p}sheetData>{after}</{p}worksheet>"
        ),
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}" count="{len(shared)}">{strings}</sst>'
    if styles:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>'
    return packed(parts)


def inline_row(number, cells, prefix=""):
    """A row of inline strings; a cell may also be ready XML (beginning with `<`)."""
    p = prefix
    inner = "".join(
        (
            text
            if text.startswith("<")
            else f'<{p}c r="{_letter(at)}{number}" t="inlineStr"><{p}is><{p}t>{text}</{p}t></{p}is></{p}c>'
        )
        for at, text in enumerate(cells)
        if text
    )
    return f'<{p}row r="{number}">{inner}</{p}row>'


def _letter(at):
    return chr(ord("A") + at)


def binary_book(lines, sheet_name=SHEETS[Template.MEMBERS]):
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(sheet_name)
    date = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, cells in enumerate(lines):
        for column, value in enumerate(cells):
            if isinstance(value, dt.date):
                sheet.write(at, column, value, date)
            elif value is not None:
                sheet.write(at, column, value)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def xls():
    """A small .xls without any fault."""
    return binary_book([labels(), *map(line, many(2))])
