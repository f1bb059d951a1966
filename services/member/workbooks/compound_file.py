"""The container of .xls and of encrypted workbooks (MS-CFB), as far as needed to look before reading."""

import struct
from dataclasses import dataclass

from services.member.workbooks.refusals import WorkbookDamaged

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER = 512
_ENTRY = 128
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A directory entry: storages (folders) and streams (files) alike."""

    name: str
    kind: int
    start: int
    size: int


class CompoundFile:
    """Directory and streams. Every chain is bounded by the number of sectors, so a circle ends in WorkbookDamaged."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            self._read_header()
        except (struct.error, IndexError) as error:
            raise WorkbookDamaged from error

    def names(self) -> set[str]:
        """Lower-case names of all storages and streams."""
        return {entry.name.lower() for entry in self.entries}

    def stream(self, *names: str) -> bytes | None:
        """The content of the first stream of one of these names."""
        for entry in self.entries:
            if entry.kind == _STREAM and entry.name.lower() in names:
                return self._read(entry)
        return None

    def _read_header(self) -> None:
        content = self._content
        (shift, mini_shift) = struct.unpack_from("<HH", content, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise WorkbookDamaged
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        self._count = max(0, len(content) - _HEADER) // self._size + 1
        directory, self._cutoff, mini_fat = struct.unpack_from("<I4xII", content, 48)
        self._fat = self._read_fat()
        table = self._chain(directory, self._fat, self._count)
        raw = b"".join(map(self._sector, table))
        self.entries = [
            entry for at in range(0, len(raw) - _ENTRY + 1, _ENTRY) if (entry := _entry(raw, at)) is not None
        ]
        root = next((entry for entry in self.entries if entry.kind == _ROOT), None)
        self._mini_fat = _numbers(b"".join(map(self._sector, self._chain(mini_fat, self._fat, self._count))))
        self._mini = b"".join(map(self._sector, self._chain(root.start, self._fat, self._count))) if root else b""

    def _read_fat(self) -> tuple[int, ...]:
        sectors = list(struct.unpack_from("<109I", self._content, 76))
        following = struct.unpack_from("<I", self._content, 68)[0]
        for _ in range(self._count):
            if following >= _LAST_SECTOR:
                break
            *more, following = _numbers(self._sector(following))
            sectors.extend(more)
        return _numbers(b"".join(self._sector(sector) for sector in sectors if sector < _LAST_SECTOR))

    def _sector(self, number: int) -> bytes:
        at = self._size * (number + 1)
        sector = self._content[at : at + self._size]
        if not sector or number >= self._count:
            raise WorkbookDamaged
        return sector.ljust(self._size, b"\0")

    def _chain(self, start: int, table: tuple[int, ...], most: int) -> list[int]:
        chain: list[int] = []
        while start < _LAST_SECTOR:
            if len(chain) > most or start >= len(table):
                raise WorkbookDamaged
            chain.append(start)
            start = table[start]
        return chain

    def _read(self, entry: Entry) -> bytes:
        if entry.size >= self._cutoff:
            sectors = self._chain(entry.start, self._fat, self._count)
            return b"".join(map(self._sector, sectors))[: entry.size]
        size = self._mini_size
        chain = self._chain(entry.start, self._mini_fat, len(self._mini_fat))
        return b"".join(self._mini[at * size : (at + 1) * size] for at in chain)[: entry.size]


def _numbers(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _entry(raw: bytes, at: int) -> Entry | None:
    length, kind = struct.unpack_from("<HB", raw, at + 64)
    if kind == 0 or not 2 <= length <= 64:
        return None
    start, size = struct.unpack_from("<II", raw, at + 116)
    return Entry(raw[at : at + length - 2].decode("utf-16-le", "replace"), kind, start, size)
