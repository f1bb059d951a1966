"""Stamped forms of account applications (ADM-07): one sealed row each, in the service's database.

A form is there before the application that names it: that one's transaction steps `kept`, and what it never took the
server removes within a day. So ten MiB are never part of a transaction, and there is no application without its form.
"""

from datetime import timedelta
from typing import Any

from pymongo import IndexModel

from shared.eventstore.conditions import Gate
from shared.eventstore.driver import ensure_collections

FORMS = "application_forms"
UNUSED = timedelta(days=1)


class ApplicationForms:
    """Rows {_id: form, content: sealed, kept: 0 or 1, expires_at}. `database` is the service's own."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[FORMS]

    async def prepare(self) -> None:
        """The server removes by its own clock what no application took."""
        await ensure_collections(self._database, FORMS)
        unused = {"expireAfterSeconds": 0, "partialFilterExpression": {"kept": 0}}
        await self._rows.create_indexes([IndexModel("expires_at", **unused)])

    async def add(self, form: str, sealed: bytes) -> None:
        """`form` names one upload once and for ever."""
        expires = {"$dateAdd": {"startDate": "$$NOW", "unit": "hour", "amount": UNUSED // timedelta(hours=1)}}
        values = {"content": {"$literal": sealed}, "kept": 0, "expires_at": expires}
        await self._rows.update_one({"_id": form}, [{"$set": values}], upsert=True)

    def taken(self, form: str) -> Gate:
        """The condition that keeps it with the commit that names it."""
        return Gate(FORMS, form, "kept", 1, where={"kept": 0})

    async def content(self, form: str) -> bytes | None:
        """Still sealed; None once it was deleted."""
        row = await self._rows.find_one({"_id": form}, {"content": 1})
        return bytes(row["content"]) if row else None

    async def delete(self, form: str) -> None:
        await self._rows.delete_one({"_id": form})
