"""Where given texts lie in clear in what a system leaves: databases, topics, logs and every other file (P11)."""

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings
from tests.faults.system import System
from tests.faults.topics import records

CHUNK_BYTES = 1024 * 1024
OPLOG = "local.oplog.rs"


class Texts:
    """Texts to look for, each as a careless writer might spell it: plain, in JSON, in an address, in UTF-16."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._spellings = {
            name: {
                text.encode(),
                json.dumps(text)[1:-1].encode(),
                quote(text).encode(),
                text.encode("utf-16-le"),
            }
            for name, text in texts.items()
        }
        self.longest = max(len(s) for spellings in self._spellings.values() for s in spellings)

    def in_(self, data: bytes) -> set[str]:
        """The names of those that occur."""
        return {name for name, spellings in self._spellings.items() if any(s in data for s in spellings)}


Found = dict[str, set[str]]
"""Place -> names of the texts found there."""


def in_databases(url: str, texts: Texts) -> Found:
    """Every document of every collection, the oplog's by the collection they are about."""
    found: Found = {}
    client: MongoClient[RawBSONDocument]
    with MongoClient(url, document_class=RawBSONDocument) as client:
        for name in client.list_database_names():
            database = client[name]
            for collection in database.list_collection_names(filter={"type": "collection"}):
                for place, data in _gathered(_documents(f"{name}.{collection}", database[collection].find({}))):
                    if names := texts.in_(data):
                        found.setdefault(place, set()).update(names)
    return found


def _documents(place: str, documents: Iterable[RawBSONDocument]) -> Iterator[tuple[str, bytes]]:
    for document in documents:
        if place != OPLOG:
            yield place, document.raw
            continue
        operation: Any = document.get("o", {})
        for each in operation.get("applyOps", [document]):
            yield f"oplog of {each.get('ns')}", each.raw


def _gathered(documents: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Many small ones of a place as one, which is searched much faster."""
    waiting: dict[str, bytearray] = {}
    for place, data in documents:
        gathered = waiting.setdefault(place, bytearray())
        gathered += data
        if len(gathered) > CHUNK_BYTES:
            yield place, bytes(waiting.pop(place))
    yield from ((place, bytes(data)) for place, data in waiting.items())


async def in_topics(settings: Settings, texts: Texts) -> Found:
    """Keys, values and headers of every record, by topic; what lies in the files is compressed."""
    found: Found = {}
    there = await Topics(settings.namespace).there(connection(settings), SOURCES)
    async for topic, record in records(settings, there):
        parts = [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
        if names := texts.in_(b"\0".join(parts)):
            found.setdefault(topic, set()).update(names)
    return found


def in_what_is_told(system: System, texts: Texts) -> Found:
    """What leaves the machine for operators: every span sent so far, and what each process shows as metrics."""
    told = {"spans": list(system.spans.bodies)}
    for part in (*system.stack.services(), "web-metrics"):
        told[f"metrics of {part}"] = [httpx.get(f"{system.stack.url(part)}/metrics", trust_env=False).content]
    return {place: names for place, parts in told.items() if (names := set().union(*map(texts.in_, parts)))}


def in_files(directory: Path, texts: Texts) -> Found:
    """Every file below a directory, by its relative path."""
    found: Found = {}
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        for chunk in _chunks(path, texts.longest):
            if names := texts.in_(chunk):
                found.setdefault(str(path.relative_to(directory)), set()).update(names)
    return found


def _chunks(path: Path, overlap: int) -> Iterator[bytes]:
    """What a file holds, piece by piece; the holes of files that Kafka makes large beforehand are left out."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            at = 0
            while (at := _next_data(file.fileno(), at, end)) < end:
                file.seek(max(0, at - overlap))
                data = file.read(overlap + CHUNK_BYTES)
                if data.count(0) < len(data):
                    yield data
                at = file.tell()
    except FileNotFoundError:  # a server may drop a file of its own meanwhile
        return


def _next_data(handle: int, at: int, end: int) -> int:
    """Where something is written from an offset on; the end if there is nothing more."""
    if at >= end:
        return end
    try:
        return os.lseek(handle, at, os.SEEK_DATA)
    except OSError as nothing:
        if nothing.errno != errno.ENXIO:
            raise
        return end
