"""How often somebody named a pair of name and number that did not fit, counted so that every process sees the same."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import local_date

TRIES = "tries"
WRONG_MAX = 20


class WrongPairs:
    """Rows {_id: principal and day, taken, forget_at}. `database` is the service's own."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[TRIES]

    async def prepare(self) -> None:
        await ensure_collections(self._database, TRIES)
        await self._rows.create_indexes([IndexModel("forget_at", expireAfterSeconds=86_400)])

    async def begin(self, principal: str, now: datetime) -> bool:
        """Counts a try as wrong before it is looked at, so that many at once are not more; False after 20 in a day."""
        change = {"$inc": {"taken": 1}, "$setOnInsert": {"forget_at": now + timedelta(days=1)}}
        after: dict[str, Any] = {"return_document": ReturnDocument.AFTER}
        try:
            row = await self._rows.find_one_and_update(_of(principal, now), change, upsert=True, **after)
        except DuplicateKeyError:
            row = await self._rows.find_one_and_update(_of(principal, now), change, **after)
        return bool(row["taken"] <= WRONG_MAX)

    async def was_right(self, principal: str, at: datetime) -> None:
        """Only wrong ones count; `at` is the instant at which it began."""
        await self._rows.update_one({**_of(principal, at), "taken": {"$gt": 0}}, {"$inc": {"taken": -1}})


def _of(principal: str, at: datetime) -> dict[str, str]:
    return {"_id": f"{principal}@{local_date(at)}"}
