"""Keyed hashes by which numbers are found and claimed without being stored (X34).

All identity numbers of the country can be hashed in minutes, so only a keyed hash hides them; its key lies outside the
databases, apart from the key that wraps the data keys.
"""

import hmac
import re
import unicodedata
from pathlib import Path

from shared.privacy.sealing import fingerprint
from shared.privacy.secrets import LOOKUP_KEY, read_secret

_KIND = re.compile(r"[a-z0-9][a-z0-9.\-]{0,63}")
_DIGEST = "sha256"


class LookupKey:
    """Hashes values of several kinds; hashes of one value under two kinds have nothing in common."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.kid = fingerprint(secret)[:8]
        self._kinds: dict[str, bytes] = {}

    @classmethod
    def from_directory(cls, directory: Path) -> "LookupKey":
        """Reads `lookup.key`. Raises SecretMissing."""
        return cls(read_secret(directory, LOOKUP_KEY))

    def hash(self, kind: str, value: str) -> str:
        """`<key id>.<64 hex digits>` of a value that is normalised first; the same value always gives the same.

        `kind` is a short name of the code (`identity-number`), never input. Raises ValueError for an empty value.
        """
        text = normalised(value)
        if not text:
            raise ValueError(f"nothing to look up under {kind}")
        return f"{self.kid}.{hmac.digest(self._key_of(kind), text.encode(), _DIGEST).hex()}"

    def _key_of(self, kind: str) -> bytes:
        if kind not in self._kinds:
            if not _KIND.fullmatch(kind):
                raise ValueError(f"{kind!r} is no kind of look-up")
            self._kinds[kind] = hmac.digest(self._secret, b"tuan.lookup\x00" + kind.encode(), _DIGEST)
        return self._kinds[kind]


def normalised(value: str) -> str:
    """A number without what people and programs put into it: width, case, spaces, invisible characters."""
    if value.isascii() and value.isalnum():
        return value.upper()
    wide = unicodedata.normalize("NFKC", value)
    return "".join(c for c in wide if unicodedata.category(c)[0] not in "ZC").upper()
