"""Stored positions of readers: one row per (read model, topic, partition), advanced only from its former value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.messaging.guard import Guard

POSITIONS = "positions"
CLOSED = "closed"
"""The `id` in rows of a copy that is fed no more: no record has it, so no former value holds."""

Row = dict[str, Any]


@dataclass(slots=True)
class Held:
    """A partition that a reader has taken over. `stored` is its row as last written, `end` where the partition ended
    then: the offset of the next record.
    """

    guard: Guard
    stored: Row | None
    end: int
    unsaved: bool = False
    misfit: str = ""
    misfit_since: float = 0.0


class PositionsMoved(Exception):
    """Somebody else advanced a position: this reader forgets everything and starts from what is stored."""


def position_row(row_id: str, guard: Guard) -> Row:
    """The stored form: `{_id, offset, epoch, ordinal, index, id}`."""
    position = guard.position
    return {
        "_id": row_id,
        "offset": guard.offset,
        "epoch": position.epoch if position else 0,
        "ordinal": position.ordinal if position else 0,
        "index": position.index if position else 0,
        "id": guard.id,
    }


def closing(row_id: str) -> UpdateOne:
    """Ends all advancing from a row that any reader has loaded, or has not found; its offset stays to be seen."""
    none = {"offset": -1, "epoch": 0, "ordinal": 0, "index": 0}
    return UpdateOne({"_id": row_id}, {"$set": {"id": CLOSED}, "$setOnInsert": none}, upsert=True)


async def advance(collection: Any, moves: Sequence[tuple[Mapping[str, Any] | None, Row]], session: Any) -> None:
    """Moves positions inside a transaction, each from its former row (None: there was none) to a new one.

    Raises PositionsMoved when one is not where this reader left it: without the former value as filter two readers
    both apply what each believes to be next.
    """
    new = [row for former, row in moves if former is None]
    if new:
        try:
            await collection.insert_many(new, ordered=True, session=session)
        except BulkWriteError as error:
            raise PositionsMoved from error
    further = [ReplaceOne(dict(former), row) for former, row in moves if former is not None]
    if further:
        result = await collection.bulk_write(further, ordered=True, session=session)
        if result.matched_count < len(further):
            raise PositionsMoved
