"""Leases: one process at a time does a certain work; the server's clock decides, so skewed machines agree."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.runtime.ending import ended

LEASE_SECONDS = 10.0


class Lease:
    """A row of `collection` named `name`, held for `seconds` from the last renewal.

    A holder that was paused may still act after another took over: what it writes must be fenced by its own
    conditions (a version, a former value); the lease only keeps work from being done twice for nothing.
    """

    def __init__(self, collection: Any, name: str, seconds: float = LEASE_SECONDS) -> None:
        self._collection = collection
        self.name = name
        self.seconds = seconds
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"

    async def take(self) -> bool:
        """Takes or renews the lease; False when somebody else has it."""
        free = {"$or": [{"$eq": ["$owner", self.owner]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(self.seconds * 1000)}}
        change = [
            {
                "$set": {
                    "owner": {"$cond": [free, self.owner, "$owner"]},
                    "until": {"$cond": [free, until, "$until"]},
                }
            }
        ]
        try:
            row = await self._collection.find_one_and_update(
                {"_id": self.name}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return False
        return bool(row["owner"] == self.owner)

    async def give_back(self) -> None:
        await self._collection.delete_one({"_id": self.name, "owner": self.owner})

    @asynccontextmanager
    async def held(self, retry_seconds: float = 1.0) -> AsyncIterator[asyncio.Event]:
        """Waits for the lease, keeps renewing it, and gives it back. The event is set when it was lost."""
        while not await self.take():
            await asyncio.sleep(retry_seconds)
        lost = asyncio.Event()
        renewal = asyncio.create_task(self._renew(lost))
        try:
            yield lost
        finally:
            await ended(renewal)
            await self.give_back()

    async def _renew(self, lost: asyncio.Event) -> None:
        try:
            while await self.take():
                await asyncio.sleep(self.seconds / 3)
        finally:
            lost.set()
