"""R11, R14: read models rebuilt under load and killed on the way; all topics lost and filled anew; every digest equal.

On a system of its own: what it leaves are topics of a second generation and second copies.
"""

import asyncio
import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.cli.data import seed_stack
from deploy.cli.doctor import examine
from deploy.cli.rebuild import every_rebuild
from deploy.local.ports import free_block
from deploy.local.seeding.play import workbook
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from deploy.rebuilding.agreement import agreement
from deploy.rebuilding.rebuild import Rebuild
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from tests.commands import Command
from tests.conftest import TEST_DATA, WHOLE_SYSTEM, end
from tests.faults.county import County, build, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until
from tests.faults.test_kills import Clerk, shown_members
from tests.shared.observability.receiver import receiving

pytestmark = pytest.mark.faults

PEOPLE = 300
REBUILT = ("member.lists", "stats.totals")


@pytest.fixture
def own(servers: Addresses, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """A seeded system on the run's servers; this process has its settings too."""
    settings = {**servers.environment(), **WHOLE_SYSTEM, "TUAN_NAMESPACE": namespace}
    stack = Stack(TEST_DATA / str(os.getpid()) / "republish", free_block(), environment=settings)
    try:
        stack.start()
        seed_stack(stack)
        for name, value in stack.settings().items():
            monkeypatch.setenv(name, value)
        with receiving() as spans:
            yield System(stack, spans)
    finally:
        end(stack.directory, *stack.names())


async def tuan(system: System, *words: str, killed_after: float | None = None) -> str:
    """Runs an operator's command as a process of its own; what it printed. With `killed_after` it dies on the way."""
    command = Command({**os.environ, **system.stack.settings()}, *words)
    with suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(command.done, killed_after)
    command.kill()
    done = command.done()
    assert killed_after is not None or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Watcher:
    """Looks again and again at what admins are shown: never empty, and never less than before."""

    def __init__(self, county: County) -> None:
        self._county = county
        self.looks = 0

    async def look(self) -> None:
        seen = 0
        user, county = self._county.admin.user, self._county.id
        branch = next(iter(self._county.branches.values()))
        while True:
            counted = await shown_members(user, county)
            assert counted >= seen, f"the figures went back from {seen} to {counted}"
            seen = counted
            listed = await user.ask("member", "GET", f"/v1/organizations/{branch}/members", acting=county)
            assert listed["items"], "the list is empty"
            card = await user.ask("org", "GET", f"/v1/organizations/{county}", acting=county)
            assert card["full_name"] == f"共青团{self._county.name}委员会"
            self.looks += 1
            await asyncio.sleep(0.05)


@asynccontextmanager
async def under_load(clerk: Clerk, county: County) -> AsyncIterator[None]:
    watcher = Watcher(county)
    entering, looking = asyncio.create_task(clerk.work()), asyncio.create_task(watcher.look())
    try:
        yield
        assert not looking.done(), looking.exception()
    finally:
        clerk.stop()
        await entering
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    assert watcher.looks > 10


async def digests() -> dict[str, str]:
    """Of every read model of every service, as it is read now."""
    async with every_rebuild() as rebuilds:
        return {each.name: await digest(each) for each in rebuilds}


async def digest(rebuild: Rebuild) -> str:
    row = await rebuild.copies.row()
    assert row
    copy = rebuild._projection.at(row["read"])
    return (await agreement(rebuild._database, copy, copy)).digests[0]


async def seen(county: County) -> tuple[int, int]:
    """How many members are listed in the branches, and how many are counted."""
    user, listed = county.admin.user, 0
    for branch in county.branches.values():
        page = await user.ask("member", "GET", f"/v1/organizations/{branch}/members", acting=county.id)
        listed += page["total"]
    return listed, await shown_members(user, county.id)


async def expect_at_rest(county: County, members: int) -> None:
    async def all_seen() -> bool:
        return await seen(county) == (members, members)

    assert await until(all_seen), (members, await seen(county))


async def delete_topics(system: System) -> None:
    settings = system.settings
    names = [n for its in (await Topics(settings.namespace).generations(connection(settings))).values() for n in its]
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        await admin.delete_topics(names)
    finally:
        await admin.close()


@pytest.mark.rule("P7", "STA-07")
@pytest.mark.timeout(600)
async def test_everything_is_rebuilt_under_load_and_again_from_topics_that_were_lost(own: System, seed: int) -> None:
    print(f"\nSEED={seed}, logs in {own.stack.directory / 'logs'}")  # noqa: T201 - repeats this run
    chance = random.Random(seed)
    tree = await build(own.stack, seed)
    county = await tree.county("云和县", branches=4)
    content = workbook(tree.rows(county, [tree.someone() for _ in range(PEOPLE)]))
    received = await upload(county.admin.user, county.id, content)
    assert (await settled(county.admin.user, county.id, received["stream"]))["imported"] == PEOPLE
    await expect_at_rest(county, PEOPLE)

    clerk = Clerk(tree, county)
    async with under_load(clerk, county):
        for name in REBUILT:
            await tuan(own, "rebuild", name, killed_after=chance.uniform(1, 4))
        for told in await asyncio.gather(*(tuan(own, "rebuild", name) for name in REBUILT)):
            assert "documents agree" in told or "is read" in told or "dropped" in told, told
    await expect_at_rest(county, PEOPLE + len(clerk.answered))

    before = await digests()
    await delete_topics(own)
    await tuan(own, "republish", killed_after=chance.uniform(2, 12))
    told = await tuan(own, "republish")
    assert "generation 2" in told
    assert "lag.groupSuffix=-g2" in told, "what the chart's scalers must follow from now on"
    assert await digests() == before, "every digest equal"
    assert await delete_and_look(own)

    async with under_load(clerk, county):
        await asyncio.sleep(3)
    await expect_at_rest(county, PEOPLE + len(clerk.answered))
    await expect_sound(own)


async def delete_and_look(own: System) -> bool:
    """Older topics, where the relay had made any again, go by order; those that are read stay."""
    await tuan(own, "republish", "--delete-old")
    settings = own.settings
    return list(await Topics(settings.namespace).generations(connection(settings))) == [2]


async def expect_sound(own: System) -> None:
    """Nothing was applied twice, nothing drifts, and nobody is left to do anything."""
    async with own.driver() as driver:
        invariants = Invariants(driver, own.settings)
        assert await until(invariants.at_rest)
        assert await invariants.broken() == []
    assert "No drift." in await tuan(own, "verify")
    sick: list[Any] = [f for f in await asyncio.to_thread(lambda: list(examine(own.stack))) if not f.well]
    assert sick == []
