"""What waits until when: one row a deadline, written in the transaction of the fact that has `due_at`.

`deadlines` rows: `_id` the deadline, `kind`, `stream`, `due_at` int64 microseconds. A row only reminds: the fact says
what is due when, and the command decides again. So a row left over does nothing, and none is ever taken back early.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from shared.eventstore.conditions import Row
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import from_micros, to_micros

DEADLINES = "deadlines"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`id` names it once and for ever; `kind` says which command is sent to `stream` from `due_at` on."""

    id: str
    kind: str
    stream: str
    due_at: datetime


class Deadlines:
    """The rows of one service. `database` is its own."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[DEADLINES]

    async def prepare(self) -> None:
        """Collection and index; a transaction creates neither. Idempotent."""
        await ensure_collections(self._database, DEADLINES)
        await self._rows.create_indexes([IndexModel([("due_at", 1)])])

    def row(self, deadline: Deadline) -> Row:
        """The condition that writes the row with the commit of its fact."""
        document = {
            "_id": deadline.id,
            "kind": deadline.kind,
            "stream": deadline.stream,
            "due_at": to_micros(deadline.due_at),
        }
        return Row(self._database.name, DEADLINES, document)

    async def due(self, now: datetime, most: int) -> Sequence[Deadline]:
        """Up to `most` deadlines that are due at an instant, the longest due first."""
        found = self._rows.find({"due_at": {"$lte": to_micros(now)}}).sort("due_at", 1).limit(most)
        return [Deadline(r["_id"], r["kind"], r["stream"], from_micros(r["due_at"])) for r in await found.to_list(None)]

    async def settle(self, deadline: Deadline) -> None:
        """What it reminded of is decided."""
        await self._rows.delete_one({"_id": deadline.id})
