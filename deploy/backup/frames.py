"""The files of a backup: documents as MongoDB stores them, in frames that are compressed and then sealed.

A frame is four bytes of length and a sealed blob of concatenated BSON (shared/privacy/sealing), bound to the backup,
the collection and the frame's number: one that is changed, moved or taken from elsewhere does not open. Reading and
writing hold one frame in memory.
"""

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bson import CodecOptions, decode_all
from bson.raw_bson import RawBSONDocument

from deploy.backup.problems import BackupRefused
from shared.privacy.sealing import BLOB_BYTES_MAX, SealBroken, open_blob, seal_blob

FRAME_BYTES = 1 << 20
RAW: "CodecOptions[RawBSONDocument]" = CodecOptions(document_class=RawBSONDocument)
Raw = bytes | memoryview
_LENGTH = 4
_LEVEL = 1
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Place:
    """Whose file it is: the id and the key of a backup, and a collection as `service/name`."""

    backup: str
    key: bytes
    collection: str

    def frame(self, number: int) -> str:
        return f"{self.collection}/{number}"


class Content:
    """A digest of documents whatever their order, so that a restored collection can be compared with its file."""

    def __init__(self) -> None:
        self.documents = 0
        self._sum = 0

    def add(self, documents: Iterable[Raw]) -> None:
        for document in documents:
            self._sum = (self._sum + int.from_bytes(hashlib.sha256(document).digest(), "big")) % _MODULUS
            self.documents += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"


class Writer:
    """Writes a new file; `close` makes it last."""

    def __init__(self, path: Path, place: Place) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file: IO[bytes] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._place = place
        self._waiting: list[Raw] = []
        self._held = 0
        self.content = Content()
        self.frames = 0
        self.size = 0

    def write(self, documents: Sequence[Raw]) -> None:
        """Adds documents in their stored form."""
        self.content.add(documents)
        for document in documents:
            if self._held + len(document) > FRAME_BYTES:
                self._flush()
            self._waiting.append(document)
            self._held += len(document)

    def close(self) -> None:
        self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self.size = self._file.tell()
        self._file.close()

    def _flush(self) -> None:
        if self._waiting:
            place = self._place
            packed = zlib.compress(b"".join(self._waiting), _LEVEL)
            sealed = seal_blob(place.key, place.backup, place.frame(self.frames), packed)
            self._file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
            self.frames += 1
            self._waiting, self._held = [], 0


def frames_of(path: Path, place: Place, frames: int) -> Iterator[list[RawBSONDocument]]:
    """The documents of a file, a frame at a time. Raises BackupRefused unless it has exactly `frames` sound frames."""
    try:
        with path.open("rb") as file:
            for number in range(frames):
                yield _frame(file, path, place, number)
            if file.read(1):
                raise BackupRefused.damaged(path)
    except OSError as error:
        raise BackupRefused.damaged(path) from error


def _frame(file: IO[bytes], path: Path, place: Place, number: int) -> list[RawBSONDocument]:
    size = int.from_bytes(file.read(_LENGTH), "big")
    if not 0 < size <= 2 * BLOB_BYTES_MAX:
        raise BackupRefused.damaged(path)
    try:
        packed = open_blob(place.key, place.backup, place.frame(number), file.read(size))
    except SealBroken as error:
        raise BackupRefused.damaged(path) from error
    return decode_all(zlib.decompress(packed), RAW)
