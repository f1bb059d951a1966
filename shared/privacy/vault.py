"""The vault: one key per owner (a person, an uploaded file), wrapped by a key-encryption key outside the database.

Collection `keys` of a database of its own: {_id: owner, wrapped, nonce, alg, kid, at}, or the tombstone {_id: owner,
erased_at}. Only the service that owns the people writes (`Vault`): member `<namespace>vault`, identity
`<namespace>intake`, org `<namespace>applications`. Others read (`KeyReader`).
"""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shared.eventstore.conditions import Row
from shared.eventstore.driver import ensure_collections
from shared.kernel.clock import to_micros
from shared.privacy.sealing import ALGORITHM, NONCE_BYTES, fingerprint, new_key
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, read_secret
from shared.runtime.cache import AgingCache

KEYS = "keys"
CACHED_SECONDS = 300.0
CACHED_KEYS = 100_000
_BATCH = 1_000


class Erased(Enum):
    """The marker in place of a key that was destroyed for good."""

    ERASED = "erased"


ERASED: Final = Erased.ERASED


class KeysMissing(LookupError):
    """No row for these owners: an error of the store or of replication, never a sign of erasure. Retry, then stop."""

    def __init__(self, owners: Iterable[str]) -> None:
        self.owners = tuple(owners)
        super().__init__(f"no key for {len(self.owners)} owners, the first is {self.owners[0]}")


class WrappingKeyUnknown(RuntimeError):
    """Rows are wrapped by another key-encryption key than the one in the secrets directory, or were changed."""


class KeyReader:
    """Reads keys: primary, majority, one query a batch, kept in memory for at most five minutes.

    So a destroyed key is out of every process five minutes later.
    """

    def __init__(self, driver: Any, database: str, wrapping: bytes) -> None:
        self._database = database
        self._wrapping = AESGCM(wrapping)
        self.kid = fingerprint(wrapping)
        self._rows = driver.database(database).get_collection(
            KEYS,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority", j=True),
        )
        self._cache: AgingCache[str, bytes | Erased] = AgingCache(CACHED_KEYS, CACHED_SECONDS)

    @classmethod
    def from_directory(cls, driver: Any, database: str, directory: Path) -> "KeyReader":
        """`database` as the settings name it, as `database("vault")`; `directory` holds `kek`. Raises SecretMissing."""
        return cls(driver, database, read_secret(directory, KEY_ENCRYPTION_KEY))

    async def keys(self, owners: Iterable[str]) -> dict[str, bytes | Erased]:
        """The key of every owner, or ERASED. Raises KeysMissing, WrappingKeyUnknown."""
        wanted = dict.fromkeys(owners)
        found = self._cache.known(wanted)
        unknown = [o for o in wanted if o not in found]
        for start in range(0, len(unknown), _BATCH):
            batch = unknown[start : start + _BATCH]
            rows = await self._rows.find({"_id": {"$in": batch}}).to_list(None)
            fresh = {row["_id"]: self._unwrapped(row) for row in rows}
            if len(fresh) < len(batch):
                raise KeysMissing(o for o in batch if o not in fresh)
            self._cache.put(fresh)
            found |= fresh
        return found

    def _unwrapped(self, row: Mapping[str, Any]) -> bytes | Erased:
        if "erased_at" in row:
            return ERASED
        if row["alg"] != ALGORITHM or row["kid"] != self.kid:
            raise WrappingKeyUnknown(f"{row['_id']} is wrapped with {row['alg']} and {row['kid']}, here is {self.kid}")
        try:
            return self._wrapping.decrypt(row["nonce"], row["wrapped"], _bound_to(row["_id"], self.kid))
        except (InvalidTag, ValueError) as error:
            raise WrappingKeyUnknown(f"the key of {row['_id']} does not open: the row was changed") from error


class Vault(KeyReader):
    """The writing side; for the service that owns the people."""

    @classmethod
    def from_directory(cls, driver: Any, database: str, directory: Path) -> "Vault":
        """As KeyReader.from_directory."""
        return cls(driver, database, read_secret(directory, KEY_ENCRYPTION_KEY))

    async def prepare(self) -> None:
        """Makes the collection, so that no transaction has to. Idempotent."""
        await ensure_collections(self._rows.database, KEYS)

    def new_key(self, owner: str, at: datetime) -> tuple[bytes, Row]:
        """A fresh key and the row that the commit of its first use brings along; without that commit it never was."""
        key, nonce = new_key(), os.urandom(NONCE_BYTES)
        document = {
            "_id": owner,
            "wrapped": self._wrapping.encrypt(nonce, key, _bound_to(owner, self.kid)),
            "nonce": nonce,
            "alg": ALGORITHM,
            "kid": self.kid,
            "at": to_micros(at),
        }
        return key, Row(self._database, KEYS, document)

    async def destroy(self, owners: Iterable[str], at: datetime, session: Any = None) -> int:
        """Replaces keys by tombstones, for good; answers how many still were keys. Repeating changes nothing.

        With `session` it belongs to that transaction. An owner without a row gets none.
        """
        ids = list(owners)
        living = {"_id": {"$in": ids}, "wrapped": {"$exists": True}}
        tombstone = [{"$replaceWith": {"_id": "$_id", "erased_at": to_micros(at)}}]
        result = await self._rows.update_many(living, tombstone, session=session)
        self._cache.forget(ids)
        return int(result.modified_count)


def _bound_to(owner: str, kid: str) -> bytes:
    return orjson.dumps(["vault", ALGORITHM, kid, owner])
