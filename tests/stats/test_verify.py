"""P10: what `tuan verify` does, beside a writer on the real servers."""

import random

import pytest

from services.stats.verify import Verification
from tests.stats.conftest import World
from tests.stats.counting.facts import (
    appointed,
    asked,
    dissolved,
    ended,
    entered,
    established,
    mended,
    moved,
    relocated,
    reordered,
)


def _history(seed: int) -> list:
    """A county with some hundred facts; subordinates may be told before their superiors."""
    chance = random.Random(seed)
    facts = [established("root", category="leading_body"), established("county", "root", "leading_body")]
    committees = [f"c{i}" for i in range(4)]
    facts += [established(c, "county", "committee", sector=chance.choice(["5", "8", ""])) for c in committees]
    branches = [f"b{i}" for i in range(12)]
    facts += [established(b, chance.choice(committees), sector=chance.choice(["5", "15"])) for b in branches]
    for i in range(120):
        person, branch = f"p{i}", chance.choice(branches)
        facts.append(entered(person, branch, *chance.choice([(), ("mobile",), ("education",)])))
        if chance.random() < 0.3:
            facts.append(appointed(person, chance.choice([branch, *committees, "county"]), "书记"))
        if chance.random() < 0.2:
            facts.append(mended(person))
        if chance.random() < 0.1:
            facts.append(ended(person, branch))
    moving = [relocated("c3", "c0"), relocated(branches[0], chance.choice(committees)), relocated("c3", "root")]
    return [*facts, reordered("county", *reversed(committees)), *moving]


@pytest.mark.rule("P10", "STA-06")
async def test_a_recount_from_documents_and_one_from_the_streams_show_zero_drift(world: World):
    async with world.writing():
        await world.tell(*_history(1))
        await world.until_applied()
        verification = Verification(world.driver, world.settings)
        kept, replayed = await verification.recount(), await verification.replay()
    assert kept.drifts == []
    assert replayed.drifts == []
    assert kept.organizations == replayed.organizations == 18
    assert kept.people == replayed.people > 100


@pytest.mark.rule("STA-06")
async def test_what_waits_for_a_circle_to_open_is_attached_by_a_later_batch(world: World):
    async with world.writing():
        for batch in (
            (established("a", None, "committee"), established("b", "a", "committee"), entered("p", "b")),
            (established("a", "b", "committee"),),
            (established("b", None, "committee"),),
        ):
            await world.tell(*batch)
            await world.until_applied()
        a = await world.database["nodes_v3"].find_one({"_id": "a"})
        kept = await Verification(world.driver, world.settings).recount()
    assert (a["attached"], a["waiting"], kept.drifts) == ("b", False, [])


@pytest.mark.rule("STA-02", "STA-06", "P10")
async def test_a_cadre_who_becomes_a_member_later_is_known_and_counted_once(world: World):
    """Also who is known by a transfer before the membership is read: taking them for new would stop the figures."""
    async with world.writing():
        await world.tell(established("b0"), appointed("p0", "b0"), asked("t", "p1", "b0"))
        await world.until_applied()
        await world.tell(entered("p0", "b0"), entered("p1", "b0"))
        await world.until_applied()
        counts = (await world.database["nodes_v3"].find_one({"_id": "b0"}))["counts"]
        verification = Verification(world.driver, world.settings)
        kept, replayed = await verification.recount(), await verification.replay()
        await world.tell(ended("p1", "b0"))
        await world.until_applied()
        left = await verification.recount()
    assert (counts["members"], counts["cadres"], counts["people"]) == (2, 1, 2)
    assert kept.drifts == replayed.drifts == left.drifts == []
    assert (kept.people, left.people) == (2, 2), "somebody of whom a transfer was asked stays known"


@pytest.mark.rule("P10", "ORG-09")
async def test_what_was_dissolved_is_no_drift_and_no_organization_any_more(world: World):
    async with world.writing():
        await world.tell(*_history(1))
        await world.tell(
            established("b99", "c1"), entered("q0", "b99"), moved("q0", "b99", "b1"), dissolved("b99", "c1")
        )
        await world.until_applied()
        verification = Verification(world.driver, world.settings)
        kept, replayed = await verification.recount(), await verification.replay()
    assert kept.drifts == replayed.drifts == []
    assert kept.organizations == replayed.organizations == 18


@pytest.mark.rule("P10")
async def test_a_recount_beside_a_busy_writer_is_at_equal_positions(world: World):
    async with world.writing():
        await world.tell(*_history(2)[:40])
        await world.until_applied()
        for part in range(3):
            await world.tell(*(entered(f"q{part}-{i}", f"b{i % 12}") for i in range(200)))
            verification = Verification(world.driver, world.settings)
            assert (await verification.recount()).drifts == []
            assert (await verification.replay()).drifts == []


@pytest.mark.rule("P10")
async def test_drift_is_found_wherever_it_is(world: World):
    async with world.writing():
        await world.tell(*_history(3))
        await world.until_applied()
    verification = Verification(world.driver, world.settings)
    nodes = world.database["nodes_v3"]
    await nodes.update_one({"_id": "county"}, {"$inc": {"totals.school.members": 1}})
    assert {(d.node, d.what) for d in (await verification.recount()).drifts} == {("county", "totals")}
    await nodes.update_one({"_id": "county"}, {"$inc": {"totals.school.members": -1}})
    await world.database["people_v3"].delete_one({"branch": {"$ne": None}})
    assert "counts" in {d.what for d in (await verification.recount()).drifts}
    assert (await verification.replay()).drifts == []
    await nodes.update_one({"_id": "b1"}, {"$set": {"sector": "10"}})
    assert "organization" in {d.what for d in (await verification.replay()).drifts}
