"""P4 across processes: the same people in two workbooks at the same moment, with two processes that import."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.fork_server import FORK_SERVER
from deploy.local.ports import free_block
from deploy.local.processes import LocalProcess
from deploy.local.seeding.client import User
from deploy.local.seeding.play import workbook
from deploy.local.servers import CHECKOUT
from tests.faults.county import County, Tree, settled, upload
from tests.faults.invariants import Invariants
from tests.faults.system import System, until

PEOPLE = 200
MANY = 1_500
LOST = {
    "number_registered",
    "number_registered_elsewhere",
    "number_registered_meanwhile",
    "development_number_taken",
}


@pytest.fixture(scope="module")
async def second_importer(system: System) -> AsyncIterator[LocalProcess]:
    """One more process that settles imports, so that two organizations' imports really meet at the store."""
    process = LocalProcess("member-worker", system.stack.directory)
    environment = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ} | system.stack.settings()
    environment |= {"TUAN_PORT_BASE": str(free_block().base), "TUAN_INSTANCE": ""}
    process.start(["run", "member", "--role", "worker"], environment, cwd=CHECKOUT, begin=FORK_SERVER.begin)
    yield process
    await asyncio.to_thread(process.stop)


@pytest.fixture(scope="module")
async def counties(tree: Tree) -> list[County]:
    return [await tree.county(name, branches=4) for name in ("宜黄县", "乐安县")]


@pytest.mark.rule("P4", "MEM-10")
async def test_of_two_counties_with_the_same_people_each_person_goes_to_exactly_one(
    system: System, tree: Tree, counties: list[County], second_importer: LocalProcess
) -> None:
    one, other = counties
    rows = tree.rows(one, [tree.someone() for _ in range(PEOPLE)])
    branches = dict(zip(one.branches, other.branches, strict=True))
    books = [workbook(rows), workbook([row | {"branch": branches[row["branch"]]} for row in rows])]
    received = await asyncio.gather(
        *(upload(c.admin.user, c.id, book) for c, book in zip(counties, books, strict=True))
    )
    lines = await asyncio.gather(
        *(settled(c.admin.user, c.id, r["stream"]) for c, r in zip(counties, received, strict=True))
    )
    assert [line["rows"] for line in lines] == [PEOPLE] * 2
    failed = [await failures(c.admin.user, c.id, r["stream"]) for c, r in zip(counties, received, strict=True)]
    assert {code for faults in failed for codes in faults.values() for code in codes} <= LOST
    lost = Counter(row for faults in failed for row in faults)
    assert lost == Counter(range(2, PEOPLE + 2)), "each person is in one county and told to the other"
    assert sum(line["imported"] for line in lines) == PEOPLE
    assert second_importer.running() is not None
    await expect_sound(system)


@pytest.mark.rule("P4", "MEM-09")
async def test_one_file_uploaded_twice_at_the_same_moment_is_one_import(
    system: System, tree: Tree, counties: list[County], second_importer: LocalProcess
) -> None:
    """Large enough that the one is still being settled when the other, whose child had to be started, was read."""
    county = counties[0]
    book = workbook(tree.rows(county, [tree.someone() for _ in range(MANY)]))
    received = await asyncio.gather(*(upload(county.admin.user, county.id, book) for _ in range(2)))
    assert len({r["stream"] for r in received}) == 1
    assert sorted(r["joined"] for r in received) == [False, True]
    line = await settled(county.admin.user, county.id, received[0]["stream"])
    assert (line["state"], line["imported"]) == ("completed", MANY)
    again = await upload(county.admin.user, county.id, book)
    line = await settled(county.admin.user, county.id, again["stream"])
    assert (line["imported"], line["unchanged"]) == (0, MANY)
    await expect_sound(system)


async def expect_sound(system: System) -> None:
    async with system.driver() as driver:
        invariants = Invariants(driver, system.settings)
        assert await until(invariants.at_rest)
        assert await invariants.each_once() == []


async def failures(user: User, organization: str, import_id: str) -> dict[int, list[str]]:
    """The codes of a failed row's faults by row."""
    found: dict[int, list[str]] = {}
    asked: dict[str, Any] = {"verdict": "failed", "limit": 100}
    while True:
        path = f"/v1/imports/{import_id}/rows"
        page = await user.ask("member", "GET", path, acting=organization, params=asked)
        found |= {row["row"]: [fault["code"] for fault in row["faults"]] for row in page["items"]}
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]
