"""P15: a restore of a whole system is rehearsed: everything is there again, all invariants hold, a new history begins.

MEMBERS=100000 pytest tests/faults/test_restore.py -s (or `make rehearsal`): as many members, and the seconds of each step.
"""

import asyncio
import os
import resource
import time
from pathlib import Path

import pytest

from deploy.backup.contents import SERVICES, undecided
from deploy.backup.rehearsal import rehearsed
from deploy.backup.taking import take
from deploy.local.seeding.play import workbook
from shared.eventstore.driver import Driver
from shared.runtime.settings import Settings
from tests.faults.county import County, Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until

MEMBERS = int(os.environ.get("MEMBERS") or 2_000)
ROWS = 5_000
SECONDS_MAX = 20 * 60
"""What P15 grants a million."""


@pytest.fixture(scope="module")
async def county(tree: Tree) -> County:
    """With as many members as are asked for, imported as any county imports them."""
    made = await tree.county("安远县", branches=min(100, max(20, MEMBERS // 200)))
    user, began = made.admin.user, time.monotonic()
    for start in range(0, MEMBERS, ROWS):
        people = [tree.someone() for _ in range(min(ROWS, MEMBERS - start))]
        book = await asyncio.to_thread(workbook, tree.rows(made, people))
        line = await settled(user, made.id, (await upload(user, made.id, book))["stream"])
        assert line["imported"] == len(people)
    print(f"\n{MEMBERS} members imported in {time.monotonic() - began:.0f} s")  # noqa: T201 - the figures of a rehearsal
    return made


@pytest.fixture
def environment(system: System, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The parts that fill the read models of a rehearsal are processes with the settings of this one."""
    for name, value in system.stack.settings().items():
        monkeypatch.setenv(name, value)
    return system.settings


@pytest.mark.rule("P15", "OPS-02", "P7")
@pytest.mark.timeout(180 + MEMBERS // 20)
async def test_a_rehearsed_restore_has_everything_and_all_invariants_hold(
    county: County, environment: Settings, tmp_path: Path
) -> None:
    """The running system goes on beside it, and knows nothing of it afterwards."""
    driver = Driver(environment.mongo_url)
    try:
        here = Invariants(driver, environment)
        assert await until(here.at_rest, seconds=60 + MEMBERS / 100), await here.broken()
        for service in SERVICES:
            there = await driver.database(environment.database(service)).list_collection_names()
            assert undecided(service, there) == []
        began = time.monotonic()
        manifest = await take(driver, environment, tmp_path / "backup")
        seconds = {"taken": time.monotonic() - began}
        before = await here.people()
        async with rehearsed(driver, environment, tmp_path / "backup", {}) as found:
            assert found.wrong == []
            apart = Invariants(driver, found.settings)
            assert await apart.people() == before
            assert await apart.at_rest()
            assert await apart.broken() == []
            seconds |= found.seconds
        left = [name for name in await driver.client.list_database_names() if name.startswith(found.settings.namespace)]
        assert left == []
    finally:
        await driver.close()
    print(f"{manifest.documents} documents, {manifest.size / 2**20:.0f} MiB;", told(seconds))  # noqa: T201
    assert sum(seconds.values()) < SECONDS_MAX


def told(seconds: dict[str, float]) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    steps = ", ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    return f"{sum(seconds.values()):.1f} s: {steps}; at most {peak} MiB here"
