"""Sessions in MongoDB: {_id: hash of the secret, id, principal, version, place, agent} and three instants."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.adapters import LEFT_OVER_SECONDS
from services.identity.use_cases.ports import Session
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import from_micros, to_micros

LISTED_MAX = 100


def _hash(secret: str) -> str:
    """A fast hash is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class MongoSessions:
    """A secret that leaks from here opens nothing: only its hash is kept."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database["sessions"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "sessions")
        await self._rows.create_indexes(
            [
                IndexModel("id", unique=True),
                IndexModel([("principal", 1), ("created_at", -1)]),
                IndexModel("expires_at", expireAfterSeconds=LEFT_OVER_SECONDS),
            ]
        )

    async def begin(self, session: Session, secret: str) -> None:
        row = {
            "_id": _hash(secret),
            "id": session.id,
            "principal": session.principal,
            "version": session.credential_version,
            "created_at": to_micros(session.created_at),
            "seen_at": to_micros(session.seen_at),
            "expires_at": session.expires_at,
            "place": session.place,
            "agent": session.agent,
        }
        await self._rows.insert_one(row)

    async def by_secret(self, secret: str) -> Session | None:
        return _session(await self._rows.find_one({"_id": _hash(secret)}))

    async def by_id(self, session_id: str) -> Session | None:
        return _session(await self._rows.find_one({"id": session_id}))

    async def of(self, principal: str) -> list[Session]:
        found = self._rows.find({"principal": principal}).sort("created_at", -1).limit(LISTED_MAX)
        return [s for row in await found.to_list(LISTED_MAX) if (s := _session(row))]

    async def seen(self, session: Session, at: datetime) -> None:
        await self._rows.update_one({"id": session.id}, {"$max": {"seen_at": to_micros(at)}})

    async def end(self, principal: str, session_id: str) -> bool:
        result = await self._rows.delete_one({"id": session_id, "principal": principal})
        return bool(result.deleted_count)

    async def end_all(self, principals: Sequence[str]) -> int:
        result = await self._rows.delete_many({"principal": {"$in": list(principals)}})
        return int(result.deleted_count)


def _session(row: dict[str, Any] | None) -> Session | None:
    if row is None:
        return None
    return Session(
        id=row["id"],
        principal=row["principal"],
        credential_version=row["version"],
        created_at=from_micros(row["created_at"]),
        seen_at=from_micros(row["seen_at"]),
        expires_at=row["expires_at"],
        place=row["place"],
        agent=row["agent"],
    )
