"""The invariants see what they are there for: damage of each kind is done to a sound system, seen, and taken back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.local.seeding.play import workbook
from services.member.projections.imports import ImportList
from services.member.projections.people import PeopleList
from services.stats.projections.live import NODES
from shared.eventstore.driver import Driver
from shared.projections.copies import collection_of
from tests.faults.county import Tree, settled, upload
from tests.faults.invariants import OPENED, Invariants
from tests.faults.system import System, until

Damage = Callable[[Driver], Awaitable[tuple[Any, dict[str, Any]]]]
"""Does it, and answers the collection and the document as it was."""


async def lost(driver: Driver, database: str, collection: str, query: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    rows = driver.database(database)[collection]
    return rows, await rows.find_one_and_delete(query)


async def changed(
    driver: Driver, database: str, collection: str, query: dict[str, Any], change: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The newest that fits: of this test's own county, not of somebody whom another test withdrew."""
    rows = driver.database(database)[collection]
    return rows, await rows.find_one_and_update(query, {"$set": change}, sort=[("at", -1)])


PEOPLE = f"{PeopleList.name}_v{PeopleList.version}"
# Commits are changed and changed back by updates: whatever is inserted there, the relay sends.
PERSON, IMPORT = ({"$regex": f"^{kind}-"} for kind in ("person", "import"))
DAMAGES: dict[str, tuple[Damage, str]] = {
    "a claim": (lambda d: lost(d, "member", "claims", {"_id": {"$regex": "^number:"}}), "claims"),
    "a key": (lambda d: lost(d, "vault", "keys", {"_id": PERSON}), "keys and"),
    "a line": (lambda d: lost(d, "member", PEOPLE, {"branch": {"$ne": None}}), "lists of branches"),
    "a person": (lambda d: changed(d, "member", "commits", {"_id": PERSON}, {"events": []}), "claims"),
    "a fact": (lambda d: changed(d, "member", "commits", {"_id": PERSON}, {"events": []}), "are of no commit"),
    "a version": (lambda d: changed(d, "org", "commits", {}, {"version": 7}), "up to version 7"),
    "verdicts": (lambda d: changed(d, "member", "commits", {"_id": IMPORT, "version": 3}, {"events": []}), "verdicts"),
    "an account": (
        lambda d: changed(d, "identity", "commits", {"events.type": OPENED}, {"events": []}),
        "accounts opened",
    ),
    "a place": (lambda d: changed(d, "member", "rosters", {"members": {"$gt": 0}}, {"members": 99}), "rosters"),
    "a sum": (lambda d: changed(d, "stats", NODES, {"wanted": None}, {"totals.15.members": 99}), "figures"),
}


@asynccontextmanager
async def damaged(driver: Driver, damage: Damage) -> AsyncIterator[None]:
    rows, before = await damage(driver)
    assert before is not None
    try:
        yield
    finally:
        await rows.update_one({"_id": before.pop("_id")}, {"$set": before}, upsert=True)


@pytest.fixture(scope="module")
async def invariants(system: System, tree: Tree) -> AsyncIterator[Invariants]:
    """Of a system with a county that has imported a few people, sound so far."""
    county = await tree.county("东乡县", branches=2)
    book = workbook(tree.rows(county, [tree.someone() for _ in range(5)]))
    received = await upload(county.admin.user, county.id, book)
    await settled(county.admin.user, county.id, received["stream"])
    async with system.driver() as driver:
        found = Invariants(driver, system.settings)
        assert await until(found.at_rest)
        assert await found.broken() == []
        yield found


@pytest.mark.rule("P1", "P2", "P3", "P4", "P10")
@pytest.mark.parametrize("what", DAMAGES)
async def test_damage_of_each_kind_is_seen(system: System, invariants: Invariants, what: str) -> None:
    damage, said = DAMAGES[what]
    async with system.driver() as driver:
        async with damaged(driver, damage):
            assert [wrong for wrong in await invariants.broken() if said in wrong]
        assert await until(lambda: _sound(invariants), seconds=20)


@pytest.mark.rule("STA-07")
async def test_after_a_rebuild_the_copy_that_is_read_is_the_one_that_is_looked_at(
    system: System, invariants: Invariants
) -> None:
    async with system.driver() as driver:
        database = driver.database(system.settings.database("member"))
        key = {"_id": PeopleList.copied_with}
        firsts = [await invariants.read("member", part) for part in (PeopleList, ImportList)]
        second, imports = [database[collection_of(first.name, 2)] for first in firsts]
        for first, copy in zip(firsts, (second, imports), strict=True):
            await (await first.aggregate([{"$out": copy.name}])).to_list(None)
        await database.copies.update_one(key, {"$set": {"read": 2}})
        try:
            assert await invariants.broken() == []
            assert (await second.delete_one({"branch": {"$ne": None}})).deleted_count == 1
            assert [wrong for wrong in await invariants.broken() if "lists of branches" in wrong]
        finally:
            await database.copies.update_one(key, {"$set": {"read": 1}})
            await second.drop()
            await imports.drop()


async def _sound(invariants: Invariants) -> bool:
    return await invariants.broken() == []
