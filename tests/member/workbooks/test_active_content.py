"""Active content, compound files, and mutations of every kind (X24, X25, P13)."""

import io
import random
import struct
import zipfile
from collections import Counter

import pytest

from services.member.workbooks.child import main
from services.member.workbooks.compound_file import CompoundFile
from services.member.workbooks.guard import check
from services.member.workbooks.protocol import MESSAGE, REQUEST, Request, Task
from services.member.workbooks.refusals import (
    BY_CODE,
    WorkbookActiveContent,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookKindUnknown,
)
from tests.member.people import members
from tests.member.workbooks.books import (
    CONTENT_TYPES,
    many,
    member_book,
    packed,
    parts_of,
    raw_book,
    relationships,
    with_parts,
    xls,
)

pytestmark = pytest.mark.rule("P13")

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def good():
    return member_book(many(2))


def with_record(content, kind, data=b""):
    """An .xls with one more record, in place of a record that means nothing to a reader (its author)."""
    at = content.index(struct.pack("<HH", 0x5C, 0x70))
    record = struct.pack("<HH", kind, len(data)) + data
    filler = struct.pack("<HH", 0x5C, 0x70 + 4 - len(record) - 4) + content[at + 8 : at + 8 + 0x70 - len(record)]
    changed = content[:at] + record + filler + content[at + 4 + 0x70 :]
    assert len(changed) == len(content)
    return changed


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
