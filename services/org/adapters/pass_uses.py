"""X20: how often each pass was used, counted in MongoDB, so that every process sees the same."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.eventstore.driver import ensure_collections
from shared.http.passes import LIFETIME_SECONDS

USES = "pass_uses"
USES_MAX = 30


class PassUses:
    """Rows {_id: pass, taken, forget_at}; a row outlives its pass. `database` is the service's own."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[USES]

    async def prepare(self) -> None:
        await ensure_collections(self._database, USES)
        await self._rows.create_indexes([IndexModel("forget_at", expireAfterSeconds=86_400)])

    async def take(self, pass_id: str, now: datetime) -> bool:
        """One use of thirty; False if they are used up."""
        change = {
            "$inc": {"taken": 1},
            "$setOnInsert": {"forget_at": now + timedelta(seconds=2 * LIFETIME_SECONDS)},
        }
        after: dict[str, Any] = {"return_document": ReturnDocument.AFTER}
        try:
            row = await self._rows.find_one_and_update({"_id": pass_id}, change, upsert=True, **after)
        except DuplicateKeyError:
            row = await self._rows.find_one_and_update({"_id": pass_id}, change, **after)
        return bool(row and row["taken"] <= USES_MAX)
