"""Files as LibreOffice really writes them (checked in under tests/fixtures/workbooks)."""

from pathlib import Path

import pytest

from tests.member.workbooks.books import read, row_codes

FILES = Path(__file__).parents[2] / "fixtures" / "workbooks"

pytestmark = pytest.mark.rule("MEM-09")


@pytest.mark.parametrize("name", ["libreoffice.xlsx", "libreoffice.xls"])
def test_a_saved_workbook_is_read_as_it_was_written(name):
    head, rows = read((FILES / name).read_bytes(), file_name=name)
    assert (head.header_row, len(rows)) == (3, 4)
    assert row_codes(rows) == {}
    assert [(row.row, row.judged.record.name, row.judged.record.join_date) for row in rows] == [
        (4, "张三", "2022-05"),
        (5, "张三", "2022-05-04"),
        (7, "阿卜杜拉·买买提", "2022-05"),
        (8, "张三", "2022-05"),
    ]
    assert [position.title for position in rows[-1].judged.record.positions] == ["书记", "组织委员"]


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("name", ["libreoffice-numbers.xlsx", "libreoffice-numbers.xls"])
def test_numbers_it_has_rounded_are_named_and_everything_else_is_read(name):
    _, rows = read((FILES / name).read_bytes(), file_name=name)
    assert row_codes(rows) == {row: [("number", "number_in_scientific_notation")] for row in (2, 3, 4)}
    assert [row.judged.development_number for row in rows] == ["202233000001", "202233000002", "202233000003"]
