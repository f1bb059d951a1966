"""Restoring: a checked backup into empty databases, and a new history from there (kernel.md 3, Generation).

A row in the relay's database says that a restore is under way: as long as it is there the relay refuses to start, and
the same restore can be begun again, from nothing. It goes last.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from bson import decode_all
from pymongo.errors import BulkWriteError

from deploy.backup.beyond import Beyond, list_beyond
from deploy.backup.contents import DATABASES, SERVICES
from deploy.backup.erasures import erase_again
from deploy.backup.frames import RAW, Content, Place, frames_of
from deploy.backup.manifest import Collection, Manifest
from deploy.backup.problems import BackupRefused, CannotRestore
from services.relay.checkpoint import RESTORING, CheckpointStore
from shared.eventstore.driver import Driver
from shared.http.client import service_client
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.runtime.parts import PORT_OFFSETS
from shared.runtime.settings import Settings

_AT_ONCE = 4
_READ_BATCH = 200


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `erased` counts keys that the backup had brought back."""

    manifest: Manifest
    generation: int
    erased: int
    beyond: Beyond


def checked(directory: Path, secrets: Path) -> tuple[Manifest, bytes]:
    """A backup of which every file was read and is what was written. Raises BackupRefused, SetUpProblem."""
    manifest, key = Manifest.read(directory, secrets)
    for collection in manifest.collections:
        content = Content()
        for documents in frames_of(directory / collection.file, _place(manifest, key, collection), collection.frames):
            content.add(document.raw for document in documents)
        if (content.documents, str(content)) != (collection.documents, collection.content):
            raise BackupRefused.damaged(directory / collection.file)
    return manifest, key


async def restore(
    driver: Driver, settings: Settings, directory: Path, register: Mapping[str, int], report: Path
) -> Restored:
    """Fills the empty databases of `settings.namespace`, and begins a generation of topics that nobody has seen.

    `register` are those erased (owner -> instant); what Kafka holds beyond the backup is listed in `report`. Raises
    BackupRefused, CannotRestore, SetUpProblem.
    """
    manifest, key = await asyncio.to_thread(checked, directory, settings.secrets_dir)
    await _refuse_filled(driver, settings)
    generations = await Topics(settings.namespace).generations(connection(settings))
    await _begin(driver, settings, manifest)
    for collection in manifest.collections:
        await _fill(driver, settings, directory, _place(manifest, key, collection), collection)
    erased = await erase_again(driver, settings, register)
    beyond = await list_beyond(driver, settings, manifest, report)
    generation = max([manifest.relayed.generation if manifest.relayed else 1, *generations]) + 1
    await _end(driver, settings, generation)
    return Restored(manifest, generation, erased, beyond)


async def refuse_running(settings: Settings) -> None:
    """Raises CannotRestore while a process of this system answers."""
    async with service_client(settings) as client:
        for name in PORT_OFFSETS:
            if await _answers(client, f"{settings.address(name)}/health/live"):
                raise CannotRestore(
                    f"{name} is running: stop the relay and every service first (make down), then begin."
                )


async def _refuse_filled(driver: Driver, settings: Settings) -> None:
    """A database with anything in it is refused, unless a restore that was cut short filled it."""
    if await CheckpointStore(driver.database(settings.database("relay")), "restore").restoring():
        return
    for service in DATABASES:
        database = driver.database(settings.database(service))
        for name in await database.list_collection_names():
            if await database[name].find_one({}, {"_id": 1}) is not None:
                raise CannotRestore(
                    f"The database {database.name} is not empty ({name}): a restore fills empty databases only. "
                    "Give it an empty server, or another namespace with --into."
                )


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        await client.get(url)
    except httpx.TransportError:
        return False
    return True


async def _begin(driver: Driver, settings: Settings, manifest: Manifest) -> None:
    """The mark first, then whatever a restore that was cut short has left goes."""
    marks = driver.database(settings.database("relay"))[RESTORING]
    await marks.replace_one({"_id": "restore"}, {"backup": manifest.id, "at": manifest.at}, upsert=True)
    for service in SERVICES:
        await driver.client.drop_database(settings.database(service))


async def _fill(driver: Driver, settings: Settings, directory: Path, place: Place, collection: Collection) -> None:
    """Inserted, read back and compared; then the indexes, since one of them may let the server delete what expired."""
    database = driver.database(settings.database(collection.service))
    rows = database[collection.name]
    try:
        await _insert(rows, frames_of(directory / collection.file, place, collection.frames))
    except BulkWriteError as error:
        raise _written_by_others(database.name) from error
    content = Content()
    async for batch in rows.find_raw_batches({}, batch_size=_READ_BATCH):
        content.add(document.raw for document in decode_all(batch, RAW))
    if str(content) != collection.content:
        raise _written_by_others(database.name)
    if collection.indexes:
        await database.command({"createIndexes": collection.name, "indexes": list(collection.indexes)})


async def _insert(rows: Any, frames: Iterable[list[Any]]) -> None:
    writing: set[asyncio.Future[Any]] = set()
    for documents in frames:
        if len(writing) == _AT_ONCE:
            done, writing = await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        writing.add(asyncio.ensure_future(rows.insert_many(documents, ordered=False)))
    await asyncio.gather(*writing)


async def _end(driver: Driver, settings: Settings, generation: int) -> None:
    database = driver.database(settings.database("relay"))
    await database["checkpoint"].delete_many({})
    # Of that generation from this moment on: earlier topics tell of what was not restored.
    await CheckpointStore(database, "restore").begin_generation(generation, read=generation)
    await database[RESTORING].delete_many({})


def _written_by_others(database: str) -> CannotRestore:
    return CannotRestore(
        f"Somebody else wrote to {database} meanwhile: stop every process of this system, then begin the restore again."
    )


def _place(manifest: Manifest, key: bytes, collection: Collection) -> Place:
    return Place(manifest.id, key, collection.path)
