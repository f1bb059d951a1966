"""Identity's own key pair: made at the first start, kept sealed by the key-encryption key in its database."""

import contextlib
from datetime import datetime
from typing import Any

from joserfc.jwk import OKPKey
from pymongo.errors import DuplicateKeyError

from shared.eventstore.driver import ensure_collections
from shared.http import passes, tokens
from shared.http.tokens import Principal
from shared.kernel.clock import Clock, to_micros
from shared.privacy.sealing import fingerprint, open_blob, seal_blob

OWNER = "identity"


class SigningKeys:
    """Rows {_id: number from 1, kid, x (public), sealed (private), kek, at}; the highest number signs.

    `load` comes before anything else; of processes that start at once one makes the key, the others read it.
    """

    def __init__(self, database: Any, wrapping: bytes, clock: Clock) -> None:
        self._database = database
        self._rows = database["signing_keys"]
        self._wrapping = wrapping
        self._clock = clock
        self._public: list[dict[str, str]] = []
        self._signing: OKPKey | None = None

    async def load(self) -> None:
        """Reads the keys, or makes the first. Raises SealBroken if another key-encryption key sealed them."""
        await ensure_collections(self._database, self._rows.name)
        rows = await self._rows.find().sort("_id", 1).to_list(None)
        if not rows:
            with contextlib.suppress(DuplicateKeyError):
                await self._rows.insert_one(self._new_row(1))
            rows = await self._rows.find().sort("_id", 1).to_list(None)
        self._public = [
            {"kty": "OKP", "crv": "Ed25519", "alg": tokens.ALGORITHM, "use": "sig", "kid": row["kid"], "x": row["x"]}
            for row in rows
        ]
        last = rows[-1]
        secret = open_blob(self._wrapping, OWNER, last["kid"], last["sealed"]).decode()
        self._signing = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": last["x"], "d": secret, "kid": last["kid"]}
        )

    def _new_row(self, number: int) -> dict[str, Any]:
        fresh = OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)
        kid = OKPKey.import_key(fresh).thumbprint()
        return {
            "_id": number,
            "kid": kid,
            "x": fresh["x"],
            "sealed": seal_blob(self._wrapping, OWNER, kid, str(fresh["d"]).encode()),
            "kek": fingerprint(self._wrapping),
            "at": to_micros(self._clock.now()),
        }

    def jwks(self) -> dict[str, Any]:
        """The public keys, as served at /v1/jwks."""
        return {"keys": self._public}

    def sign(self, principal: Principal, now: datetime) -> str:
        """A token of five minutes. `load` was called before."""
        return tokens.issue(self._key(), principal, now)

    def sign_pass(self, pass_id: str, purpose: str, now: datetime) -> str:
        """A pass of half an hour. `load` was called before."""
        return passes.issue_pass(self._key(), pass_id, purpose, now)

    def _key(self) -> OKPKey:
        if self._signing is None:
            raise RuntimeError("the signing key is not loaded")
        return self._signing
