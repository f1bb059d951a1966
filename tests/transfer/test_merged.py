"""A destination that is merged, or whose superior is gone with it, while a transfer is open (TRF-23, ORG-21)."""

import pytest

from shared.contracts.org import OrganizationDissolved
from tests.transfer.conftest import CLASS, COMMITTEE, COMMITTEE_ADMIN, IN, OUT, SCHOOL, World
from tests.transfer.test_process import approve
from tests.transfer.test_tree import listed, said


@pytest.mark.rule("TRF-23", "ORG-21", "TRF-14")
async def test_a_destination_that_was_merged_into_another_branch_is_that_branch_and_nobody_chooses(
    world: World,
) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=SCHOOL, successor=CLASS, merged=True), stream=IN)
    document = await listed(world, transfer)
    assert (document["to"], document["waits_for"], document["state"]) == (CLASS, CLASS, "pending")
    assert {OUT, CLASS, COMMITTEE} <= set(document["above"])
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-23")
async def test_where_the_superior_is_known_to_be_gone_as_well_it_ends_and_says_why(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    for gone in (IN, COMMITTEE):
        await world.rights.gone(gone)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    document = await listed(world, transfer)
    assert (document["state"], document["cause"]) == ("failed", "destination_dissolved")
    assert await world.branch(who) == OUT
