"""An organization without any admin: its superior decides, and finds that among what waits (ADM-08, TRF-14)."""

import pytest

from shared.contracts.org import AdminAppointed, AdminRevoked
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL,
    SCHOOL_ADMIN,
    World,
)
from tests.transfer.test_desk import page, province_admin
from tests.transfer.test_disputes import listed
from tests.transfer.test_process import GROUND, approve


async def left_by(world: World, organization: str, admin: str) -> None:
    """The one admin of an organization is none any more."""
    await world.rights.nothing(admin)
    await world.feed.hear(AdminRevoked(organization=organization, person=admin), stream=organization)


@pytest.mark.rule("ADM-08", "TRF-14", "TRF-05")
async def test_what_waits_for_an_organization_without_an_admin_waits_for_its_superior_from_the_first_day(
    world: World,
) -> None:
    await left_by(world, IN, IN_ADMIN)
    transfer = await world.opened(await world.enter())
    waiting = await page(world, SCHOOL, SCHOOL_ADMIN)
    [line] = waiting["items"]
    assert (line["transfer"], line["waits_for"], line["without_admin"], waiting["total"]) == (transfer, IN, True, 1)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, state="pending") == [transfer]
    assert await listed(world, IN, SCHOOL_ADMIN) == [transfer]
    for path, by in ((f"transfers/{transfer}", OUT_ADMIN), (f"transfers/{transfer}", SCHOOL_ADMIN)):
        assert (await world.get(path, by)).json()["without_admin"] is True
    assert (await world.get(f"transfers/{transfer}", SCHOOL_ADMIN)).json()["may"]["decide"] is True
    assert await approve(world, transfer, SCHOOL_ADMIN) == 201
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == []


@pytest.mark.rule("ADM-08", "TRF-14")
async def test_only_the_direct_superior_sees_it_and_only_as_long_as_there_is_no_admin(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == []
    assert (await world.get(f"transfers/{transfer}", IN_ADMIN)).json()["without_admin"] is False
    await left_by(world, IN, IN_ADMIN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == [transfer]
    by = await province_admin(world)
    assert await listed(world, PROVINCE, by) == []
    for person in (IN_ADMIN, OUT_ADMIN, IN_ADMIN):  # said once more of who is one already
        await world.feed.hear(AdminAppointed(organization=IN, person=person), stream=IN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == []
    await world.feed.hear(AdminRevoked(organization=IN, person=OUT_ADMIN), stream=IN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == []
    await world.feed.hear(AdminRevoked(organization=IN, person=IN_ADMIN), stream=IN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN) == [transfer]


@pytest.mark.rule("ADM-08", "TRF-06")
async def test_the_choice_of_a_branch_waits_for_the_superior_of_a_committee_without_an_admin(world: World) -> None:
    by, transfer = await province_admin(world), await world.opened(await world.enter(), COMMITTEE)
    assert await listed(world, PROVINCE, by) == []
    await left_by(world, COMMITTEE, COMMITTEE_ADMIN)
    assert await approve(world, transfer, by) == 201
    [line] = (await page(world, PROVINCE, by, state="unassigned"))["items"]
    assert (line["transfer"], line["without_admin"]) == (transfer, True)
    assert (await world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, by)).status_code == 201
    assert await listed(world, PROVINCE, by) == []


@pytest.mark.rule("ADM-08", "TRF-12")
async def test_a_case_for_an_organization_without_an_admin_is_its_superior_s_at_once(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert (await world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN)).status_code == 201
    assert (await world.send(f"transfers/{transfer}/coordination", {}, OUT_ADMIN)).status_code == 201
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="coordination") == []
    await left_by(world, OUT, OUT_ADMIN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="coordination") == [transfer]
