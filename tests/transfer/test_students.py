"""GRD-05, GRD-07: graduates are transferred as everybody is; so are students who repeat, pause or leave."""

import pytest

from shared.contracts.org import BecameGraduateBranch
from tests.transfer.conftest import IN, IN_ADMIN, OUT, SCHOOL_ADMIN, World


async def moved(world: World, who: str, reason: str) -> None:
    transfer = await world.start(who, reason=reason)
    await world.carry()
    answer = await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)
    assert answer.status_code == 201, answer.text
    await world.carry()
    assert (await world.state(transfer), await world.branch(who)) == ("completed", IN)


@pytest.mark.rule("GRD-07")
@pytest.mark.parametrize("reason", ["change_of_status", "leaving_school"])
async def test_who_repeats_or_pauses_moves_within_the_school_and_who_leaves_goes_as_graduates_do(
    world: World, reason: str
) -> None:
    """With a reason of its own, from an ordinary branch, without any mark."""
    listed = (await world.get("reference/transfers", IN_ADMIN)).json()["reasons"]
    assert reason in {row["code"] for row in listed}
    await moved(world, await world.enter(), reason)


@pytest.mark.rule("GRD-05")
async def test_out_of_a_graduate_branch_members_are_transferred_as_usual(world: World) -> None:
    who = await world.enter()
    await world.members.feed.hear(BecameGraduateBranch(branch=OUT, year=2026, month=6), stream=OUT)
    marked = await world.members.send(
        "POST",
        f"/v1/organizations/{OUT}/graduation-exclusions",
        {"people": [who], "kind": "staying_on"},
        by=SCHOOL_ADMIN,
    )
    assert marked.status_code == 200, marked.text
    await moved(world, who, "leaving_after_graduation")
