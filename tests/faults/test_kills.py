"""SIGKILL of any process at random moments of an import; what must hold afterwards (P1 to P4).

KILLS=20 SEED=7 pytest tests/faults/test_kills.py (or `make faults`): more moments, and the same again.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.seeding.client import User
from deploy.local.seeding.play import workbook
from tests.faults.county import County, Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, patiently, until

KILLS = int(os.environ.get("KILLS") or 4)
ROWS = 5_000
IMPORT_SECONDS = 3.0
"""About how long an import takes by itself: moments are drawn from as much."""


class Importing:
    """Workbooks of 5,000 people, one after the other, for as long as there is something to kill."""

    def __init__(self, tree: Tree, county: County) -> None:
        self._tree = tree
        self._county = county
        self._running: asyncio.Task[None] | None = None
        self.lines: list[dict[str, Any]] = []

    def go_on(self) -> None:
        """Begins the next workbook if the last one is over."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._one())

    async def end(self) -> None:
        assert self._running is not None
        await self._running

    async def _one(self) -> None:
        people = [self._tree.someone() for _ in range(ROWS)]
        content = await asyncio.to_thread(workbook, self._tree.rows(self._county, people))
        user = self._county.admin.user
        received = await upload(user, self._county.id, content)
        self.lines.append(await settled(user, self._county.id, received["stream"]))


class Clerk:
    """Enters one member after the other by form, each with one key until it is answered."""

    def __init__(self, tree: Tree, county: County) -> None:
        self._tree = tree
        self._county = county
        self._stop = False
        self.answered: list[str] = []

    async def work(self) -> None:
        self._stop = False
        while not self._stop:
            [form] = self._tree.rows(self._county, [self._tree.someone()])
            answer = await self._enter(form, f"clerk-{len(self.answered):05d}")
            self.answered.append(answer["stream"])
            await asyncio.sleep(0.2)

    def stop(self) -> None:
        self._stop = True

    async def _enter(self, form: dict[str, str], key: str) -> dict[str, Any]:
        user, county = self._county.admin.user, self._county.id
        path = f"/v1/organizations/{county}/members"
        return await patiently(lambda: user.ask("member", "POST", path, form, acting=county, key=key))


def victims(chance: random.Random, names: tuple[str, ...]) -> Iterator[str]:
    """All in turn, each round in another order."""
    while True:
        yield from chance.sample(names, len(names))


@pytest.mark.rule("P1", "P2", "P3", "P4", "P10")
@pytest.mark.timeout(240 + 60 * KILLS)
async def test_an_import_finishes_by_itself_whatever_is_killed(system: System, tree: Tree, seed: int) -> None:
    """Without transactions, fences, derived ids, chained records or stored positions one of these is lost or doubled."""
    print(f"\nSEED={seed} KILLS={KILLS}, logs in {system.stack.directory / 'logs'}")  # noqa: T201 - repeats this run
    chance = random.Random(seed)
    county = await tree.county("崇仁县")
    importing, clerk = Importing(tree, county), Clerk(tree, county)
    entering = asyncio.create_task(clerk.work())
    order = victims(chance, system.stack.names())
    for _ in range(KILLS):
        importing.go_on()
        await asyncio.sleep(chance.uniform(0, IMPORT_SECONDS))
        name, down = next(order), chance.uniform(0, 1)
        print(f"kills {name}")  # noqa: T201
        await system.kill_and_restart(name, down)
        assert system.ended_by_themselves() == []
    await importing.end()
    clerk.stop()
    await entering
    assert [(line["state"], line["imported"]) for line in importing.lines] == [("completed", ROWS)] * len(
        importing.lines
    )
    await expect_sound(system, county, tree, members=ROWS * len(importing.lines) + len(clerk.answered))
    async with system.driver() as driver:
        people = await Invariants(driver, system.settings).people()
        assert set(clerk.answered) <= people.branch.keys()


async def expect_sound(system: System, county: County, tree: Tree, members: int) -> None:
    """At rest within two minutes by itself, everything derived agrees, and admins are shown the same."""
    await asyncio.to_thread(system.stack.wait_ready, system.stack.services())
    async with system.driver() as driver:
        invariants = Invariants(driver, system.settings)
        assert await until(invariants.at_rest), await invariants.broken()
        assert await invariants.broken() == []
    assert await shown_members(county.admin.user, county.id) == members
    for user, above in ((tree.governor.user, tree.province), (tree.operator, tree.root)):
        assert await shown_members(user, above) >= members


async def shown_members(user: User, organization: str) -> int:
    """The live total that a superior sees."""
    asked = {"organization": organization, "hour": "live"}
    answer = await patiently(lambda: user.ask("stats", "GET", "/v1/progress/members", params=asked))
    return int(answer["total"]["members"])
