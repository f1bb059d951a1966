"""P15: a restore of a whole system is rehearsed, and done: everything is there again, all invariants hold, and it goes on.

MEMBERS=100000 pytest tests/faults/test_restore.py -s (or `make rehearsal`): as many members, and the seconds of each step.
"""

import asyncio
import json
import os
import resource
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.backup.contents import DATABASES, SERVICES, undecided
from deploy.backup.rehearsal import rehearsed
from deploy.backup.taking import take
from deploy.cli.main import app
from deploy.local.ports import free_block
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.seeding.demonstration import OPERATOR_KIND
from deploy.local.seeding.play import workbook
from deploy.local.stack import Stack
from shared.eventstore.driver import Driver
from shared.runtime.settings import Settings
from tests.conftest import TEST_DATA, WHOLE_SYSTEM, end
from tests.faults.county import County, Tree, build, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until
from tests.shared.observability.receiver import receiving

MEMBERS = int(os.environ.get("MEMBERS") or 2_000)
ROWS = 5_000
SECONDS_MAX = 20 * 60
"""What P15 grants a million."""
PATIENCE = 60 + MEMBERS / 100
SOME = 7

pytestmark = [pytest.mark.rule("P15", "OPS-02"), pytest.mark.timeout(240 + MEMBERS // 20)]


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """One of its own: after a restore all sessions are over, and whoever signed in before is out."""
    directory = TEST_DATA / str(os.getpid()) / "restored"
    with receiving() as spans:
        system = System(Stack(directory, free_block(), environment=WHOLE_SYSTEM), spans)
        try:
            system.stack.start()
            system.seed()
            yield system
        finally:
            end(directory, *system.stack.names())
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
async def tree(system: System, seed: int) -> Tree:
    return await build(system.stack, seed)


@pytest.fixture(scope="module")
async def county(tree: Tree) -> County:
    """With as many members as are asked for, imported as any county imports them."""
    made = await tree.county("安远县", branches=min(100, max(20, MEMBERS // 200)))
    began = time.monotonic()
    for start in range(0, MEMBERS, ROWS):
        await imported(tree, made, min(ROWS, MEMBERS - start))
    print(f"\n{MEMBERS} members imported in {time.monotonic() - began:.0f} s")  # noqa: T201 - the figures of a rehearsal
    return made


async def imported(tree: Tree, county: County, count: int) -> None:
    user, people = county.admin.user, [tree.someone() for _ in range(count)]
    book = await asyncio.to_thread(workbook, tree.rows(county, people))
    line = await settled(user, county.id, (await upload(user, county.id, book))["stream"])
    assert line["imported"] == count


@pytest.fixture
def environment(system: System, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The parts that fill the read models of a rehearsal are processes with the settings of this one."""
    for name, value in system.stack.settings().items():
        monkeypatch.setenv(name, value)
    return system.settings


async def sound(driver: Driver, settings: Settings) -> Invariants:
    """Once everybody has heard of everyone, everything holds."""
    invariants = Invariants(driver, settings)
    assert await until(invariants.at_rest, seconds=PATIENCE), await invariants.broken()
    assert await invariants.broken() == []
    return invariants


async def test_every_collection_of_a_running_system_is_decided(system: System, county: County) -> None:
    """What is derived and kept is applied twice after a restore; what is neither derived nor kept is lost."""
    async with system.driver() as driver:
        assert {*await driver.client.list_database_names()} - {"admin", "config", "local"} <= {*DATABASES}
        for service in SERVICES:
            there = await driver.database(system.settings.database(service)).list_collection_names()
            assert undecided(service, there) == []


async def test_a_rehearsed_restore_has_everything_and_all_invariants_hold(
    system: System, county: County, environment: Settings, tmp_path: Path
) -> None:
    """The running system goes on beside it, and knows nothing of it afterwards."""
    async with system.driver() as driver:
        here = await sound(driver, environment)
        began = time.monotonic()
        manifest = await take(driver, environment, tmp_path / "backup")
        seconds = {"taken": time.monotonic() - began}
        before = await here.people()
        async with rehearsed(driver, environment, tmp_path / "backup", {}) as found:
            assert found.wrong == []
            apart = await sound(driver, found.settings)
            assert await apart.people() == before
            seconds |= found.seconds
        left = [name for name in await driver.client.list_database_names() if name.startswith(found.settings.namespace)]
        assert left == []
    print(f"{manifest.documents} documents, {manifest.size / 2**20:.0f} MiB;", told(seconds))  # noqa: T201
    assert sum(seconds.values()) < SECONDS_MAX


async def test_a_system_whose_databases_are_lost_is_restored_by_its_operator_and_goes_on(
    system: System, tree: Tree, county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old topics tell of more than was restored: whoever still heard them would bring it back in halves."""
    monkeypatch.setattr("deploy.cli.backup.this_stack", lambda: system.stack)
    backup = str(tmp_path / "backup")
    async with system.driver() as driver:
        before = await (await sound(driver, system.settings)).people()
        assert (await said("backup", backup)).startswith("0: ")
        await imported(tree, county, SOME)
        await sound(driver, system.settings)

        assert (await said("restore", backup, "--nobody-erased")).startswith("1: relay is running")
        for name in system.stack.services():
            await asyncio.to_thread(system.stack.stop_one, name)
        for name in DATABASES:
            await driver.client.drop_database(system.settings.database(name))
        answer = await said("restore", backup, "--nobody-erased")
        assert answer.startswith("0: "), answer
        assert f"{SOME} member.PersonRecorded.v1" in answer
        lines = [json.loads(line) for line in (tmp_path / "backup.beyond.jsonl").read_text().splitlines()]
        assert not {line["stream"] for line in lines} & before.recorded.keys()

        await asyncio.to_thread(system.stack.start)
        assert await (await sound(driver, system.settings)).people() == before
        password = (system.stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
        operator = await tree.door.sign_in(OPERATOR_LOGIN, password, OPERATOR_KIND)
        admin = await tree.appoint(operator, "", tree.province)
        assert admin.person in (await (await sound(driver, system.settings)).people()).recorded


async def said(*words: str) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
    return f"{result.exit_code}: {result.output}"


def told(seconds: dict[str, float]) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    steps = ", ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    return f"{sum(seconds.values()):.1f} s: {steps}; at most {peak} MiB here"
