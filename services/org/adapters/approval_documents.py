"""Uploaded approval documents: one row each in the service's database, gone after a day if no form took it.

Rows, not GridFS: a file of at most 10 MiB fits one, is there whole or not at all, and both drivers store it the same
way. Names are kept here, where they can be deleted, and never in an event.
"""

from typing import Any

from pymongo.errors import DuplicateKeyError

from services.org.use_cases.documents import ApprovalDocument
from shared.kernel.refusals import IdempotencyKeyReused

UNUSED_HOURS = 24


class ApprovalDocuments:
    """`database` is the service's own."""

    def __init__(self, database: Any) -> None:
        self._files = database["approval_documents"]

    async def prepare(self) -> None:
        """The server itself removes what expired, by its own clock."""
        await self._files.create_index("expires_at", expireAfterSeconds=0)

    async def add(self, document: ApprovalDocument, by: str, request_hash: str) -> None:
        new = {"_id": document.id, "request_hash": {"$exists": False}}
        expires = {"$dateAdd": {"startDate": "$$NOW", "unit": "hour", "amount": UNUSED_HOURS}}
        values = {
            "name": {"$literal": document.file_name},
            "media_type": document.media_type,
            "content": {"$literal": document.content},
            "by": by,
            "request_hash": request_hash,
            "expires_at": expires,
        }
        try:
            await self._files.update_one(new, [{"$set": values}], upsert=True)
        except DuplicateKeyError:
            there = await self._files.find_one({"_id": document.id}, {"request_hash": 1})
            if there is not None and there["request_hash"] != request_hash:
                raise IdempotencyKeyReused from None

    async def keep(self, document: str, by: str) -> bool:
        result = await self._files.update_one({"_id": document, "by": by}, {"$unset": {"expires_at": ""}})
        return bool(result.matched_count)

    async def get(self, document: str, *, content: bool) -> ApprovalDocument | None:
        wanted = {"name": 1, "media_type": 1} | ({"content": 1} if content else {})
        found = await self._files.find_one({"_id": document}, wanted)
        if found is None:
            return None
        return ApprovalDocument(found["_id"], found["name"], found["media_type"], found.get("content", b""))
