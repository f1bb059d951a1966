"""P5 on the whole system: a few accounts cannot be ended, identity dies while it parks and while it retries."""

import asyncio
from typing import Any

import pytest

from deploy.local.seeding.play import workbook
from services.identity.app import SERVICE
from shared.kernel.clock import SystemClock
from shared.messaging.parked import Parked, ParkedLine
from tests.faults.county import Tree, settled, upload
from tests.faults.invariants import RELEASED, Invariants
from tests.faults.system import System, until

ROWS = 1_500
REFUSED = {"stream": {"$not": {"$regex": "^account-0[01]"}}}
"""A validator of the store that refuses one account in 128, as a fault of the program would."""


@pytest.mark.rule("P5", "P2", "MEM-27")
@pytest.mark.timeout(300)
async def test_after_kills_repair_and_retry_everybodys_account_ended_once(system: System, tree: Tree) -> None:
    """R07; fails if anything is acknowledged before it is parked, or forgotten before it is handled."""
    county = await tree.county("南丰县")
    async with system.driver() as driver:
        database: Any = driver.database(system.settings.database(SERVICE))
        desk = Parked(driver, system.settings.database(SERVICE), SystemClock())
        content = await asyncio.to_thread(workbook, tree.rows(county, [tree.someone() for _ in range(ROWS)]))
        received = await upload(county.admin.user, county.id, content)
        assert (await settled(county.admin.user, county.id, received["stream"]))["imported"] == ROWS
        await database.command({"collMod": "commits", "validator": REFUSED})
        withdrawal = f"/v1/imports/{received['stream']}/withdrawal"
        await county.admin.user.do("member", "POST", withdrawal, {}, acting=county.id)
        await tree.governor.user.do("member", "POST", f"{withdrawal}/confirm", {}, acting=tree.province)
        await until(lambda: parked(desk, 1))
        await system.kill_and_restart(SERVICE, 0.5)
        refused = await until(lambda: all_others_ended(database, desk))
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


async def all_others_ended(database: Any, desk: Parked) -> int:
    """How many are parked, once every account but theirs is ended."""
    lines = await desk.lines()
    ended = await database.commits.count_documents({"events.type": RELEASED})
    return len(lines) if ended + len(lines) == ROWS else 0
