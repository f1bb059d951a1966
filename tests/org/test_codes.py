"""Registration codes over HTTP and on the real store (ADM-02, ADM-03, P8)."""

import asyncio
import re
import time
from datetime import timedelta

import pytest

from services.org.use_cases.codes import CODE_EXPIRES
from shared.deadlines.rows import DEADLINES
from shared.deadlines.worker import DeadlineWorker
from shared.testing.measured import measured
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import CLASS_1, CLASS_2, CLASS_3, SCHOOL_ADMIN, TOWN_ADMIN, school_of

KEY = "the-same-key"


def worker(world: World) -> DeadlineWorker:
    codes = world.parts.codes(world.rights.authority)
    return DeadlineWorker("org", world.parts.database, world.clock, {CODE_EXPIRES: codes.expire})


async def classes_of(world: World) -> tuple[str, list[str]]:
    """A school with SCHOOL_ADMIN and three branches."""
    _, school = await school_of(world)
    return school, [await world.establish(school, SCHOOL_ADMIN, **each) for each in (CLASS_1, CLASS_2, CLASS_3)]


async def state_of(world: World, superior: str, by: str) -> list[str]:
    path = f"/v1/organizations/{superior}/subordinates/registration-codes"
    answer = await world.get(path, by)
    assert answer.status_code == 200, answer.text
    return [row["state"] for row in answer.json()["items"]]


@pytest.mark.rule("ADM-02", "ADM-03")
async def test_a_single_code_is_shown_once_and_to_the_repeat_and_kept_only_as_a_hash(world: World) -> None:
    city, school = await school_of(world)
    path = f"/v1/organizations/{school}/registration-codes"
    first = await world.post(path, {}, TOWN_ADMIN, key=KEY)
    assert first.status_code == 201, first.text
    code = first.json()["registration_code"]
    assert re.fullmatch(r"[A-Z2-7]{12}", code)
    assert (await world.post(path, {}, TOWN_ADMIN, key=KEY)).json() == first.json()
    assert await state_of(world, city, TOWN_ADMIN) == ["unused"]
    other = await world.post(path, {}, TOWN_ADMIN)
    assert (other.status_code, other.json()["code"]) == (409, "registration_code_live")
    for name in await world.parts.database.list_collection_names():
        for document in await world.parts.database[name].find({}).to_list(None):
            assert code not in str(document), name
            assert KEY not in str(document), name


@pytest.mark.rule("ADM-02")
async def test_only_the_direct_superiors_own_admins_make_see_and_revoke_codes(world: World) -> None:
    city, school = await school_of(world)
    path = f"/v1/organizations/{school}/registration-codes"
    for by, code in (
        (OPERATOR, "superior_makes_codes"),
        (SCHOOL_ADMIN, "outside_authority"),
        (person(9), "outside_authority"),
    ):
        refused = await world.post(path, {}, by)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    listed = f"/v1/organizations/{city}/subordinates/registration-codes"
    assert (await world.get(listed, SCHOOL_ADMIN)).status_code == 403
    assert (await world.post(listed, {}, SCHOOL_ADMIN)).status_code == 403
    made = (await world.post(path, {}, TOWN_ADMIN)).json()
    assert (await world.delete(f"{path}/{made['code']}", SCHOOL_ADMIN)).status_code == 403
    assert await state_of(world, city, TOWN_ADMIN) == ["unused"]


@pytest.mark.rule("ADM-02")
async def test_the_first_admin_of_a_provincial_body_gets_a_code_from_the_central_operator(world: World) -> None:
    body = world.tree.bodies["团天津市委"]
    answer = await world.post(f"/v1/organizations/{body}/registration-codes", {}, OPERATOR)
    assert answer.status_code == 201, answer.text
    assert "unused" in await state_of(world, world.tree.root, OPERATOR)


@pytest.mark.rule("ADM-02")
async def test_all_direct_subordinates_get_codes_at_once_and_who_has_one_is_told_why_not(world: World) -> None:
    school, classes = await classes_of(world)
    await world.post(f"/v1/organizations/{classes[1]}/registration-codes", {}, SCHOOL_ADMIN)
    path = f"/v1/organizations/{school}/subordinates/registration-codes"
    answer = await world.post(path, {}, SCHOOL_ADMIN, key=KEY)
    assert answer.status_code == 201, answer.text
    items = answer.json()["items"]
    assert [each["organization"] for each in items] == classes
    assert [each["full_name"] for each in items] == [c["full_name"] for c in (CLASS_1, CLASS_2, CLASS_3)]
    assert [each["refused"] and each["refused"]["reason"] for each in items] == [None, "registration_code_live", None]
    assert len({each["made"]["registration_code"] for each in items if each["made"]}) == 2
    assert (await world.post(path, {}, SCHOOL_ADMIN, key=KEY)).json() == answer.json()
    assert await state_of(world, school, SCHOOL_ADMIN) == ["unused"] * 3


@pytest.mark.rule("ADM-03", "P4")
async def test_of_twenty_codes_made_at_once_one_is(world: World) -> None:
    _, school = await school_of(world)
    path = f"/v1/organizations/{school}/registration-codes"
    answers = await asyncio.gather(*(world.post(path, {}, TOWN_ADMIN) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 19
    assert await world.parts.database[DEADLINES].count_documents({}) == 1


@pytest.mark.rule("ADM-03")
async def test_a_revoked_code_makes_room_for_a_new_one(world: World) -> None:
    city, school = await school_of(world)
    path = f"/v1/organizations/{school}/registration-codes"
    made = (await world.post(path, {}, TOWN_ADMIN)).json()
    assert (await world.delete(f"{path}/{made['code']}", TOWN_ADMIN)).status_code == 200
    assert await state_of(world, city, TOWN_ADMIN) == ["revoked"]
    again = await world.delete(f"{path}/{made['code']}", TOWN_ADMIN)
    assert (again.status_code, again.json()["code"]) == (404, "registration_code_unknown")
    assert (await world.post(path, {}, TOWN_ADMIN)).json()["registration_code"] != made["registration_code"]


@pytest.mark.rule("P8", "ADM-03")
async def test_a_code_expires_once_never_early_whatever_the_clock_does(world: World) -> None:
    city, school = await school_of(world)
    await world.post(f"/v1/organizations/{school}/registration-codes", {}, TOWN_ADMIN)
    before, made_at, works = await world.parts.store.load(school), world.clock.now(), worker(world)

    async def expired_at(moved: timedelta) -> int:
        world.clock.at = made_at + moved
        await works.work()
        return len(await world.parts.store.load(school)) - len(before)

    almost = timedelta(days=20) - timedelta(seconds=1)
    for moved in (timedelta(), timedelta(hours=-1), almost, timedelta(hours=1), almost):
        assert await expired_at(moved) == 0
    assert await world.parts.database[DEADLINES].count_documents({}) == 1
    for moved in (timedelta(days=20), timedelta(days=19), timedelta(days=30)):
        assert await expired_at(moved) == 1
    assert await world.parts.database[DEADLINES].count_documents({}) == 0
    await world.feed.catch_up()
    assert await state_of(world, city, TOWN_ADMIN) == ["expired"]


@pytest.mark.rule("P8")
async def test_a_worker_that_was_away_catches_up_and_two_at_once_or_a_lost_answer_change_nothing(world: World) -> None:
    school, classes = await classes_of(world)
    await world.post(f"/v1/organizations/{school}/subordinates/registration-codes", {}, SCHOOL_ADMIN)
    rows = await world.parts.database[DEADLINES].find({}).to_list(None)
    versions = {each: len(await world.parts.store.load(each)) for each in classes}
    world.clock.move(timedelta(days=90))
    assert await state_of(world, school, SCHOOL_ADMIN) == ["expired"] * 3
    await asyncio.gather(*(worker(world).work() for _ in range(2)))
    await world.parts.database[DEADLINES].insert_many(rows)  # killed after the command, before the row was settled
    assert await worker(world).work() == 3
    assert measured("tuan_deadline_looked_timestamp_seconds", {"loop": "org.deadlines"}) > time.time() - 60
    assert measured("tuan_deadline_late_seconds", {"loop": "org.deadlines"}) > 60 * 86_400
    assert {each: len(await world.parts.store.load(each)) - versions[each] for each in classes} == dict.fromkeys(
        classes, 1
    )
