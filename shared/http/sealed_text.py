"""Values that go through a caller's hands and come back: readable by us alone, and bound to what they are for."""

import base64
import hmac
import os
from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealedText:
    """Seals JSON values as text. A text of one purpose does not open under another, nor for another `of`."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(hmac.digest(secret, f"tuan.{purpose}".encode(), "sha256"))

    def seal(self, of: Sequence[Any], values: Sequence[Any]) -> str:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, orjson.dumps(list(values)), orjson.dumps(list(of)))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, of: Sequence[Any], text: str) -> list[Any] | None:
        """The values as sealed (JSON); None for a text that is none of ours, or was not made for this."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            opened = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], orjson.dumps(list(of)))
        except (ValueError, InvalidTag):
            return None
        values: list[Any] = orjson.loads(opened)
        return values
