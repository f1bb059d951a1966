"""Where secrets lie: passwords, activation codes, captchas and devices, each as a hash, outside every event.

Instants are BSON dates here, because MongoDB removes rows by them; what decides is always compared with our clock.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.identity.adapters import LEFT_OVER_SECONDS
from services.identity.adapters.sign_in_log import document_of
from services.identity.use_cases.ports import Code, Credential, LogEntry
from shared.eventstore.conditions import Row
from shared.eventstore.driver import Driver, ensure_collections

CODE_TRIES = 5
DEVICE_LIFE = timedelta(days=180)


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class MongoCredentials:
    """{_id: principal, version, hash}. There is one only for accounts that can be signed in to."""

    def __init__(self, driver: Driver, database: str) -> None:
        self._driver = driver
        self._name = database
        self._database = driver.database(database)
        self._rows = self._database["credentials"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "credentials")

    async def find(self, principal: str) -> Credential | None:
        row = await self._rows.find_one({"_id": principal})
        return Credential(row["_id"], row["version"], row["hash"]) if row else None

    def first(self, principal: str, hashed: str) -> Row:
        return Row(self._name, "credentials", {"_id": principal, "version": 1, "hash": hashed})

    async def change(self, former: Credential, hashed: str, entry: LogEntry) -> bool:
        async def work(session: Any) -> bool:
            change = {"$set": {"hash": hashed}, "$inc": {"version": 1}}
            result = await self._rows.update_one(_same(former), change, session=session)
            if result.matched_count:
                await self._database["sign_in_log"].insert_one(document_of(entry), session=session)
            return bool(result.matched_count)

        return await self._driver.transaction(work)

    async def strengthen(self, former: Credential, hashed: str) -> None:
        await self._rows.update_one(_same(former), {"$set": {"hash": hashed}})

    async def delete(self, principals: Sequence[str]) -> None:
        await self._rows.delete_many({"_id": {"$in": list(principals)}})


def _same(former: Credential) -> dict[str, Any]:
    return {"_id": former.principal, "version": former.version, "hash": former.hash}


class MongoCodes:
    """{_id: person, hash, expires_at, tries}: one living activation code a person."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database["activation_codes"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "activation_codes")
        await self._rows.create_indexes([IndexModel("expires_at", expireAfterSeconds=LEFT_OVER_SECONDS)])

    async def put(self, code: Code) -> None:
        document = {"hash": code.hash, "expires_at": code.expires_at, "tries": 0}
        await self._rows.replace_one({"_id": code.person}, document, upsert=True)

    async def take_try(self, person: str, now: datetime) -> str | None:
        """Counted before it is judged: of a hundred at once, five are."""
        living = {"_id": person, "tries": {"$lt": CODE_TRIES}, "expires_at": {"$gt": now}}
        row = await self._rows.find_one_and_update(living, {"$inc": {"tries": 1}})
        return row["hash"] if row else None

    async def give_try_back(self, person: str, hashed: str) -> None:
        await self._rows.update_one({"_id": person, "hash": hashed}, {"$inc": {"tries": -1}})

    async def delete(self, persons: Sequence[str]) -> None:
        await self._rows.delete_many({"_id": {"$in": list(persons)}})


class MongoCaptchas:
    """{_id: captcha, answer (hash), expires_at}: used up by the first answer, right or wrong."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database["captchas"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "captchas")
        await self._rows.create_indexes([IndexModel("expires_at", expireAfterSeconds=LEFT_OVER_SECONDS)])

    async def put(self, captcha_id: str, answer: str, expires_at: datetime) -> None:
        row = {"_id": captcha_id, "answer": _sha256(captcha_id, answer.upper()), "expires_at": expires_at}
        await self._rows.insert_one(row)

    async def redeem(self, captcha_id: str, answer: str, now: datetime) -> bool:
        row = await self._rows.find_one_and_delete({"_id": captcha_id})
        return bool(row and row["expires_at"] > now and row["answer"] == _sha256(captcha_id, answer.strip().upper()))


class MongoDevices:
    """{_id: hash of subject and device secret, expires_at}: browsers that somebody signed in from."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rows = database["devices"]

    async def prepare(self) -> None:
        await ensure_collections(self._database, "devices")
        await self._rows.create_indexes([IndexModel("expires_at", expireAfterSeconds=LEFT_OVER_SECONDS)])

    async def remember(self, subject: str, secret: str, at: datetime) -> None:
        await self._rows.insert_one({"_id": _sha256(subject, secret), "expires_at": at + DEVICE_LIFE})

    async def knows(self, subject: str, secret: str, now: datetime) -> bool:
        row = await self._rows.find_one({"_id": _sha256(subject, secret)})
        return bool(row and row["expires_at"] > now)
