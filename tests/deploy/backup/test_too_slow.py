"""A backup that the database does not keep one moment for, on a MongoDB of its own: for how long it does is its setting."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.backup.manifest import Manifest
from deploy.backup.problems import BackupRefused, CannotBackUp
from deploy.backup.taking import take
from deploy.local import mongodb
from deploy.local.ports import free_block
from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from tests.conftest import end
from tests.deploy.backup.conftest import Desk


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Addresses]:
    directory = tmp_path / "servers"
    try:
        yield Addresses(mongodb.start_mongodb(directory, free_block()), kafka="nobody asks Kafka")
    finally:
        end(directory, mongodb.NAME)


@pytest.fixture
def namespace() -> str:
    return "slow_"


class Slow(Driver):
    """Between two batches time passes, and others write."""

    async def found_at(self, database: str, *which: Any, **how: Any) -> AsyncIterator[list[Any]]:
        async for batch in super().found_at(database, *which, **how):
            yield batch
            for n in range(3):
                await self.database(database)["others"].insert_one({"n": n})
                await asyncio.sleep(0.5)


@pytest.mark.rule("OPS-02")
async def test_a_backup_that_takes_too_long_for_one_moment_says_what_to_set(desk: Desk) -> None:
    admin = desk.driver.client.admin
    window = "minSnapshotHistoryWindowInSeconds"
    await desk.rows("member", "commits").insert_many(
        [{"_id": f"padding-{n}", "stream": "padding", "text": os.urandom(1_000).hex()} for n in range(12_000)]
    )
    slow = Slow(desk.settings.mongo_url)
    await admin.command({"setParameter": 1, window: 0})
    with pytest.raises(CannotBackUp, match=window):
        await take(slow, desk.settings, desk.directory)
    await slow.close()
    with pytest.raises(BackupRefused, match="no finished backup"):
        Manifest.read(desk.directory, desk.settings.secrets_dir)
