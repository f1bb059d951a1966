"""Whether two copies of a read model say the same: by digest, and by the ids of the documents that do not."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.projections.projection import Projection

NAMED_MAX = 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """`digests` of both copies, in the order of ids; `count` documents differ, the first of them are `differ`."""

    documents: int
    digests: tuple[str, str]
    count: int
    differ: tuple[str, ...]

    def __str__(self) -> str:
        if self.count:
            return f"{self.count} of {self.documents} documents differ"
        return f"{self.documents} documents agree, digest {self.digests[0][:16]}"


async def agreement(database: Any, one: Projection, other: Projection, session: Any = None) -> Agreement:
    """Compares what `one` had in `session` with what `other` has. Never shows what is in a document."""
    hashes = hashlib.sha256(), hashlib.sha256()
    documents, differ = 0, []
    for name, beside in zip(one.collections, other.collections, strict=True):
        left = _lines(database[name].find({}, session=session), one)
        right = _lines(database[beside].find({}), other)
        async for document, lines in _side_by_side(left, right):
            documents += 1
            for line, digest in zip(lines, hashes, strict=True):
                digest.update(line)
            if lines[0] != lines[1]:
                differ.append(document)
    return Agreement(documents, (hashes[0].hexdigest(), hashes[1].hexdigest()), len(differ), tuple(differ[:NAMED_MAX]))


async def _lines(cursor: Any, projection: Projection) -> AsyncIterator[tuple[str, bytes]]:
    async for document in cursor.sort("_id", 1):
        yield str(document["_id"]), _canonical(projection.compared(document))


async def _side_by_side(
    left: AsyncIterator[tuple[str, bytes]], right: AsyncIterator[tuple[str, bytes]]
) -> AsyncIterator[tuple[str, tuple[bytes, bytes]]]:
    """Both in the order of ids; what one does not have is empty."""
    a, b = await anext(left, None), await anext(right, None)
    while a or b:
        key = min(pair[0] for pair in (a, b) if pair)
        lines = (a[1] if a and a[0] == key else b"", b[1] if b and b[0] == key else b"")
        yield key, lines
        if a and a[0] == key:
            a = await anext(left, None)
        if b and b[0] == key:
            b = await anext(right, None)


def _canonical(document: Mapping[str, Any]) -> bytes:
    """The same bytes for the same values, in whatever order they were written."""
    return json.dumps(document, sort_keys=True, default=str).encode()
