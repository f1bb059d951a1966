"""Pages of lists: a bounded number of items, and a cursor that only its own list can read."""

import base64
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Query
from pydantic import BaseModel

from shared.http.refusals import CursorExpired
from shared.privacy.secrets import read_secret

T = TypeVar("T")

CURSOR_KEY = "cursor.key"
LIMIT_MAX = 200
_NONCE = 12

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many items at most")]
CursorText = Annotated[str | None, Query(max_length=2_048, description="`next` of the page before")]


class Page(BaseModel, Generic[T]):
    """One page. `next` is the cursor of the following one, None on the last; `total` None where counting costs."""

    items: list[T]
    next: str | None = None
    total: int | None = None


class Cursors:
    """Cursors hold the sort values of a page's last item, which may be a name: they are sealed, not just encoded.

    A cursor is bound to its list (route and filters): used with another it is refused, as is a changed one.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(secret, b"tuan.cursors", "sha256"))

    @classmethod
    def from_directory(cls, directory: Path) -> "Cursors":
        """Reads `cursor.key`. Raises SecretMissing."""
        return cls(read_secret(directory, CURSOR_KEY))

    def write(self, of: Sequence[Any], last: Sequence[Any]) -> str:
        """`of` names the list: route, filters, principal if they matter; `last` the values to go on after."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, orjson.dumps(list(last)), orjson.dumps(list(of)))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def read(self, of: Sequence[Any], cursor: str | None) -> list[Any] | None:
        """The values of a cursor, as written (JSON); None without one. Raises CursorExpired."""
        if cursor is None:
            return None
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], orjson.dumps(list(of)))
        except (ValueError, InvalidTag) as error:
            raise CursorExpired(field="cursor") from error
        values: list[Any] = orjson.loads(text)
        return values
