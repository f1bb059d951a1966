"""Whoever is quick, late or unlucky: no step of a migration is taken for another, no merger is given up half way."""

import asyncio

import pytest

from services.org.use_cases.moving import Moving
from shared.kernel.refusals import SystemBusy
from tests.org.conftest import World, person
from tests.org.test_api import SCHOOL_ADMIN, TOWN_ADMIN
from tests.org.test_dissolving import card
from tests.org.test_merging import carried_on, merged, two_schools
from tests.org.test_migrating import EAST_ADMIN, WEST_ADMIN, approved, begun, path_of, shown, town

EAST_DEPUTY = person(14)


@pytest.mark.rule("ORG-17")
@pytest.mark.parametrize("again", range(4))
async def test_two_admins_of_one_superior_who_agree_at_once_take_one_step(world: World, again: int) -> None:
    city, east, west, school, _ = await town(world)
    await world.admin(EAST_DEPUTY, east, TOWN_ADMIN)
    migration = await begun(world, school, west)
    answers = await asyncio.gather(*(approved(world, migration, by) for by in (EAST_ADMIN, EAST_DEPUTY)))
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    waiting = await shown(world, migration, WEST_ADMIN)
    assert (waiting["state"], waiting["waits_for"]["id"]) == ("pending", west)
    assert await path_of(world, school) == [world.tree.root, city, east]
    assert (await approved(world, migration, WEST_ADMIN)).status_code == 200
    assert await path_of(world, school) == [world.tree.root, city, west]


@pytest.mark.rule("ORG-21", "OPS-08")
async def test_a_merger_waits_for_a_busy_store_and_is_not_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, school, second, _ = await two_schools(world)
    assert (await merged(world, school, second, TOWN_ADMIN, confirmed=[SCHOOL_ADMIN])).status_code == 202

    async def busy(*_: object) -> None:
        raise SystemBusy

    with monkeypatch.context() as patched:
        patched.setattr(Moving, "move", busy)
        with pytest.raises(SystemBusy):
            await carried_on(world)
    assert (await card(world, school))["dissolution"]["state"] == "closing"
    await carried_on(world)
    assert (await card(world, school))["dissolution"]["state"] == "dissolved"
