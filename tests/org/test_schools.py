"""Which organizations are schools of their own, when what stands above them changes, on the real store (GRD-01)."""

from datetime import timedelta

import pytest

from services.org.domain.moving import MoveOrganization
from services.org.use_cases.rechecking import SCHOOLS_RECHECKED
from services.org.use_cases.schools import SchoolsBelow
from services.org.use_cases.superiors import state_of
from shared.contracts import org as public
from shared.deadlines.worker import DeadlineWorker
from shared.kernel.envelope import Actor, Request
from tests.org.conftest import World
from tests.org.test_api import OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, info, school_of
from tests.org.test_dissolving import card, told
from tests.org.test_graduation import CODE


def recheck(world: World) -> DeadlineWorker:
    commands = {SCHOOLS_RECHECKED: SchoolsBelow(world.parts.store, world.parts.rows).recheck}
    return DeadlineWorker("org", world.parts.database, world.clock, commands)


async def is_school(world: World, organization: str) -> bool:
    state = await state_of(world.parts.store, organization)
    return state.school


@pytest.mark.rule("GRD-01")
async def test_what_is_below_is_a_school_or_part_of_one_by_the_sector_that_its_superior_has_now(world: World) -> None:
    _, group = await school_of(world)
    firm = info(SCHOOL, sector="15")
    await world.put(f"/v1/organizations/{group}/information", firm, SCHOOL_ADMIN)
    inner = SCHOOL | {"full_name": "共青团某集团附属中学委员会", "short_name": "附中团委"}
    school = await world.establish(group, SCHOOL_ADMIN, **inner)
    await world.admin(OTHER, school, SCHOOL_ADMIN)
    assert (await world.put(f"/v1/organizations/{school}/institution-code", CODE, OTHER)).status_code == 200
    assert await is_school(world, school)
    back = await world.put(f"/v1/organizations/{group}/information", firm | {"sector": "5", "edition": 2}, SCHOOL_ADMIN)
    assert back.status_code == 200
    for _ in range(2):
        await recheck(world).work()
        world.clock.move(timedelta(minutes=11))
    assert not await is_school(world, school)
    assert (await told(world, school, public.OrganizationInformationChanged))[-1]["school"] is False
    assert (await world.put(f"/v1/organizations/{group}/institution-code", CODE, SCHOOL_ADMIN)).status_code == 200
    assert (await card(world, school))["institution_code"] == ""
    assert await world.parts.database["deadlines"].count_documents({"kind": SCHOOLS_RECHECKED}) == 0


@pytest.mark.rule("GRD-01", "ORG-17")
async def test_what_moves_is_a_school_or_part_of_one_by_its_new_superior(world: World) -> None:
    city, university = await school_of(world)
    college = SCHOOL | {"full_name": "共青团北京市育才中学附属学校委员会", "short_name": "附校团委"}
    moved = await world.establish(city, TOWN_ADMIN, **college)
    assert await is_school(world, moved)
    move = MoveOrganization(organization=moved, to=university, cause="operator")
    await world.parts.moving.move(Request(Actor("person-operator"), "move-0001", ""), move)
    await recheck(world).work()
    assert not await is_school(world, moved)
