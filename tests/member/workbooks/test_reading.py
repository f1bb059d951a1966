# ruff: noqa: DTZ001 - days of a spreadsheet have no time zone
"""What people really upload, read in this process (MEM-09). The sandbox around it has tests of its own."""

import datetime as dt
import io

import pytest
import xlsxwriter

from services.member.domain.fields import LABELS, Template
from services.member.workbooks.template import SHEETS
from tests.member.people import BRANCH, card, member_row
from tests.member.workbooks.books import (
    MEMBER_FIELDS,
    book,
    inline_row,
    labels,
    line,
    many,
    member_book,
    raw_book,
    read,
    row_codes,
)

pytestmark = pytest.mark.rule("MEM-09")


def test_every_row_gets_a_verdict_under_its_own_row_number():
    head, rows = read(member_book([*many(3), member_row(name="", development_number="202233999999")]))
    assert (head.sheet, head.header_row) == ("团员团干部", 1)
    assert [row.row for row in rows] == [2, 3, 4, 5]
    assert len(rows) == 4
    assert row_codes(rows) == {5: [("name", "missing")]}


def test_title_rows_and_merged_cells_may_stand_above_the_header():
    lines = [
        ["团员信息采集表"],
        ["填表单位：示例县委", None, None, "填表日期：2026年11月"],
        [],
        labels(),
        *map(line, many(2)),
    ]

    def merge(sheet):
        sheet.merge_cells("A1:V1")
        sheet.merge_cells("A2:C2")

    head, rows = read(book(lines, edit=merge))
    assert head.header_row == 4
    assert [row.row for row in rows] == [5, 6]
    assert row_codes(rows) == {}


def test_a_header_may_take_two_rows_with_merged_cells():
    upper, lower = labels(), [None] * len(MEMBER_FIELDS)
    for field in ("mobile", "email"):
        at = MEMBER_FIELDS.index(field)
        upper[at], lower[at] = "联系方式" if field == "mobile" else None, LABELS[field]
    head, rows = read(book([upper, lower, *map(line, many(2))]))
    assert head.header_row == 2
    assert [row.judged.record.mobile for row in rows] == ["13800001234"] * 2


def test_hidden_rows_count_and_blank_rows_do_not():
    rows = many(4)
    lines = [labels(), line(rows[0]), [], [" ", "\u200b", "　"], line(rows[1]), [], line(rows[2]), line(rows[3])]

    def hide(sheet):
        sheet.row_dimensions[5].hidden = True
        for at in range(9, 4009):
            sheet.cell(at, 3).number_format = "@"

    _, judged = read(book(lines, edit=hide))
    assert [row.row for row in judged] == [2, 5, 7, 8]
    assert len(judged) == 4


def test_columns_may_be_reordered_and_others_are_ignored_and_named():
    fields = list(reversed(MEMBER_FIELDS))
    header = ["序号", *labels(fields), "籍贯", "失败原因"]
    lines = [header] + [[at, *line(row, fields), "浙江", "旧的原因"] for at, row in enumerate(many(2), start=1)]
    head, rows = read(book(lines))
    assert row_codes(rows) == {}
    assert [(note.code, note.params) for note in head.notes] == [("columns_ignored", {"columns": "序号、籍贯"})]


def test_a_row_with_nothing_but_a_serial_number_is_blank():
    lines = [["序号", *labels()], [1, *line(many(1)[0])], [2], [3]]
    _, rows = read(book(lines))
    assert len(rows) == 1


def test_headings_may_carry_marks_spaces_and_other_spellings():
    header = [f" {label[0]} {label[1:]}*" for label in labels()]
    header[MEMBER_FIELDS.index("number")] = "身份证号（必填）"
    header[MEMBER_FIELDS.index("mobile")] = "手机号＊"
    _, rows = read(book([header, *map(line, many(1))]))
    assert row_codes(rows) == {}
    assert rows[0].judged.record.mobile == "13800001234"


def test_dates_come_as_serials_of_both_systems_and_as_dates():
    for epoch in (False, True):
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"date_1904": epoch}) as workbook:
            sheet = workbook.add_worksheet(SHEETS[Template.MEMBERS])
            sheet.write_row(0, 0, labels())
            at = MEMBER_FIELDS.index("join_date")
            for number, row in enumerate(many(3), start=1):
                sheet.write_row(number, 0, ["" if value is None else value for value in line(row)])
                sheet.write(number, at, 44682 - 1462 * epoch)
            sheet.write_datetime(2, at, dt.datetime(2022, 5, 1), workbook.add_format({"num_format": "yyyy年m月"}))
            sheet.write_datetime(3, at, dt.datetime(2022, 5, 1), workbook.add_format({"num_format": "m/d/yy"}))
        _, rows = read(target.getvalue())
        assert [row.judged.record and row.judged.record.join_date for row in rows] == ["2022-05-01"] * 3, epoch


@pytest.mark.rule("MEM-10")
def test_numbers_a_spreadsheet_has_spoilt_are_named_as_such():
    rows = many(4)
    rows[0]["number"] = int(card())
    rows[1]["number"] = "3.30102E+17"
    rows[2]["number"] = card()[:15] + "000"
    rows[3]["development_number"] = 2.0170000000000001e15
    _, judged = read(member_book(rows))
    assert row_codes(judged) == {
        2: [("number", "number_in_scientific_notation")],
        3: [("number", "number_in_scientific_notation")],
        4: [("number", "number_digits_lost")],
        5: [("development_number", "development_number_digits_lost")],
    }


def test_a_row_whose_cells_have_slipped_is_named_as_such():
    rows = [line(row) for row in many(3)]
    whole = [None, *rows[0][:-1]]
    at = MEMBER_FIELDS.index("sex")
    partly = rows[1][:at] + rows[1][at + 1 :]
    _, judged = read(book([labels(), whole, partly, rows[2]]))
    faults = {row.row: row.judged.faults for row in judged if row.judged.faults}
    assert {row: [fault.code for fault in found] for row, found in faults.items()} == {
        2: ["columns_shifted"],
        3: ["columns_shifted"],
    }
    assert "向右移了1列" in faults[2][0].sentence
    assert "向左移了1列" in faults[3][0].sentence


def test_three_cells_beside_their_columns_are_a_shift_and_two_are_faults_of_their_own():
    three, two = many(2)
    three |= {"birth_date": "男", "ethnicity": "2008-03-07", "political_status": "汉族"}
    two |= {"ethnicity": "2008-03-07", "political_status": "汉族"}
    _, judged = read(member_book([three, two]))
    assert row_codes(judged) == {
        2: [(None, "columns_shifted")],
        3: [("political_status", "not_in_list"), ("ethnicity", "not_in_list")],
    }


def test_many_honest_faults_are_not_taken_for_a_shift():
    row = member_row(name="张3", sex="x", political_status="y", education="z", mobile="1", join_date="q")
    _, judged = read(member_book([row]))
    assert len(judged[0].judged.faults) == 6


def test_a_formula_gives_its_stored_value_or_is_refused():
    header = labels()
    good, bad, error, empty = (line(row) for row in many(4))
    name = MEMBER_FIELDS.index("name")

    def cells(values, at, cell):
        values = ["" if value is None else str(value) for value in values]
        values[at] = cell
        return values

    rows = [
        inline_row(1, header),
        inline_row(2, cells(good, name, '<c r="B2" t="str"><f>A1&amp;"x"</f><v>王五</v></c>')),
        inline_row(3, cells(bad, name, '<c r="B3"><f>A1&amp;"x"</f></c>')),
        inline_row(4, cells(error, name, '<c r="B4" t="e"><f>NA()</f><v>#N/A</v></c>')),
        inline_row(5, cells(empty, name, '<c r="B5" t="str"><f>A1</f><v></v></c>')),
        # formulas dragged down beyond the data are no rows
        inline_row(6, ["", '<c r="B6" t="str"><f>A1</f><v></v></c>', "", '<c r="D6" t="e"><f>NA()</f><v>#N/A</v></c>']),
    ]
    _, judged = read(raw_book("".join(rows)))
    assert judged[0].judged.record.name == "王五"
    assert row_codes(judged) == {
        3: [("name", "formula_without_value")],
        4: [("name", "cell_error")],
        5: [("name", "missing")],
    }
    assert len(judged) == 4


def test_a_cell_merged_over_rows_holds_for_each_of_them():
    rows = many(3)
    for row in rows[1:]:
        row["branch"] = None
    _, judged = read(member_book(rows, edit=lambda sheet: sheet.merge_cells("A2:A4")))
    assert [row.judged.record.branch for row in judged] == [BRANCH.id] * 3


def test_a_workbook_as_excel_writes_it():
    """Shared strings with rich text and phonetic hints, styles for dates, no row numbers on some rows."""
    row = many(1)[0]
    cells = line(row)
    name, joined = MEMBER_FIELDS.index("name"), MEMBER_FIELDS.index("join_date")
    shared = [f"<t>{label}</t>" for label in labels()]
    shared += [f'<t xml:space="preserve">{value or ""}</t>' for value in cells]
    shared[len(cells) + name] = (
        '<r><t>王</t></r><r><rPr><b/></rPr><t>小明</t></r><rPh sb="0" eb="1"><t>wang</t></rPh><phoneticPr fontId="1"/>'
    )
    header = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(cells)))
    data = "".join(
        f'<c r="{chr(65 + at)}2" s="1"><v>44682</v></c>'
        if at == joined
        else f'<c r="{chr(65 + at)}2" t="s"><v>{len(cells) + at}</v></c>'
        for at in range(len(cells))
    )
    styles = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    blanks = "".join(f'<row r="{at}"><c r="A{at}" s="1"/><c r="V{at}" s="1"/></row>' for at in range(3, 3003))
    content = raw_book(
        f'<row r="1" spans="1:22">{header}</row><row r="2">{data}</row>{blanks}', shared=shared, styles=styles
    )
    _, judged = read(content)
    assert len(judged) == 1
    assert row_codes(judged) == {}
    assert judged[0].judged.record.name == "王小明"
    assert judged[0].judged.record.join_date == "2022-05-01"


def test_a_workbook_with_prefixed_names_and_an_absolute_path():
    rows = [inline_row(1, labels(), "x:"), inline_row(2, ["" if v is None else v for v in line(many(1)[0])], "x:")]
    _, judged = read(raw_book("".join(rows), prefix="x:", target="/xl/worksheets/sheet1.xml"))
    assert row_codes(judged) == {}
    assert len(judged) == 1


def test_a_workbook_as_wps_writes_it():
    """Custom parts, pictures in cells, a web link for each address, line breaks in headings."""

    def edit(sheet):
        sheet["K2"].hyperlink = "mailto:a@example.cn"
        sheet.auto_filter.ref = "A1:V3"
        sheet.freeze_panes = "A2"

    header = [f"{label[:2]}\n{label[2:]}" for label in labels()]
    content = book([header, *map(line, many(2))], edit=edit)
    from tests.member.workbooks.books import with_parts

    content = with_parts(
        content,
        parts={
            "xl/cellimages.xml": '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>',
            "docProps/custom.xml": '<Properties xmlns="x"><property name="KSOProductBuildVer"/></Properties>',
            "xl/media/image1.png": b"\x89PNG\r\n",
            "xl/printerSettings/printerSettings1.bin": b"\x00\x01",
        },
    )
    _, judged = read(content)
    assert len(judged) == 2
    assert row_codes(judged) == {}
