"""`manifest.json`: what a backup holds, of which moment; written last, so that a directory without it is no backup.

It is authenticated with the backup's own random key, which is wrapped by the key-encryption key: an edited one, or one
made by whoever has no key, is refused.
"""

import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.backup.problems import BackupRefused
from deploy.local.problems import SetUpProblem
from shared.privacy.lookup import LookupKey
from shared.privacy.sealing import SealBroken, fingerprint, new_key, open_blob, seal_blob
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, SecretMissing, read_secret

FORMAT = 1
NAME = "manifest.json"
_OWNER = "backup"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Collection(_Row):
    """One file. `content` is a digest of its documents whatever their order; `size` in bytes; `indexes` as
    MongoDB lists them.
    """

    service: str
    name: str
    documents: int
    frames: int
    size: int
    content: str
    indexes: tuple[dict[str, Any], ...]

    @property
    def path(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def file(self) -> str:
        return f"{self.path}.sealed"


class Relayed(_Row):
    """How far the relay had come: the links of its checkpoint (place -> position, id, offset) in topics of a
    generation.
    """

    generation: int
    epoch: int
    ordinals: dict[str, int]
    chain: dict[str, dict[str, Any]]


class Manifest(_Row):
    """`at` and `cluster_time` name the one moment that everything is of; `key` is the wrapped key of the files."""

    format: int
    id: str
    at: str
    cluster_time: tuple[int, int]
    namespace: str
    kek: str
    lookup: str
    key: str
    relayed: Relayed | None
    collections: tuple[Collection, ...]
    mac: str = ""

    @property
    def documents(self) -> int:
        return sum(each.documents for each in self.collections)

    @property
    def size(self) -> int:
        return sum(each.size for each in self.collections)

    def write(self, directory: Path, key: bytes) -> None:
        """The last step of a backup: complete or not at all."""
        signed = self.model_copy(update={"mac": _mac(key, self.model_dump(mode="json"))})
        draft = directory / f".{NAME}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(signed.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(directory / NAME)
        handle = os.open(directory, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    @classmethod
    def read(cls, directory: Path, secrets: Path) -> tuple[Self, bytes]:
        """The manifest and the key of the files. Raises BackupRefused."""
        path = directory / NAME
        if not path.is_file():
            raise BackupRefused.unfinished(directory)
        try:
            told = orjson.loads(path.read_bytes())
            if told["format"] != FORMAT:
                raise BackupRefused.other_format(directory, told["format"], FORMAT)
            manifest = cls.model_validate(told)
        except (OSError, ValueError, TypeError, KeyError, ValidationError) as error:
            raise BackupRefused.damaged(path) from error
        keys = Secrets.read(secrets)
        for name, made_with, here in (
            (KEY_ENCRYPTION_KEY, manifest.kek, keys.kek_id),
            (LOOKUP_KEY, manifest.lookup, keys.lookup_id),
        ):
            if made_with != here:
                raise BackupRefused.other_secret(directory, name, made_with, here)
        try:
            key = open_blob(keys.kek, _OWNER, manifest.id, bytes.fromhex(manifest.key))
        except (SealBroken, ValueError) as error:
            raise BackupRefused.damaged(path) from error
        if not hmac.compare_digest(manifest.mac, _mac(key, manifest.model_dump(mode="json"))):
            raise BackupRefused.damaged(path)
        return manifest, key


class Secrets:
    """The two secrets without which a backup is worth nothing; neither is in it."""

    def __init__(self, kek: bytes, lookup_id: str) -> None:
        self.kek = kek
        self.kek_id = fingerprint(kek)
        self.lookup_id = lookup_id

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Raises SetUpProblem."""
        try:
            return cls(read_secret(directory, KEY_ENCRYPTION_KEY), LookupKey.from_directory(directory).kid)
        except SecretMissing as missing:
            raise SetUpProblem(str(missing)) from missing

    def new_key(self, backup: str) -> tuple[bytes, str]:
        """A fresh key for the files of a backup, and the same wrapped, in hexadecimal digits."""
        key = new_key()
        return key, seal_blob(self.kek, _OWNER, backup, key).hex()


def _mac(key: bytes, told: Mapping[str, Any]) -> str:
    body = {name: value for name, value in told.items() if name != "mac"}
    return hmac.digest(key, b"tuan.backup\x00" + orjson.dumps(body), "sha256").hex()
