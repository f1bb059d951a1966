"""Stored positions of readers: one row per (read model, topic, partition), advanced only from its former value."""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared.messaging.guard import Guard

POSITIONS = "positions"

Row = dict[str, Any]


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


async def advance(collection: Any, former: Mapping[str, Any] | None, row: Row, session: Any) -> None:
    """Moves one position inside a transaction. Raises PositionsMoved when it is not where this reader left it.

    Without the former value as filter two readers both apply what each believes to be next.
    """
    if former is None:
        try:
            await collection.insert_one(row, session=session)
        except DuplicateKeyError as error:
            raise PositionsMoved from error
        return
    result = await collection.replace_one(dict(former), row, session=session)
    if not result.matched_count:
        raise PositionsMoved
