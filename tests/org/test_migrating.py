"""Migrations over HTTP and on the real store: asked for, decided twice, ended, and what they leave as it was (ORG-17)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.org.use_cases.migrations import MIGRATION_DUE
from shared.authority.words import Replaced
from shared.contracts import org as public
from shared.deadlines.worker import DeadlineWorker
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN
from tests.org.test_dissolving import asked, card, names_below, told

EAST_ADMIN, WEST_ADMIN, PROVINCE_ADMIN = person(11), person(12), person(13)
EAST = {"full_name": "共青团北京市东城区委员会", "short_name": "东城团区委", "category": "leading_body"}
WEST = {"full_name": "共青团北京市西城区委员会", "short_name": "西城团区委", "category": "leading_body"}


async def town(world: World) -> tuple[str, str, str, str, str]:
    """(city, east, west, a school under east, a class of it), each with its admin but the class."""
    city = world.tree.bodies["团北京市委"]
    await world.admin(TOWN_ADMIN, city)
    east, west = [await world.establish(city, TOWN_ADMIN, **each) for each in (EAST, WEST)]
    await world.admin(EAST_ADMIN, east, TOWN_ADMIN)
    await world.admin(WEST_ADMIN, west, TOWN_ADMIN)
    school = await world.establish(east, EAST_ADMIN, **SCHOOL)
    await world.admin(SCHOOL_ADMIN, school, EAST_ADMIN)
    return city, east, west, school, await world.establish(school, SCHOOL_ADMIN, **CLASS_1)


async def requested(world: World, organization: str, to: str, by: str = SCHOOL_ADMIN, **fields: Any) -> Any:
    return await world.post(f"/v1/organizations/{organization}/migrations", {"to": to} | fields, by)


async def begun(world: World, organization: str, to: str, by: str = SCHOOL_ADMIN) -> str:
    answer = await requested(world, organization, to, by)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"])


async def approved(world: World, migration: str, by: str) -> Any:
    return await world.post(f"/v1/migrations/{migration}/approval", {}, by)


async def shown(world: World, migration: str, by: str = SCHOOL_ADMIN) -> dict[str, Any]:
    answer = await world.get(f"/v1/migrations/{migration}", by)
    return dict(answer.json())


async def lane(world: World, organization: str) -> None:
    """Every process reads it; until then a look at the tree may be five seconds old."""
    for each in await told(world, organization, public.PlaceWithdrawn):
        world.rights.withdrawals.note_place(Replaced(each["organization"], each["superior"], each["version"]))


async def path_of(world: World, organization: str, by: str = OPERATOR) -> list[str]:
    return [node["id"] for node in (await card(world, organization, by))["path"]]


@pytest.mark.rule("ORG-17")
async def test_both_superiors_agree_and_the_whole_subtree_stands_under_the_new_one(world: World) -> None:
    city, east, west, school, branch = await town(world)
    migration = await begun(world, school, west)
    waiting = await shown(world, migration)
    assert (waiting["state"], waiting["waits_for"]["id"], waiting["may_withdraw"]) == ("pending", east, True)
    assert (await approved(world, migration, WEST_ADMIN)).json()["code"] == "outside_authority"
    assert (await approved(world, migration, EAST_ADMIN)).status_code == 200
    waiting = await shown(world, migration, WEST_ADMIN)
    assert (waiting["waits_for"]["id"], waiting["may_decide"]) == (west, True)
    assert await path_of(world, school) == [world.tree.root, city, east]
    listed = (await world.get(f"/v1/organizations/{west}/migrations", WEST_ADMIN)).json()
    assert [each["migration"] for each in listed["items"]] == [migration]
    assert (await approved(world, migration, WEST_ADMIN)).status_code == 200

    assert await path_of(world, school) == [world.tree.root, city, west]
    assert await path_of(world, branch) == [world.tree.root, city, west, school]
    assert await names_below(world, east, EAST_ADMIN) == []
    assert await names_below(world, west, WEST_ADMIN) == [SCHOOL["short_name"]]
    (moved,) = await told(world, school, public.OrganizationMoved)
    assert moved == {
        "organization": school, "superior": west, "former_superior": east, "order": 1, "cause": "migration"
    }  # fmt: skip
    (withdrawn,) = await told(world, school, public.PlaceWithdrawn)
    assert (withdrawn["superior"], withdrawn["version"]) == (west, 3)
    over = await shown(world, migration)
    assert (over["state"], [each["what"] for each in over["steps"]]) == ("moved", ["requested", "approved", "approved"])
    rows = world.parts.database["tree"]
    counts = {each["_id"]: each["subordinates"] async for each in rows.find({"_id": {"$in": [east, west, school]}})}
    assert counts == {east: 0, west: 1, school: 1}


@pytest.mark.rule("ORG-17", "ADM-08")
async def test_rights_over_the_subtree_go_with_it(world: World) -> None:
    _, east, west, school, branch = await town(world)
    migration = await begun(world, school, west)
    for by in (EAST_ADMIN, WEST_ADMIN):
        await approved(world, migration, by)
    await lane(world, school)
    for by, status in ((EAST_ADMIN, 403), (WEST_ADMIN, 200)):
        assert (await world.get(f"/v1/organizations/{school}/admins", by)).status_code == status
        assert (await world.get(f"/v1/organizations/{branch}/admins", by)).status_code == status
    for by, status in ((EAST_ADMIN, 403), (WEST_ADMIN, 201)):
        await world.cadre(OTHER, school)
        answer = await world.post(f"/v1/organizations/{school}/admins", {"person": OTHER}, by)
        assert answer.status_code == status, answer.text
    refused = await asked(world, branch, EAST_ADMIN)
    assert refused.json()["code"] == "outside_authority"
    found = await world.get(f"/v1/organizations?q=育才&under={west}", OTHER)
    assert {each["id"] for each in found.json()["items"]} == {school, branch}
    assert (await world.get(f"/v1/organizations?q=育才&under={east}", OTHER)).json()["items"] == []


@pytest.mark.rule("ORG-17")
async def test_what_cannot_move_there_is_told_why(world: World) -> None:
    city, east, west, school, branch = await town(world)
    other = world.tree.bodies["团天津市委"]
    general = await world.establish(west, WEST_ADMIN, **CLASS_1 | {"category": "general_branch"})
    for organization, to, by, code in (
        (school, school, SCHOOL_ADMIN, "move_in_circle"),
        (school, branch, SCHOOL_ADMIN, "move_in_circle"),
        (school, east, SCHOOL_ADMIN, "already_under_superior"),
        (school, other, SCHOOL_ADMIN, "other_province"),
        (school, world.tree.root, SCHOOL_ADMIN, "root_takes_bodies_only"),
        (school, general, SCHOOL_ADMIN, "does_not_fit_under"),
        (east, school, TOWN_ADMIN, "move_in_circle"),
        (city, other, TOWN_ADMIN, "provincial_body_stays"),
        (school, "organization-nowhere", SCHOOL_ADMIN, "organization_unknown"),
        (branch, west, OTHER, "outside_authority"),
    ):
        refused = await requested(world, organization, to, by)
        assert refused.json()["code"] == code, (organization, to, refused.text)
    assert refused.status_code == 403
    same = await world.establish(west, WEST_ADMIN, **SCHOOL)
    migration = await begun(world, school, west)
    assert (await approved(world, migration, EAST_ADMIN)).status_code == 200
    clash = await approved(world, migration, WEST_ADMIN)
    assert (clash.status_code, clash.json()["code"]) == (422, "name_taken_there")
    assert (await shown(world, migration))["state"] == "pending"
    assert await names_below(world, west, WEST_ADMIN) == [CLASS_1["short_name"], SCHOOL["short_name"]]
    assert (await card(world, same, WEST_ADMIN))["superior"] == west


@pytest.mark.rule("ORG-17")
async def test_one_request_at_a_time_which_is_refused_or_withdrawn_with_nothing_changed(world: World) -> None:
    city, east, west, school, _ = await town(world)
    both = await asyncio.gather(requested(world, school, west), requested(world, school, city))
    assert sorted(each.status_code for each in both) == [201, 409]
    (late,) = [each for each in both if each.status_code == 409]
    assert late.json()["code"] == "migration_open"
    (migration,) = [each.json()["stream"] for each in both if each.status_code == 201]
    refusal, withdrawal = f"/v1/migrations/{migration}/refusal", f"/v1/migrations/{migration}/withdrawal"
    unsaid = await world.post(refusal, {"ground": "other"}, EAST_ADMIN)
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "ground_wants_note")
    assert (await world.post(refusal, {"ground": "papers_missing"}, TOWN_ADMIN)).json()["code"] == (
        "superior_decides_migrations"
    )
    assert (await world.post(withdrawal, {}, OTHER)).status_code == 404
    assert (await world.post(refusal, {"ground": "papers_missing"}, EAST_ADMIN)).status_code == 200
    over = await shown(world, migration)
    assert (over["state"], over["ground"]) == ("refused", "papers_missing")
    for path, body, by in ((refusal, {"ground": "papers_missing"}, EAST_ADMIN), (withdrawal, {}, SCHOOL_ADMIN)):
        assert (await world.post(path, body, by)).json()["code"] == "migration_over"
    second = await begun(world, school, west)
    assert (await world.post(f"/v1/migrations/{second}/withdrawal", {}, SCHOOL_ADMIN)).status_code == 200
    assert (await approved(world, second, EAST_ADMIN)).json()["code"] == "migration_over"
    await begun(world, school, west)
    assert (await card(world, school, SCHOOL_ADMIN))["superior"] == east


@pytest.mark.rule("ORG-17", "P8")
async def test_each_superior_has_ten_days_and_then_it_is_over(world: World) -> None:
    _, east, west, school, _ = await town(world)
    migrations = world.parts.migrating(world.rights.authority)
    commands = {MIGRATION_DUE: migrations.time_out}
    worker = DeadlineWorker("org", world.parts.database, world.clock, commands)
    migration = await begun(world, school, west)
    world.clock.at += timedelta(days=9)
    assert (await approved(world, migration, EAST_ADMIN)).status_code == 200
    world.clock.at += timedelta(days=9, hours=23)
    await worker.work()
    await world.feed.catch_up()
    assert (await shown(world, migration))["state"] == "pending"
    world.clock.at += timedelta(hours=1)
    assert (await shown(world, migration))["state"] == "timed_out"
    assert (await approved(world, migration, WEST_ADMIN)).json()["code"] == "migration_over"
    await worker.work()
    await worker.work()
    await world.feed.catch_up()
    over = await shown(world, migration)
    assert (over["state"], over["steps"][-1]["organization"]["id"]) == ("timed_out", west)
    assert (await requested(world, school, west)).status_code == 201
    assert (await card(world, school, SCHOOL_ADMIN))["superior"] == east


@pytest.mark.rule("ORG-17", "P1")
async def test_of_two_that_move_under_each_other_at_once_one_does(world: World) -> None:
    city = world.tree.bodies["团北京市委"]
    await world.admin(TOWN_ADMIN, city)
    for number in range(4):
        names = [f"第{number}试验中学{side}校区" for side in ("甲", "乙")]
        made = [
            await world.establish(city, TOWN_ADMIN, **SCHOOL | {"full_name": f"共青团{n}委员会", "short_name": n})
            for n in names
        ]
        admins = [person(200 + number * 2 + side) for side in range(2)]
        for admin, school in zip(admins, made, strict=True):
            await world.admin(admin, school, TOWN_ADMIN)
        first = await begun(world, made[0], made[1], admins[0])
        second = await begun(world, made[1], made[0], admins[1])
        for migration in (first, second):
            assert (await approved(world, migration, TOWN_ADMIN)).status_code == 200
        answers = await asyncio.gather(approved(world, first, admins[1]), approved(world, second, admins[0]))
        assert sorted(each.status_code for each in answers) == [200, 422], [each.text for each in answers]
        (refused,) = [each for each in answers if each.status_code == 422]
        assert refused.json()["code"] == "move_in_circle"
        assert len(await path_of(world, made[0])) + len(await path_of(world, made[1])) == 5


@pytest.mark.rule("ORG-17", "P2")
async def test_an_approval_that_is_sent_twice_moves_once(world: World) -> None:
    _, _, west, school, _ = await town(world)
    migration = await begun(world, school, west)
    await approved(world, migration, EAST_ADMIN)
    path = f"/v1/migrations/{migration}/approval"
    answers = await asyncio.gather(*(world.post(path, {}, WEST_ADMIN, key="the-same-key") for _ in range(3)))
    assert {each.status_code for each in answers} == {200}
    again = await world.post(path, {}, WEST_ADMIN, key="the-same-key")
    assert again.json() == answers[0].json()
    assert len(await told(world, school, public.OrganizationMoved)) == 1


@pytest.mark.rule("ORG-17")
async def test_the_superior_of_the_day_decides_and_what_changed_since_is_looked_at_again(world: World) -> None:
    _, east, west, school, branch = await town(world)
    migration = await begun(world, branch, west)
    assert (await approved(world, migration, SCHOOL_ADMIN)).status_code == 200
    gone = await asked(world, west, TOWN_ADMIN, confirmed=[WEST_ADMIN])
    assert gone.status_code == 202, gone.text
    refused = await world.post(f"/v1/migrations/{migration}/approval", {}, WEST_ADMIN)
    assert refused.status_code in {403, 404}
    assert (await card(world, branch, SCHOOL_ADMIN))["superior"] == school
    assert (await world.post(f"/v1/migrations/{migration}/withdrawal", {}, SCHOOL_ADMIN)).status_code == 200
    assert east


@pytest.mark.rule("ORG-17")
async def test_an_operator_moves_across_provinces_with_a_reason(world: World) -> None:
    _, east, west, school, branch = await town(world)
    other = world.tree.bodies["团天津市委"]
    path = f"/v1/organizations/{school}/placement"
    body = {"to": other, "reason": "学校整体迁入天津市办学"}
    assert (await world.post(path, body, TOWN_ADMIN)).json()["code"] == "only_central_operators"
    assert (await world.post(path, {"to": other, "reason": ""}, OPERATOR)).status_code == 400
    migration = await begun(world, school, west)
    assert (await world.post(path, body, OPERATOR)).json()["code"] == "migration_open"
    await world.post(f"/v1/migrations/{migration}/withdrawal", {}, SCHOOL_ADMIN)
    assert (await world.post(path, body, OPERATOR)).status_code == 200
    assert await path_of(world, branch) == [world.tree.root, other, school]
    assert (await told(world, school, public.OrganizationMoved))[0]["cause"] == "operator"
    await lane(world, school)
    assert (await world.get(f"/v1/organizations/{school}/admins", EAST_ADMIN)).status_code == 403
    assert (await card(world, east, EAST_ADMIN))["subordinates"] == 0


@pytest.mark.rule("BEY-05", "ORG-17")
async def test_what_moves_along_is_counted_before(world: World) -> None:
    _, east, _, school, _ = await town(world)
    reach = (await world.get(f"/v1/organizations/{school}/reach", EAST_ADMIN)).json()
    assert reach == {"organizations": 2, "branches": 1, "admins": 1, "more": False}
    assert (await world.get(f"/v1/organizations/{east}/reach", EAST_ADMIN)).json()["organizations"] == 3
    assert (await world.get(f"/v1/organizations/{school}/reach", WEST_ADMIN)).status_code == 403
