"""Sealing of personal parts: AES-256-GCM with a key per person, bound to the person and to one event (X33).

A sealed part copied to another person or another event does not open. `Sealed.kid` is the fingerprint of the key that
sealed it, so wrapping that key anew (rotation of the key-encryption key) touches no commit.
"""

import hashlib
import os
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.envelope import Sealed

ALGORITHM = "A256GCM"
KEY_BYTES = 32
NONCE_BYTES = 12
BLOB_BYTES_MAX = 16 * 1024 * 1024

_BLOB_FORMAT = b"TSB1"
_FINGERPRINT_BYTES = 8


class SealBroken(ValueError):
    """A sealed part does not open: another key, person or event, an unknown algorithm, or changed bytes."""


def new_key() -> bytes:
    """A fresh random key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def fingerprint(key: bytes) -> str:
    """The public id of a key: 16 hex digits that tell nothing about it."""
    return hashlib.sha256(b"tuan.key-id\x00" + key).digest()[:_FINGERPRINT_BYTES].hex()


def seal(key: bytes, person: str, event_id: str, values: dict[str, Any]) -> Sealed:
    """Seals `values` (anything JSON can say, dates included) for one event of one person."""
    kid, nonce = fingerprint(key), os.urandom(NONCE_BYTES)
    text = orjson.dumps(values)
    ciphertext = AESGCM(key).encrypt(nonce, text, _bound_to("event", kid, person, event_id))
    return Sealed(person=person, alg=ALGORITHM, kid=kid, nonce=nonce, ciphertext=ciphertext)


def open_(key: bytes, sealed: Sealed, person: str, event_id: str) -> dict[str, Any]:
    """The values of a sealed part as JSON gives them (dates are text). Raises SealBroken.

    `person` and `event_id` are those the reader expects, not those that the part claims.
    """
    if sealed.alg != ALGORITHM or sealed.kid != fingerprint(key):
        raise SealBroken(f"sealed with {sealed.alg} and key {sealed.kid}, not with {ALGORITHM} and {fingerprint(key)}")
    bound = _bound_to("event", sealed.kid, person, event_id)
    values: dict[str, Any] = orjson.loads(_decrypted(key, sealed.nonce, sealed.ciphertext, bound))
    return values


def seal_blob(key: bytes, owner: str, blob_id: str, content: bytes) -> bytes:
    """Seals a whole file (at most 16 MiB) with its owner's own key; the answer carries format, key id and nonce."""
    if len(content) > BLOB_BYTES_MAX:
        raise ValueError(f"a blob holds at most {BLOB_BYTES_MAX} bytes, not {len(content)}")
    kid, nonce = fingerprint(key), os.urandom(NONCE_BYTES)
    head = _BLOB_FORMAT + bytes.fromhex(kid) + nonce
    return head + AESGCM(key).encrypt(nonce, content, _bound_to("blob", kid, owner, blob_id))


def open_blob(key: bytes, owner: str, blob_id: str, sealed: bytes) -> bytes:
    """The file again. Raises SealBroken."""
    start = len(_BLOB_FORMAT)
    end = start + _FINGERPRINT_BYTES
    kid, nonce, ciphertext = sealed[start:end].hex(), sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
    if not sealed.startswith(_BLOB_FORMAT) or kid != fingerprint(key):
        raise SealBroken(f"the blob {blob_id} is no sealed file of this key")
    return _decrypted(key, nonce, ciphertext, _bound_to("blob", kid, owner, blob_id))


def _bound_to(purpose: str, *parts: str) -> bytes:
    """The associated data. JSON keeps the parts apart, whatever they contain."""
    return orjson.dumps([purpose, ALGORITHM, *parts])


def _decrypted(key: bytes, nonce: bytes, ciphertext: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the sealed part belongs to something else or was changed") from error
