"""Copies of a read model: which one is read, which one is fed, which one is being built beside them (kernel.md 4).

One row a read model in `copies` of the service's database, made by the first loop that feeds it. The number of a copy
is part of the names of its collections and of the keys of its positions; a copy is made of one generation of topics.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple, NotRequired, TypedDict

from pymongo import ReturnDocument

COPIES = "copies"
CACHED_SECONDS = 1.0
"""How long a process may take for an older copy what another one is already; far shorter than an old copy is kept."""

FOLLOWED_SECONDS = 5.0
"""How often a loop looks which copy is to be fed: at rest, some fifty loops of a system do little else."""


class Copy(NamedTuple):
    """A copy by its number, and the generation of topics that it is made of."""

    number: int = 1
    generation: int = 1

    @property
    def suffix(self) -> str:
        """Of the keys of its positions; the first copy has none."""
        return "" if self.number == 1 else f"-c{self.number}"


class Row(TypedDict):
    """The stored form. `made` is the highest number ever given; `differ` are documents (ids) that do not agree."""

    _id: str
    read: int
    fed: int
    made: int
    generations: dict[str, int]
    built: NotRequired[int]
    since: NotRequired[int]
    differ: NotRequired[list[str]]


def collection_of(name: str, number: int) -> str:
    """The name of a copy's collection."""
    return name if number == 1 else f"{name}_c{number}"


class CopiesMoved(Exception):
    """Somebody else changed the row meanwhile: what was to be done is not true any more."""


class Copies:
    """The row of one read model. `key` is its name with its version: `organizations-v2`."""

    def __init__(self, database: Any, key: str) -> None:
        self._rows = database[COPIES]
        self.key = key
        self._read = 0
        self._until = 0.0

    async def read(self) -> int:
        """The number of the copy to read from, as it was at most CACHED_SECONDS ago."""
        now = time.monotonic()
        if not self._read or now >= self._until:
            self._until = now + CACHED_SECONDS
            row = await self.row()
            self._read = row["read"] if row else 1
        return self._read

    async def row(self, session: Any = None) -> Row | None:
        found: Row | None = await self._rows.find_one({"_id": self.key}, session=session)
        return found

    async def fed(self) -> Copy | None:
        """The copy that loops keep up to date; None before the first."""
        row = await self.row()
        return copy_of(row, row["fed"]) if row else None

    async def first(self, generation: int) -> Copy:
        """Makes the row of a read model that is new: its first copy, of that generation. Answers the copy to feed."""
        new = {"read": 1, "fed": 1, "made": 1, "generations": {"1": generation}}
        row = await self._rows.find_one_and_update(
            {"_id": self.key}, {"$setOnInsert": new}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return copy_of(row, row["fed"])

    async def build(self, generation: int, now: int) -> Copy:
        """The copy to be built: the one begun already, if it is of that generation, or the next number.

        Raises CopiesMoved if that one was begun for another generation: it is abandoned first.
        """
        row = await self.row()
        if row is None:
            raise CopiesMoved(f"{self.key} was never fed: start its service")
        if built := row.get("built"):
            if row["generations"][str(built)] != generation:
                raise CopiesMoved(f"{self.key} is being rebuilt from older topics")
            return copy_of(row, built)
        number = row["made"] + 1
        change = {"built": number, "made": number, "since": now, f"generations.{number}": generation}
        await self._change({"made": row["made"], "built": {"$exists": False}}, {"$set": change})
        return Copy(number, generation)

    async def differ(self, number: int, ids: list[str]) -> None:
        """Keeps which documents did not agree with those of the copy that is read."""
        await self._change({"built": number}, {"$set": {"differ": ids}})

    async def feed(self, number: int, session: Any) -> None:
        """From here on loops feed the copy that was built; readers stay where they are until `show`."""
        await self._change({"built": number}, {"$set": {"fed": number}}, session)

    async def show(self, number: int) -> None:
        """From here on readers read it, and it is a copy like any other."""
        await self._change({"built": number, "fed": number}, {"$set": {"read": number}, "$unset": _BUILDING})

    async def abandon(self, number: int) -> None:
        """Forgets a copy that is not fed by the loops yet. Raises CopiesMoved if it is."""
        await self._change({"built": number, "fed": {"$ne": number}}, {"$unset": _BUILDING})

    async def forget(self, number: int) -> None:
        """A copy that is dropped."""
        await self._rows.update_one({"_id": self.key}, {"$unset": {f"generations.{number}": ""}})

    async def _change(self, where: Mapping[str, Any], change: Mapping[str, Any], session: Any = None) -> None:
        result = await self._rows.update_one({"_id": self.key, **where}, change, session=session)
        if not result.matched_count:
            raise CopiesMoved(f"another process changed the copies of {self.key}: ask again")


_BUILDING = {"built": "", "since": "", "differ": ""}


def copy_of(row: Row, number: int) -> Copy:
    return Copy(number, row["generations"][str(number)])
