"""Taking a backup: every collection that cannot be derived, all of one cluster time, beside a running system."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from bson import Timestamp
from pymongo.errors import OperationFailure

from deploy.backup.contents import SERVICES, wanted
from deploy.backup.frames import RAW, Place, Raw, Writer
from deploy.backup.manifest import FORMAT, Collection, Manifest, Relayed, Secrets
from deploy.backup.notes import note_backup
from deploy.backup.problems import CannotBackUp
from services.relay.audit import SNAPSHOT_TOO_OLD, now_on
from shared.eventstore.driver import Driver
from shared.kernel.clock import iso
from shared.messaging.generations import CHECKPOINT, CHECKPOINTS
from shared.runtime.settings import Settings

_SNAPSHOT_UNAVAILABLE = 246


async def take(driver: Driver, settings: Settings, directory: Path) -> Manifest:
    """Writes a backup into `directory`, which is made or empty, and answers what it holds.

    Only its owner can read the files. What fails leaves a directory without manifest, which no restore takes. Raises
    CannotBackUp.
    """
    secrets = Secrets.read(settings.secrets_dir)
    _make_empty(directory)
    backup = f"{uuid4()}"
    key, wrapped = secrets.new_key(backup)
    time = await now_on(driver)
    try:
        relayed = await _relayed(driver, settings, time)
        collections = [
            await _collection(driver, settings, time, directory, Place(backup, key, f"{service}/{name}"))
            for service in SERVICES
            for name in wanted(service, await driver.database(settings.database(service)).list_collection_names())
        ]
    except OperationFailure as error:
        raise _not_at_one_moment(error) from error
    except OSError as error:
        raise CannotBackUp(f"{directory} cannot be written: {error.strerror}; give it room, and begin anew.") from error
    manifest = Manifest(
        format=FORMAT,
        id=backup,
        at=iso(time.as_datetime()),
        cluster_time=(time.time, time.inc),
        namespace=settings.namespace,
        kek=secrets.kek_id,
        lookup=secrets.lookup_id,
        key=wrapped,
        relayed=relayed,
        collections=tuple(collections),
    )
    manifest.write(directory, key)
    await note_backup(driver, settings, manifest)
    return manifest


def _make_empty(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise CannotBackUp(f"{directory} is not empty: every backup has a directory of its own.")
    except OSError as error:
        raise CannotBackUp(f"{directory} cannot be made: {error.strerror}.") from error


async def _collection(driver: Driver, settings: Settings, time: Timestamp, directory: Path, place: Place) -> Collection:
    """Reads ahead by one batch: MongoDB fetches while the former batch is packed."""
    service, name = place.collection.split("/")
    database = settings.database(service)
    indexes = await driver.database(database)[name].index_information()
    row = Collection(service=service, name=name, documents=0, frames=0, size=0, content="", indexes=_further(indexes))
    writer = Writer(directory / row.file, place)
    packing = asyncio.create_task(asyncio.sleep(0))
    async for batch in _stored(driver, database, name, time):
        await packing
        packing = asyncio.create_task(asyncio.to_thread(writer.write, batch))
    await packing
    await asyncio.to_thread(writer.close)
    return row.model_copy(
        update={
            "documents": writer.content.documents,
            "frames": writer.frames,
            "size": writer.size,
            "content": str(writer.content),
        }
    )


async def _stored(driver: Driver, database: str, name: str, time: Timestamp) -> AsyncIterator[Sequence[Raw]]:
    async for batch in driver.found_at(database, name, time, codec=RAW):
        yield [document.raw for document in batch]


async def _relayed(driver: Driver, settings: Settings, time: Timestamp) -> Relayed | None:
    """The relay's checkpoint as it was at that moment; None where no relay ever ran."""
    database = settings.database("relay")
    if "checkpoint" not in await driver.database(database).list_collection_names():
        return None
    async for rows in driver.found_at(database, CHECKPOINTS, time, {"_id": CHECKPOINT}):
        [row] = rows
        return Relayed(
            generation=row.get("generation", 1), epoch=row["epoch"], ordinals=row["ordinals"], chain=row["chain"]
        )
    return None


def _further(indexes: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """All but the one that every collection has, as the command that makes them wants them."""
    return tuple(
        {**{k: v for k, v in index.items() if k not in ("v", "ns")}, "name": name, "key": dict(index["key"])}
        for name, index in indexes.items()
        if name != "_id_"
    )


def _not_at_one_moment(error: OperationFailure) -> Exception:
    if error.code == SNAPSHOT_TOO_OLD:
        return CannotBackUp(
            "Reading everything took longer than MongoDB keeps one moment. Set its parameter "
            "minSnapshotHistoryWindowInSeconds to some hours, and begin anew with an empty directory."
        )
    if error.code == _SNAPSHOT_UNAVAILABLE:
        return CannotBackUp(
            "A collection or an index was made at this very moment, as when services start; begin anew with an empty "
            "directory."
        )
    return error
