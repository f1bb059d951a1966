"""Whether a file may be read at all, said before anything reads it (X21 to X24). Runs inside the sandbox."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from services.member.workbooks import limits
from services.member.workbooks.binary_sheets import look_through
from services.member.workbooks.compound_file import SIGNATURE as COMPOUND
from services.member.workbooks.package import open_package
from services.member.workbooks.refusals import (
    WorkbookDamaged,
    WorkbookEmpty,
    WorkbookIsCsv,
    WorkbookKindUnknown,
    WorkbookTooLarge,
)
from services.member.workbooks.sheet_facts import SheetFacts

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = (
    (b"\xff\xd8\xff", "图片"),
    (b"\x89PNG", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"RIFF", "图片"),
    (b"%PDF", "PDF文件"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", "文字文档"),
)
_MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<table|<meta|<style|mime-version)", re.IGNORECASE)
_UTF_8_MARK = b"\xef\xbb\xbf"
_SUFFIXES = {".xlsx", ".xls"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be read: the bytes, facts by sheet name (.xlsx) or in order (.xls), and how days are counted."""

    content: bytes
    facts: dict[str, SheetFacts] | tuple[SheetFacts, ...]
    epoch_1904: bool

    def facts_of(self, name: str, index: int) -> SheetFacts:
        if isinstance(self.facts, dict):
            return self.facts.get(name, SheetFacts())
        return self.facts[index] if index < len(self.facts) else SheetFacts()


def check_outside(content: bytes, file_name: str) -> None:
    """What can be said without opening the file: size, name, signature. Cheap enough for any process."""
    suffix = PurePath(file_name).suffix.lower()
    if not content:
        raise WorkbookEmpty
    if len(content) > limits.FILE_BYTES:
        raise WorkbookTooLarge
    if suffix in {".csv", ".txt", ".tsv"}:
        raise WorkbookIsCsv
    if content.startswith((*_ZIP, COMPOUND)):
        if suffix not in _SUFFIXES:
            raise WorkbookKindUnknown(found=suffix or "没有扩展名的文件")
        return
    for signature, found in _OTHERS:
        if content.startswith(signature):
            raise WorkbookKindUnknown(found=found)
    if _MARKUP.match(content.removeprefix(_UTF_8_MARK)[:200]):
        raise WorkbookKindUnknown(found="网页或XML表格")
    if _is_text(content):
        raise WorkbookIsCsv
    raise WorkbookDamaged


def check(content: bytes, file_name: str) -> Checked:
    """All checks. Raises a WorkbookRefused; what it returns is within the limits and holds nothing active."""
    check_outside(content, file_name)
    if content.startswith(COMPOUND):
        binary = look_through(content)
        return Checked(content, binary.facts, binary.epoch_1904)
    package = open_package(content)
    return Checked(package.content, package.facts, package.epoch_1904)


def _is_text(content: bytes) -> bool:
    sample = content[:4096]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 32 for byte in sample)
