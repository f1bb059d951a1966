"""Migrations as each side finds them: lists, what is offered to whom, and what is free again afterwards (ORG-17)."""

from datetime import timedelta

import pytest

from services.org.use_cases.migrations import MIGRATION_DUE
from shared.deadlines.worker import DeadlineWorker
from tests.org.conftest import World
from tests.org.test_api import OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN
from tests.org.test_migrating import EAST_ADMIN, WEST_ADMIN, approved, begun, lane, requested, shown, town


@pytest.mark.rule("ORG-17")
async def test_each_side_finds_it_in_its_own_list_the_newest_first(world: World) -> None:
    city, east, west, school, _ = await town(world)
    first = await begun(world, school, west)
    withdrawal = f"/v1/migrations/{first}/withdrawal"
    assert (await world.post(withdrawal, {}, WEST_ADMIN)).status_code == 403
    assert (await world.post(withdrawal, {}, SCHOOL_ADMIN)).status_code == 200
    world.clock.at += timedelta(minutes=1)
    second = await begun(world, school, city)
    for organization, which, by, found in (
        (school, "own", SCHOOL_ADMIN, [second, first]),
        (school, "seen", SCHOOL_ADMIN, []),
        (school, "waiting", SCHOOL_ADMIN, []),
        (east, "seen", EAST_ADMIN, [second, first]),
        (east, "waiting", EAST_ADMIN, [second]),
        (east, "own", EAST_ADMIN, []),
        (west, "seen", WEST_ADMIN, [first]),
        (west, "waiting", WEST_ADMIN, []),
        (city, "seen", TOWN_ADMIN, [second]),
    ):
        page = (await world.get(f"/v1/organizations/{organization}/migrations?which={which}", by)).json()
        listed = [each["migration"] for each in page["items"]]
        assert (listed, page["total"]) == (found, len(found)), (organization, which)
    assert (await world.get(f"/v1/organizations/{school}/migrations?which=own", WEST_ADMIN)).status_code == 403


@pytest.mark.rule("ORG-17")
async def test_it_is_offered_to_whose_step_it_is_and_the_withdrawal_to_who_asked(world: World) -> None:
    _, east, west, school, _ = await town(world)
    migration = await begun(world, school, west)
    for by, decides, withdraws in (
        (EAST_ADMIN, True, None),
        (TOWN_ADMIN, False, None),
        (WEST_ADMIN, False, False),
        (SCHOOL_ADMIN, False, True),
    ):
        found = await shown(world, migration, by)
        assert found["may_decide"] is decides, by
        assert withdraws is None or found["may_withdraw"] is withdraws, by
    assert (await world.get(f"/v1/migrations/{migration}", OTHER)).status_code == 404
    for by in (EAST_ADMIN, WEST_ADMIN):
        assert (await approved(world, migration, by)).status_code == 200
    await lane(world, school)
    for by in (EAST_ADMIN, WEST_ADMIN, SCHOOL_ADMIN):
        over = await shown(world, migration, by)
        assert (over["state"], over["may_decide"], over["may_withdraw"]) == ("moved", False, False)
    await world.establish(east, EAST_ADMIN, **SCHOOL)


@pytest.mark.rule("ORG-17", "P8")
async def test_what_the_present_superior_left_lying_for_ten_days_is_over_and_can_be_asked_for_again(
    world: World,
) -> None:
    _, _, west, school, _ = await town(world)
    worker = DeadlineWorker(
        "org",
        world.parts.database,
        world.clock,
        {MIGRATION_DUE: world.parts.migrating(world.rights.authority).time_out},
    )
    migration = await begun(world, school, west)
    world.clock.at += timedelta(days=10) - timedelta(microseconds=1)
    await worker.work()
    assert (await requested(world, school, west)).json()["code"] == "migration_open"
    world.clock.at += timedelta(microseconds=1)
    for by in (EAST_ADMIN, SCHOOL_ADMIN):
        over = await shown(world, migration, by)
        assert (over["state"], over["waits_for"]) == ("timed_out", None)
        assert (over["may_decide"], over["may_withdraw"]) == (False, False)
    await worker.work()
    assert (await requested(world, school, west)).status_code == 201
