"""The templates and the failed rows' workbook, written by us and opened by another program's reader (MEM-09, X26)."""

import io

import openpyxl
import pytest

from services.member.domain.faults import Fault
from services.member.domain.fields import LABELS, MARKS, Mark, Template
from services.member.workbooks.sandbox import Sandbox
from services.member.workbooks.template import FAILURE_HEADING, SHEETS
from services.member.workbooks.template_files import write_template
from tests.member.people import cadre_row, cadres, card, member_row, members
from tests.member.workbooks.books import (
    CADRE_FIELDS,
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


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


async def failed_rows(content, scope=None):
    """The workbook of all rows with faults, by way of the sandbox, as the service makes it."""
    scope = scope or members()
    _, rows = read(content, scope=scope)
    faults = {row.row: row.judged.faults for row in rows if row.judged.faults}
    return await Sandbox().failed_rows(content, "团员.xlsx", scope, faults)


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("template", list(Template))
def test_a_template_has_its_header_marks_lists_text_format_and_guide(template):
    workbook = opened(write_template(template, "committee"))
    assert workbook.sheetnames == [SHEETS[template], "填写说明", "选项"]
    assert workbook["选项"].sheet_state == "hidden"
    sheet = workbook[SHEETS[template]]
    signs = {Mark.REQUIRED: "*", Mark.WANTED: "+"}
    expected = [LABELS[field] + signs.get(mark, "") for field, mark in MARKS[template].items()]
    assert [cell.value for cell in sheet[1]] == expected
    assert {sheet.column_dimensions[letter].number_format for letter in "AJ"} <= {"@", "General"}
    assert all(cell.number_format == "@" and cell.font.italic for cell in sheet[2])
    offered = {str(rule.sqref).split(":")[0][:-1] for rule in sheet.data_validations.dataValidation}
    for field in ("sex", "ethnicity", "political_status", "education", "positions"):
        letter = openpyxl.utils.get_column_letter(list(MARKS[template]).index(field) + 1)
        assert letter in offered, field
    guide = workbook["填写说明"]
    assert [guide.cell(at, 1).value for at in range(2, guide.max_row + 1)] == [LABELS[f] for f in MARKS[template]]
    assert all(guide.cell(at, 3).value for at in range(2, guide.max_row + 1))


@pytest.mark.rule("MEM-24")
def test_the_positions_offered_are_those_of_the_organization():
    def offered(template, category):
        return {cell.value for row in opened(write_template(template, category))["选项"].iter_rows() for cell in row}

    assert "常委" in offered(Template.CADRES, "leading_body")
    assert "常委" not in offered(Template.CADRES, "working_committee")
    assert "组织委员" in offered(Template.MEMBERS, "leading_body")


@pytest.mark.rule("MEM-09")
async def test_failed_rows_come_back_in_the_same_layout_with_every_fault_on_a_line():
    rows = [
        *many(2),
        member_row(name="张3", mobile="12", development_number="202233999999"),
        member_row(number=card("20060304"), join_date="2019-05"),
    ]
    made = opened(await failed_rows(member_book(rows)))[SHEETS[Template.MEMBERS]]
    header = [cell.value for cell in made[1]]
    assert header[:-1] == [cell.value for cell in opened(write_template(Template.MEMBERS, "branch")).worksheets[0][1]]
    assert header[-1] == FAILURE_HEADING
    assert made.max_row == 3
    assert made.cell(2, len(header)).value.splitlines() == [
        "[MEM-01] 姓名：姓名中有数字；请填写证件上的姓名，并检查是否填错了列",
        "[MEM-01] 手机号码：手机号码不对；请填写11位手机号码，境外号码以+和国家代码开头",
    ]
    assert made.cell(2, MEMBER_FIELDS.index("name") + 1).value == "张3"
    assert made.cell(3, MEMBER_FIELDS.index("number") + 1).value == card("20060304")
    lines = made.cell(3, len(header)).value.splitlines()
    assert [text.split("：")[0] for text in lines] == ["[MEM-04] 入团日期", "[MEM-06] 发展团员编号"]


@pytest.mark.rule("MEM-09")
async def test_failed_rows_can_be_corrected_and_uploaded_as_they_are():
    rows = many(3)
    rows[0]["name"] = "张3"
    rows[1]["join_date"] = "19-5"
    rows[2] |= {"mobile": "+85291234567", "sex": "X"}
    made = await failed_rows(member_book(rows))
    head, again = read(made)
    assert head.notes == ()
    assert row_codes(again) == {
        2: [("name", "name_with_digits")],
        3: [("join_date", "date_two_digit_year")],
        4: [("sex", "not_in_list")],
    }
    workbook = opened(made)
    sheet = workbook.worksheets[0]
    sheet.cell(2, MEMBER_FIELDS.index("name") + 1).value = "张三"
    sheet.cell(3, MEMBER_FIELDS.index("join_date") + 1).value = "2022-05"
    sheet.cell(4, MEMBER_FIELDS.index("sex") + 1).value = None
    target = io.BytesIO()
    workbook.save(target)
    _, mended = read(target.getvalue())
    assert row_codes(mended) == {}
    assert mended[2].judged.record.mobile == "+85291234567"


@pytest.mark.rule("MEM-09", "MEM-10")
async def test_a_rounded_number_stays_refused_when_its_row_is_uploaded_again_unmended():
    """Written out in digits it would pass as somebody's number once in eleven times."""
    rounded = next(number for day in range(1, 29) if (number := card(f"200803{day:02}", "100")).endswith("0"))
    rows = many(1)
    rows[0]["number"] = int(rounded)
    rows[0]["name"] = "张3"
    made = await failed_rows(member_book(rows))
    _, again = read(made)
    assert ("number", "number_in_scientific_notation") in row_codes(again)[2]


@pytest.mark.rule("MEM-09")
async def test_dates_come_back_as_dates_and_not_as_serial_numbers():
    rows = many(1)
    rows[0] |= {"name": "张3", "join_date": 44682}
    made = opened(await failed_rows(member_book(rows))).worksheets[0]
    assert made.cell(2, MEMBER_FIELDS.index("join_date") + 1).value == "2022-05-01"


HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1",
    '=HYPERLINK("http://192.0.2.1")',
    "'=1",
    "{=1}",
]


@pytest.mark.rule("X26")
@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_of_a_row_becomes_a_formula(text):
    fields = [field for field in MEMBER_FIELDS if field not in {"branch", "join_date", "political_status"}]
    row = ["" if field in fields else "x" for field in MEMBER_FIELDS]
    for field in fields:
        escaped = text.replace("&", "&amp;").replace("\t", "&#9;").replace("\r", "&#13;").replace('"', "&quot;")
        row[MEMBER_FIELDS.index(field)] = escaped
    made = opened(await failed_rows(raw_book(inline_row(1, labels()) + inline_row(2, row))))
    cells = [
        cell for sheet in made.worksheets for line_ in sheet.iter_rows() for cell in line_ if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value[0] in "=+-@\t\r"]
    assert not [cell for cell in cells if cell.hyperlink]


@pytest.mark.rule("X26")
async def test_identity_numbers_keep_their_eighteen_characters():
    rows = [member_row(name="张3", number=card("20080307", f"{at:03}")) for at in range(1, 30)]
    made = opened(await failed_rows(member_book(rows))).worksheets[0]
    column = MEMBER_FIELDS.index("number") + 1
    assert [made.cell(at, column).value for at in range(2, 31)] == [row["number"] for row in rows]


@pytest.mark.rule("MEM-09", "MEM-24")
async def test_failed_rows_of_cadres_come_back_in_their_own_template():
    content = book(
        [labels(CADRE_FIELDS), line(cadre_row(positions="主任"), CADRE_FIELDS)], title=SHEETS[Template.CADRES]
    )
    made = opened(await failed_rows(content, cadres()))
    assert made.sheetnames[0] == SHEETS[Template.CADRES]
    assert "[MEM-24] 团内职务" in made.worksheets[0].cell(2, len(CADRE_FIELDS) + 1).value


@pytest.mark.rule("MEM-09")
async def test_faults_found_in_the_store_are_written_like_all_others():
    fault = Fault("number_registered_elsewhere", "number", {"organization": "别县第一中学团支部"})
    made = await Sandbox().failed_rows(member_book(many(2)), "团员.xlsx", members(), {3: (fault,)})
    sheet = opened(made).worksheets[0]
    assert sheet.max_row == 2
    assert sheet.cell(2, len(MEMBER_FIELDS) + 1).value.startswith("[MEM-10] 证件号码：身份证已注册")
