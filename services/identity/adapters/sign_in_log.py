"""IDN-09: every sign-in and every try, only ever appended: ids, keyed hashes and networks, nothing personal."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.use_cases.ports import LogEntry, Outcome
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import from_micros, to_micros

COLLECTION = "sign_in_log"


def document_of(entry: LogEntry) -> dict[str, Any]:
    """{subject, at (microseconds), outcome, place, agent, session}; `_id` is MongoDB's."""
    return {
        "subject": entry.subject,
        "at": to_micros(entry.at),
        "outcome": entry.outcome.value,
        "place": entry.place,
        "agent": entry.agent,
        "session": entry.session,
    }


class MongoSignInLog:
    """Only ever inserted into."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database[COLLECTION]

    async def prepare(self) -> None:
        await ensure_collections(self._database, COLLECTION)
        signed_in = {"outcome": {"$in": [Outcome.SIGNED_IN.value, Outcome.ACTIVATED.value]}}
        await self._rows.create_indexes(
            [
                IndexModel([("subject", 1), ("at", -1)]),
                IndexModel([("subject", 1), ("at", -1)], name="signed_in", partialFilterExpression=signed_in),
            ]
        )

    async def write(self, entry: LogEntry) -> None:
        await self._rows.insert_one(document_of(entry))

    async def of(self, subject: str, before: datetime | None, limit: int) -> list[LogEntry]:
        earlier = {"at": {"$lt": to_micros(before)}} if before else {}
        found = self._rows.find({"subject": subject, **earlier})
        return [_entry(row) for row in await found.sort("at", -1).limit(limit).to_list(limit)]

    async def last_sign_in(self, principal: str) -> datetime | None:
        wanted = {"subject": principal, "outcome": {"$in": [Outcome.SIGNED_IN.value, Outcome.ACTIVATED.value]}}
        row = await self._rows.find_one(wanted, {"at": 1}, sort=[("at", -1)])
        return from_micros(row["at"]) if row else None


def _entry(row: dict[str, Any]) -> LogEntry:
    return LogEntry(
        at=from_micros(row["at"]),
        subject=row["subject"],
        outcome=Outcome(row["outcome"]),
        place=row["place"],
        agent=row["agent"],
        session=row["session"],
    )
