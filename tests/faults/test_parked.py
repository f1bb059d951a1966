"""P5 on the whole system: a few accounts cannot be written, identity dies while it parks and while it retries."""

import asyncio
from typing import Any

import pytest

from deploy.local.seeding.play import workbook
from services.identity.app import SERVICE
from shared.kernel.clock import SystemClock
from shared.messaging.parked import Parked, ParkedLine
from tests.faults.county import Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until

ROWS = 1_500
REFUSED = {"stream": {"$not": {"$regex": "^account-0[01]"}}}
"""A validator of the store that refuses one account in 128, as a fault of the program would."""


@pytest.mark.rule("P5", "P2", "IDN-02")
@pytest.mark.timeout(300)
async def test_after_kills_repair_and_retry_everybody_has_one_account(system: System, tree: Tree) -> None:
    """R07; fails if anything is acknowledged before it is parked, or forgotten before it is handled."""
    county = await tree.county("南丰县")
    async with system.driver() as driver:
        database: Any = driver.database(system.settings.database(SERVICE))
        desk = Parked(driver, system.settings.database(SERVICE), SystemClock())
        await database.command({"collMod": "commits", "validator": REFUSED})
        content = await asyncio.to_thread(workbook, tree.rows(county, [tree.someone() for _ in range(ROWS)]))
        received = await upload(county.admin.user, county.id, content)
        await until(lambda: parked(desk, 1))
        await system.kill_and_restart(SERVICE, 0.5)
        assert (await settled(county.admin.user, county.id, received["stream"]))["imported"] == ROWS
        refused = await until(lambda: all_others_open(database, desk))
        assert refused, "the healthy ones do not wait for the poisoned"
        assert system.stack.ready(SERVICE) == (True, "")

        await database.command({"collMod": "commits", "validator": {}})
        for line in await desk.lines():
            await desk.ask_retry(line.record, "operator-test")
        await system.kill_and_restart(SERVICE, 0.5)
        assert await until(lambda: nothing_parked(desk))
        invariants = Invariants(driver, system.settings)
        assert await until(invariants.at_rest)
        assert await invariants.broken() == []


async def parked(desk: Parked, least: int) -> list[ParkedLine]:
    lines = await desk.lines()
    return lines if len(lines) >= least else []


async def nothing_parked(desk: Parked) -> bool:
    return not await desk.lines()


async def all_others_open(database: Any, desk: Parked) -> int:
    """How many are parked, once every account but theirs is open."""
    lines = await desk.lines()
    people = await database.people_v1.count_documents({})
    accounts = await database.commits.count_documents({"_id": {"$regex": "^account-.*:0*1$"}})
    return len(lines) if people >= ROWS and accounts + len(lines) == people else 0
