"""Secrets that lie outside every database: one file each, base64url of 32 bytes, in the directory of the settings."""

import base64
import binascii
import os
from pathlib import Path

SECRET_BYTES = 32
DISTINCT_BYTES_MIN = 16
"""Of 32 random bytes fewer than 16 are different in 3 of 10^17 cases; of what somebody typed or filled in, mostly."""
KEY_ENCRYPTION_KEY = "kek"
LOOKUP_KEY = "lookup.key"


class SecretMissing(RuntimeError):
    """A secret is not there or is no secret; the sentence says what to do."""


def read_secret(directory: Path, name: str) -> bytes:
    """The 32 bytes of a secret. Raises SecretMissing."""
    path = directory / name
    try:
        text = path.read_bytes().strip()
    except OSError as error:
        raise SecretMissing(f"cannot read the secret {path}: {error.strerror}; put its backup there") from error
    try:
        secret = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise SecretMissing(f"the secret {path} is not base64url; put its backup there") from error
    if len(secret) != SECRET_BYTES:
        raise SecretMissing(f"the secret {path} has {len(secret)} bytes, not {SECRET_BYTES}; put its backup there")
    if len(set(secret)) < DISTINCT_BYTES_MIN:
        raise SecretMissing(f"the secret {path} is not random; put its backup there, or make one with `tuan secrets`")
    return secret


def create_secret(directory: Path, name: str) -> bool:
    """Makes a secret unless it is there; True if it was made. It is never overwritten: what it sealed would be lost.

    The file is for its owner alone and complete from the first moment it is seen.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, draft = directory / name, directory / f".{name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(SECRET_BYTES)).rstrip(b"=") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
