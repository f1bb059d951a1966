"""The register of erasures: who was erased, kept outside the databases, so that a restore does not bring them back.

A line of JSON for each tombstone of the vaults, behind one that counts them. Owners' ids only, nothing personal. An
erasure that was once in it stays in it, whatever the databases say after a restore.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from deploy.backup.contents import VAULTS
from deploy.backup.problems import CannotBackUp, CannotRestore
from shared.eventstore.driver import Driver
from shared.kernel.clock import from_micros
from shared.privacy.vault import KEYS
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings

_BATCH = 1_000


async def keep_register(driver: Driver, settings: Settings, path: Path) -> int:
    """Adds the vaults' tombstones to the register at `path`; answers how many it has then. Raises CannotBackUp."""
    known = _known(path)
    for vault in VAULTS:
        rows = driver.database(settings.database(vault))[KEYS].find({"erased_at": {"$exists": True}})
        known |= {row["_id"]: row["erased_at"] async for row in rows}
    lines = [{"erasures": len(known)}, *({"owner": owner, "at": at} for owner, at in sorted(known.items()))]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(orjson.dumps(line) + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise CannotBackUp(f"{path} cannot be written: {error.strerror}.") from error
    return len(known)


def _known(path: Path) -> dict[str, int]:
    return read_register(path) if path.exists() else {}


def read_register(path: Path) -> dict[str, int]:
    """Owner -> instant of the erasure (microseconds). Raises CannotRestore for a file that is none, or not whole."""
    try:
        first, *lines = path.read_bytes().splitlines()
        found = {row["owner"]: int(row["at"]) for row in map(orjson.loads, lines)}
        if orjson.loads(first)["erasures"] == len(found):
            return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRestore(f"{path} is no register of erasures; `tuan erasures FILE` writes one.") from error
    raise CannotRestore(f"{path} is not whole: it counts more erasures than it holds; take another copy.")


async def erase_again(driver: Driver, settings: Settings, register: Mapping[str, int]) -> int:
    """Puts the register's tombstones in the place of keys that a backup brought back, and takes their claims away.

    Answers how many keys there were.
    """
    erased = 0
    for owners in _batches(sorted(register)):
        for vault in VAULTS:
            keys = driver.database(settings.database(vault))[KEYS]
            found = keys.find({"_id": {"$in": owners}, "wrapped": {"$exists": True}}, {"_id": 1})
            living = [row["_id"] async for row in found]
            for owner in living:
                await keys.replace_one({"_id": owner}, {"_id": owner, "erased_at": register[owner]})
            for service in SOURCES if living else ():
                claims = driver.database(settings.database(service))["claims"]
                await claims.delete_many({"owner": {"$in": living}})
            erased += len(living)
    return erased


def newest(register: Mapping[str, int]) -> str:
    """When the last one of a register was erased, for who decides whether it is the right one."""
    return f"{from_micros(max(register.values())):%Y-%m-%d %H:%M} UTC" if register else "never"


def _batches(owners: Sequence[str]) -> list[Sequence[str]]:
    return [owners[start : start + _BATCH] for start in range(0, len(owners), _BATCH)]
