"""Passwords of registrations that wait, as slow hashes (IDN-02): gone when the registration ends, whichever way."""

from typing import Any

from services.identity.use_cases.ports import Kept
from shared.eventstore.conditions import Row
from shared.eventstore.driver import ensure_collections

COLLECTION = "kept_passwords"


class MongoKeptPasswords:
    """{_id: registration, hash, buckets}."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[COLLECTION]

    async def prepare(self) -> None:
        await ensure_collections(self._database, COLLECTION)

    def first(self, kept: Kept) -> Row:
        document = {"_id": kept.registration, "hash": kept.hash, "buckets": list(kept.buckets)}
        return Row(self._database.name, COLLECTION, document)

    async def find(self, registration: str) -> Kept | None:
        row = await self._rows.find_one({"_id": registration})
        return Kept(row["_id"], row["hash"], tuple(row["buckets"])) if row else None

    async def destroy(self, registration: str) -> None:
        await self._rows.delete_one({"_id": registration})
