"""Which file, sheet and columns are read, and what rows say about one another (MEM-09)."""

import datetime as dt
import io

import pytest

from services.member.domain.fields import Template
from services.member.workbooks.refusals import (
    ColumnsMissing,
    ColumnTwice,
    HeaderNotFound,
    NoRows,
    TemplateNotForBranch,
    WorkbookTooManyColumns,
    WorkbookTooManyRows,
    WrongTemplate,
)
from services.member.workbooks.template import SHEETS
from services.member.workbooks.template_files import write_template
from tests.member.people import BRANCH, OTHER_BRANCH, cadre_row, cadres, card, member_row, members
from tests.member.workbooks.books import (
    CADRE_FIELDS,
    MEMBER_FIELDS,
    binary_book,
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


def test_an_xls_is_read_like_an_xlsx():
    rows = many(3)
    rows[1]["join_date"] = dt.date(2022, 5, 4)
    rows[2]["number"] = float(card())
    _, judged = read(binary_book([["标题"], labels(), *map(line, rows)]), file_name="团员.XLS")
    assert [row.row for row in judged] == [3, 4, 5]
    assert judged[1].judged.record.join_date == "2022-05-04"
    assert row_codes(judged) == {5: [("number", "number_in_scientific_notation")]}


def test_content_counts_and_not_the_name_between_the_two_kinds():
    _, judged = read(binary_book([labels(), *map(line, many(1))]), file_name="团员.xlsx")
    assert len(judged) == 1


def test_the_kind_of_template_is_known_by_its_sheet_then_by_its_columns():
    cadre_lines = [labels(CADRE_FIELDS), line(cadre_row(), CADRE_FIELDS)]
    with pytest.raises(WrongTemplate):
        read(book(cadre_lines, title=SHEETS[Template.CADRES]))
    with pytest.raises(WrongTemplate):
        read(book(cadre_lines, title="Sheet1"))
    with pytest.raises(WrongTemplate):
        read(member_book(many(1)), scope=cadres())
    with pytest.raises(WrongTemplate):
        read(member_book(many(1), title="Sheet1"), scope=cadres())
    with pytest.raises(WrongTemplate):
        read(member_book(many(1), title="本级团干部"))
    assert len(read(member_book(many(1), title="高一(1)班"))[1]) == 1
    assert len(read(book(cadre_lines, title="Sheet1"), scope=cadres())[1]) == 1
    known = "您上传的excel表格错误，‘导入本级团干部’和‘导入下级团支部团员团干部’中所下载的模板不可混用，请重新上传正确的表格"
    assert WrongTemplate().sentence() == known


@pytest.mark.rule("MEM-24")
def test_a_branch_does_not_use_the_template_for_cadres():
    with pytest.raises(TemplateNotForBranch):
        read(
            book([labels(CADRE_FIELDS), line(cadre_row(), CADRE_FIELDS)], title="本级团干部"), scope=cadres(own=BRANCH)
        )


def test_other_sheets_are_left_unread_and_named():
    def more(sheet):
        sheet.parent.create_sheet("备用名单")["A1"] = "x"
        sheet.parent.create_sheet("填写说明")["A1"] = "x"
        sheet.parent.create_sheet("隐藏").sheet_state = "hidden"

    head, _ = read(member_book(many(1), edit=more))
    assert [(note.code, note.params) for note in head.notes] == [("sheets_unread", {"sheets": "备用名单"})]


def test_missing_columns_are_named_and_nothing_is_read():
    fields = [field for field in MEMBER_FIELDS if field not in {"number", "branch"}]
    lines = [labels(fields), *(line(row, fields) for row in many(2))]
    with pytest.raises(ColumnsMissing) as refused:
        read(book(lines))
    assert "所属团支部全称、证件号码" in refused.value.sentence()
    only_number = [field for field in MEMBER_FIELDS if field != "branch"]
    own = members(own=BRANCH, branches=())
    assert len(read(book([labels(only_number), line(many(1)[0], only_number)]), scope=own)[1]) == 1


def test_a_file_without_header_rows_or_with_a_column_twice_is_refused_with_the_reason():
    with pytest.raises(HeaderNotFound):
        read(book([["随便"], ["什么"]]))
    with pytest.raises(HeaderNotFound):
        read(book([], title="Sheet1"))
    with pytest.raises(NoRows):
        read(book([labels(), [], [" "]]))
    with pytest.raises(ColumnTwice) as refused:
        read(book([[*labels(), "姓名"], *map(line, many(1))]))
    assert "姓名" in refused.value.sentence()


@pytest.mark.rule("X23")
def test_five_thousand_rows_go_in_and_one_more_does_not():
    def tall(count):
        rows = [inline_row(1, labels()), *(inline_row(at + 2, ["", "张三"]) for at in range(count))]
        return raw_book("".join(rows))

    assert len(read(tall(5000))[1]) == 5000
    with pytest.raises(WorkbookTooManyRows):
        read(tall(5001))


@pytest.mark.rule("X23")
def test_sixty_columns_go_in_and_one_more_does_not():
    def wide(count):
        return book([[*labels(), *(f"列{at}" for at in range(count - len(MEMBER_FIELDS)))], *map(line, many(1))])

    assert len(read(wide(60))[1]) == 1
    with pytest.raises(WorkbookTooManyColumns):
        read(wide(61))


@pytest.mark.rule("MEM-10", "MEM-06")
def test_of_rows_with_the_same_number_the_first_good_one_wins_and_the_others_are_told():
    same = card("20070909", "777")
    rows = many(4)
    rows[0] |= {"number": same, "name": "坏3"}
    rows[1] |= {"number": same}
    rows[2] |= {"number": same.lower(), "branch": OTHER_BRANCH.full_name}
    rows[3] |= {"development_number": rows[1]["development_number"]}
    _, judged = read(member_book(rows))
    assert row_codes(judged) == {
        2: [("name", "name_with_digits")],
        4: [("number", "number_repeated")],
        5: [("development_number", "development_number_repeated")],
    }
    assert judged[2].judged.faults[0].what == "身份证号重复：与本表第3行相同"


@pytest.mark.parametrize("template", list(Template))
def test_the_example_row_left_in_the_template_is_left_out_and_said(template):
    import openpyxl

    scope = members() if template is Template.MEMBERS else cadres()
    empty = write_template(template, "leading_body")
    with pytest.raises(NoRows):
        read(empty, scope=scope)
    workbook = openpyxl.load_workbook(io.BytesIO(empty))
    sheet = workbook[SHEETS[template]]
    row, fields = (member_row(), MEMBER_FIELDS) if template is Template.MEMBERS else (cadre_row(), CADRE_FIELDS)
    for column, value in enumerate(line(row, fields), start=1):
        sheet.cell(3, column).value = value
    target = io.BytesIO()
    workbook.save(target)
    head, judged = read(target.getvalue(), scope=scope)
    assert [(note.code, note.params) for note in head.notes] == [("example_row", {"row": "2"})]
    assert [row.row for row in judged] == [3]
    assert row_codes(judged) == {}


def test_the_example_row_changed_in_part_is_a_row_like_any_other():
    import openpyxl

    workbook = openpyxl.load_workbook(io.BytesIO(write_template(Template.MEMBERS, "branch")))
    workbook[SHEETS[Template.MEMBERS]]["B2"] = "王五"
    target = io.BytesIO()
    workbook.save(target)
    _, judged = read(target.getvalue())
    assert ("number", "number_of_example") in row_codes(judged)[2]


def test_notes_of_rows_are_said_once_for_the_whole_file():
    _, judged = read(member_book(many(5)))
    assert [(note.code, note.params) for row in judged for note in row.judged.notes] == [
        ("segment_not_checked", {"province": "33"})
    ]
