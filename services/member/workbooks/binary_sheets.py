"""A look through the records of an .xls before it is read (X23, X24): what must not be there, how far cells reach."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.member.workbooks.compound_file import CompoundFile
from services.member.workbooks.refusals import (
    WorkbookActiveContent,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookKindUnknown,
)
from services.member.workbooks.sheet_facts import CELL_ERROR, SheetFacts

_BOF, _BOUNDSHEET, _FILEPASS, _SUPBOOK = 0x809, 0x85, 0x2F, 0x1AE
_QUERY_TABLE, _CONNECTION, _EPOCH_1904 = 0x1AD, 0x876, 0x22
_FORMULA, _BOOL_ERROR, _MULTIPLE_RK = 0x06, 0x205, 0xBD
# LABELSST, LABEL, RSTRING, NUMBER, RK, BOOLERR, FORMULA: each begins with row and column.
_CELLS = frozenset({0xFD, 0x204, 0xD6, 0x203, 0x27E, _BOOL_ERROR, _FORMULA})
_MACRO_KINDS = {1: "宏", 6: "宏"}
_INTERNAL, _ADD_IN = b"\x01\x04", b"\x01\x3a"
_EMBEDDED = "mbd"


@dataclass(frozen=True, slots=True)
class BinaryWorkbook:
    """`facts` in the order of the workbook's sheets."""

    facts: tuple[SheetFacts, ...]
    epoch_1904: bool


def look_through(content: bytes) -> BinaryWorkbook:
    """Raises a WorkbookRefused for whatever is not a plain .xls within the limits."""
    file = CompoundFile(content)
    names = file.names()
    if "encryptedpackage" in names:
        raise WorkbookEncrypted
    if "_vba_project_cur" in names or "_vba_project" in names:
        raise WorkbookActiveContent(found="宏")
    if any(name.startswith(_EMBEDDED) for name in names):
        raise WorkbookActiveContent(found="嵌入的对象")
    stream = file.stream("workbook", "book")
    if stream is None:
        raise WorkbookKindUnknown(found="其他办公软件的文件")
    return _look_through_records(stream)


def _look_through_records(stream: bytes) -> BinaryWorkbook:
    by_offset: dict[int, SheetFacts] = {}
    epoch_1904 = False
    current: SheetFacts | None = None
    for at, kind, data in _records(stream):
        if kind == _BOF:
            current = by_offset.get(at)
        elif kind == _BOUNDSHEET:
            offset, sheet_kind = struct.unpack_from("<IxB", data)
            if sheet_kind in _MACRO_KINDS:
                raise WorkbookActiveContent(found=_MACRO_KINDS[sheet_kind])
            by_offset[offset] = SheetFacts()
        elif kind == _EPOCH_1904:
            epoch_1904 = data[:1] == b"\x01"
        elif current is not None and (kind in _CELLS or kind == _MULTIPLE_RK):
            _note(current, kind, data)
        else:
            _refuse_forbidden(kind, data)
    for facts in by_offset.values():
        facts.check_extent()
    return BinaryWorkbook(tuple(by_offset.values()), epoch_1904)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + length]
        if len(data) < length:
            raise WorkbookDamaged
        yield at, kind, data
        at += 4 + length


def _note(facts: SheetFacts, kind: int, data: bytes) -> None:
    try:
        row, column = struct.unpack_from("<HH", data)
        last = struct.unpack_from("<H", data, len(data) - 2)[0] if kind == _MULTIPLE_RK else column
        facts.note_cell(row, column)
        facts.note_cell(row, last)
        is_error = (kind == _BOOL_ERROR and data[7] == 1) or (
            # a formula's result: 2 in the first byte and FFFF in the last two mean an error
            kind == _FORMULA and data[6] == 2 and data[12:14] == b"\xff\xff"
        )
    except (struct.error, IndexError) as error:
        raise WorkbookDamaged from error
    if is_error:
        facts.note_unreadable(row, column, CELL_ERROR)


def _refuse_forbidden(kind: int, data: bytes) -> None:
    if kind == _FILEPASS:
        raise WorkbookEncrypted
    if kind == _SUPBOOK and data[2:4] not in {_INTERNAL, _ADD_IN}:
        raise WorkbookActiveContent(found="外部链接")
    if kind in {_QUERY_TABLE, _CONNECTION}:
        raise WorkbookActiveContent(found="数据连接")
