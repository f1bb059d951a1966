"""What two admins do at the same moment."""

import asyncio

import pytest

from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, SCHOOL, SCHOOL_ADMIN, school_of


@pytest.mark.rule("P4", "ORG-05")
async def test_of_twenty_organizations_with_one_name_exactly_one_is_established(world: World) -> None:
    _, school = await school_of(world)
    body = CLASS_1 | {"superior": school}
    answers = await asyncio.gather(*(world.post("/v1/organizations", body, SCHOOL_ADMIN) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [201] + [422] * 19
    assert {a.json()["code"] for a in answers if a.status_code == 422} == {"name_taken"}
    row = await world.parts.database["tree"].find_one({"_id": school})
    assert row["subordinates"] == 1


@pytest.mark.rule("P4", "ADM-01")
async def test_the_quota_holds_when_all_are_appointed_at_once(world: World) -> None:
    body = world.tree.bodies["团天津市委"]
    people = [person(n) for n in range(10, 18)]
    for each in people:
        await world.cadre(each, body, "委员")
    path = f"/v1/organizations/{body}/admins"
    answers = await asyncio.gather(*(world.post(path, {"person": each}, OPERATOR) for each in people))
    assert sorted(a.status_code for a in answers)[:2] == [201, 201]
    assert {a.json()["code"] for a in answers if a.status_code != 201} <= {"admin_quota_reached", "changed_meanwhile"}
    listed = (await world.get(path, OPERATOR)).json()
    assert listed["total"] == 2


@pytest.mark.rule("ORG-03")
async def test_nothing_is_established_under_a_superior_that_is_closed_at_the_same_moment(world: World) -> None:
    """Without the step on the superior's row an organization could hang below one that is dissolved."""
    _, school = await school_of(world)
    await world.parts.database["tree"].update_one({"_id": school}, {"$set": {"state": "closed"}})
    answer = await world.post("/v1/organizations", CLASS_1 | {"superior": school}, SCHOOL_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (404, "organization_unknown")
    assert (await world.get(f"/v1/organizations/{school}/tree", SCHOOL_ADMIN)).json()["children"] == []


@pytest.mark.rule("ORG-03")
async def test_the_rows_of_the_tree_count_what_was_established(world: World) -> None:
    """The counts are derived: they equal a recount from the streams."""
    city, school = await school_of(world)
    await world.establish(school, SCHOOL_ADMIN, **CLASS_1)
    rows = {row["_id"]: row async for row in world.parts.database["tree"].find({})}
    assert {i: row["subordinates"] for i, row in rows.items()} == {
        i: sum(other["superior"] == i for other in rows.values()) for i in rows
    }
    assert await world.parts.rows.path(school) == [world.tree.root, city, school]
    assert len(rows) == await world.parts.store.commits.count_documents({"version": 1})
    assert SCHOOL["full_name"] in {c["full_name"] for c in (await world.parts.organizations.many(list(rows))).values()}


@pytest.mark.rule("ORG-08")
async def test_those_established_at_the_same_moment_have_each_a_place_and_keep_it(world: World) -> None:
    _, school = await school_of(world)
    bodies = [CLASS_1 | {"superior": school, "full_name": f"育才中学第{n}团支部"} for n in range(12)]
    await asyncio.gather(*(world.post("/v1/organizations", body, SCHOOL_ADMIN) for body in bodies))
    listed = (await world.get(f"/v1/organizations/{school}/subordinates", SCHOOL_ADMIN)).json()["items"]
    assert [row["order"] for row in listed] == list(range(1, 13))
    assert [row["id"] for row in listed] == await world.parts.rows.subordinates(school)
    moved = listed[11]["id"]
    await world.post(f"/v1/organizations/{moved}/move-up", {}, SCHOOL_ADMIN)
    again = (await world.get(f"/v1/organizations/{school}/subordinates?q=第", SCHOOL_ADMIN)).json()["items"]
    assert [row["id"] for row in again[:10]] == [row["id"] for row in listed[:10]]
    assert (again[10]["id"], again[10]["order"]) == (moved, 11)
