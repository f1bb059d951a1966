"""An .xlsx taken apart within limits and put together again from the parts that were looked at (X21 to X24).

What the reading library gets is exactly what was checked: two readers of one hostile archive cannot see two contents.
"""

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass

from services.member.workbooks import limits
from services.member.workbooks.refusals import (
    WorkbookActiveContent,
    WorkbookBomb,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookKindUnknown,
)
from services.member.workbooks.sheet_facts import SheetFacts
from services.member.workbooks.xml_parts import ContentTypes, Part, Relationships, SheetPart, WorkbookPart

_CHUNK = 64 * 1024
_ENCRYPTED_FLAG = 0x1
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_WORKBOOK = "xl/workbook.xml"
_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"
_ACTIVE = (
    ("vbaproject", "宏"),
    ("xl/macrosheets/", "宏"),
    ("xl/dialogsheets/", "宏"),
    ("xl/activex/", "ActiveX控件"),
    ("xl/embeddings/", "嵌入的对象"),
    ("xl/externallinks/", "外部链接"),
    ("xl/connections", "数据连接"),
    ("xl/querytables/", "数据连接"),
    ("xl/model/", "数据连接"),
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")


@dataclass(frozen=True, slots=True)
class Package:
    """`content` is the workbook to read; `facts` by sheet name."""

    content: bytes
    facts: dict[str, SheetFacts]
    epoch_1904: bool


def open_package(content: bytes) -> Package:
    """Raises a WorkbookRefused for whatever is not a plain workbook within the limits."""
    spelled, parts = _unpack(content)
    if "xl/workbook.bin" in parts:
        raise WorkbookKindUnknown(found=".xlsb")
    if _WORKBOOK not in parts or _RELATIONSHIPS not in parts:
        raise _not_a_workbook(parts)
    workbook, relationships = WorkbookPart(), Relationships()
    workbook.feed(parts[_WORKBOOK])
    relationships.feed(parts[_RELATIONSHIPS])
    sheets = {_target(relationships.targets.get(relation, "")): name for name, relation in workbook.sheets}
    facts = {}
    for path, data in parts.items():
        part = _parser_of(path, is_sheet=path in sheets)
        part.feed(data)
        if isinstance(part, SheetPart):
            part.facts.check_extent()
            facts[sheets[path]] = part.facts
    return Package(_pack({spelled[path]: data for path, data in parts.items()}), facts, workbook.epoch_1904)


def _not_a_workbook(parts: dict[str, bytes]) -> Exception:
    for sign, found in (("word/", "文字文档"), ("ppt/", "演示文稿"), ("mimetype", "其他办公软件的文件")):
        if any(path.startswith(sign) for path in parts):
            return WorkbookKindUnknown(found=found)
    return WorkbookKindUnknown(found="压缩包")


def _parser_of(path: str, *, is_sheet: bool) -> Part:
    if is_sheet:
        return SheetPart()
    if path.endswith(".rels"):
        return Relationships()
    return ContentTypes() if path == "[content_types].xml" else Part()


def _target(target: str) -> str:
    path = target.lower().replace("\\", "/")
    return path.lstrip("/") if path.startswith("/") else posixpath.normpath(f"xl/{path}")


def _unpack(content: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """Lower-case path -> path as spelled, and -> bytes, of the XML parts; others are looked at and left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read_entries(archive, most=min(limits.UNPACKED_BYTES, len(content) * limits.RATIO))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, OverflowError) as error:
        raise WorkbookDamaged from error


def _read_entries(archive: zipfile.ZipFile, most: int) -> tuple[dict[str, str], dict[str, bytes]]:
    entries = archive.infolist()
    if len(entries) > limits.ENTRIES:
        raise WorkbookBomb
    spelled: dict[str, str] = {}
    parts: dict[str, bytes] = {}
    left = most
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        path = name.lower()
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise WorkbookEncrypted
        if entry.compress_type not in _COMPRESSIONS:
            raise WorkbookDamaged
        for sign, found in _ACTIVE:
            if sign in path:
                raise WorkbookActiveContent(found=found)
        data = _read_entry(archive, entry, left)
        left -= len(data)
        if data.startswith(_ARCHIVES):
            raise WorkbookBomb
        if path in parts:
            raise WorkbookDamaged
        if path.endswith((".xml", ".rels")) or path in {"mimetype", "xl/workbook.bin"}:
            spelled[path], parts[path] = name, data
    return spelled, parts


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """The bytes really there, never more than `left`; what the header claims is not believed."""
    pieces, read = [], 0
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            read += len(piece)
            if read > left:
                raise WorkbookBomb
            pieces.append(piece)
    return b"".join(pieces)


def _pack(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path, data in parts.items():
            archive.writestr(path, data)
    return target.getvalue()
