"""X06: wrong tries counted in MongoDB, so that every process and every restart sees the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.identity.adapters import LEFT_OVER_SECONDS
from services.identity.domain.sign_in import FORGOTTEN_AFTER, lock_after
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import from_micros, to_micros
from shared.kernel.refusals import SystemBusy

RACES_MAX = 50


class MongoTries:
    """Rows {_id: bucket, wrong, last_at} and, for windows, {_id: bucket and window, taken}; both with `forget_at`."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database["tries"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "tries")
        await self._rows.create_indexes([IndexModel("forget_at", expireAfterSeconds=LEFT_OVER_SECONDS)])

    async def locked_until(self, bucket: str, now: datetime) -> datetime | None:
        return _locked_until(await self._rows.find_one({"_id": bucket}), now)

    async def begin(self, bucket: str, now: datetime) -> datetime | None:
        """Compare and set: of many at once each counts on what it saw, or looks again."""
        for _ in range(RACES_MAX):
            row = await self._rows.find_one({"_id": bucket})
            if locked := _locked_until(row, now):
                return locked
            wrong = _wrong(row, now)
            counted = {"wrong": wrong + 1, "last_at": to_micros(now), "forget_at": now + FORGOTTEN_AFTER}
            if row is None:
                try:
                    await self._rows.insert_one({"_id": bucket, **counted})
                except DuplicateKeyError:
                    continue
                return None
            seen = {"_id": bucket, "wrong": row["wrong"], "last_at": row["last_at"]}
            result = await self._rows.update_one(seen, {"$set": counted})
            if result.matched_count:
                return None
        raise SystemBusy

    async def forgive(self, buckets: Sequence[str]) -> None:
        await self._rows.delete_many({"_id": {"$in": list(buckets)}})

    async def take(self, bucket: str, most: int, window: timedelta, now: datetime) -> datetime | None:
        id_, ends = _window(bucket, window, now)
        change = {"$inc": {"taken": 1}, "$setOnInsert": {"forget_at": ends}}
        try:
            row = await self._rows.find_one_and_update(
                {"_id": id_}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            row = await self._rows.find_one_and_update({"_id": id_}, change, return_document=ReturnDocument.AFTER)
        return ends if row and row["taken"] > most else None

    async def give_back(self, bucket: str, window: timedelta, now: datetime) -> None:
        id_, _ = _window(bucket, window, now)
        await self._rows.update_one({"_id": id_, "taken": {"$gt": 0}}, {"$inc": {"taken": -1}})


def _window(bucket: str, window: timedelta, now: datetime) -> tuple[str, datetime]:
    size = window // timedelta(microseconds=1)
    number = to_micros(now) // size
    return f"{bucket}@{number}", from_micros((number + 1) * size)


def _wrong(row: dict[str, Any] | None, now: datetime) -> int:
    """Wrong tries in a row; nothing after thirty days without one."""
    if row is None or now - from_micros(row["last_at"]) >= FORGOTTEN_AFTER:
        return 0
    return int(row["wrong"])


def _locked_until(row: dict[str, Any] | None, now: datetime) -> datetime | None:
    if row is None:
        return None
    until = from_micros(row["last_at"]) + lock_after(_wrong(row, now))
    return until if now < until else None
