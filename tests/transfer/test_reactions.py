"""What transfer hears of member: each fact does its work once, however often it comes and beside which others (P2)."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.transfer.reactions import Hears
from shared.contracts import member
from shared.contracts.base import Contract
from shared.kernel import ids
from shared.kernel.envelope import Actor, Recorded
from tests.transfer.conftest import IN_ADMIN, OUT_ADMIN, World
from tests.transfer.test_process import approve, facts


def fact(event: Contract) -> Recorded:
    data = event.model_dump(mode="json", exclude={"personal"})
    id_, stream = ids.derived(event.type_name(), data["transfer"]), data["person"]
    return Recorded(id_, event.type_name(), stream, 9, 0, datetime(2026, 11, 28, tzinfo=UTC), Actor("x"), "", "", data)


def hears(world: World) -> Hears:
    return Hears(world.parts.commands(world.rights.authority))


@pytest.mark.rule("TRF-22", "P2")
async def test_a_batch_of_holds_opens_each_transfer_once(world: World) -> None:
    people = [await world.enter() for _ in range(4)]
    transfers = [await world.start(who) for who in people]
    pairs = zip(people, transfers, strict=True)
    batch = [fact(member.TransferHoldPlaced(transfer=transfer, person=who)) for who, transfer in pairs]
    await asyncio.gather(*(hears(world).transfer_hold_placed(batch) for _ in range(3)))
    assert [await facts(world, each) for each in transfers] == [["TransferRequested", "TransferOpened"]] * 4


@pytest.mark.rule("TRF-22", "TRF-02", "P2")
async def test_a_refused_hold_a_release_and_a_refused_move_end_a_transfer_once(world: World) -> None:
    heard = hears(world)
    who, other, third = [await world.enter() for _ in range(3)]
    released, unmoved = await world.opened(other), await world.opened(third)
    refused = await world.start(who)
    assert (await world.send(f"transfers/{released}/withdrawal", {}, OUT_ADMIN)).status_code == 201
    assert await approve(world, unmoved, IN_ADMIN) == 201
    for _ in range(2):
        await heard.transfer_hold_refused(
            [fact(member.TransferHoldRefused(transfer=refused, person=who, cause="held"))]
        )
        await heard.transfer_hold_released([fact(member.TransferHoldReleased(transfer=released, person=other))])
        await heard.member_move_refused(
            [fact(member.MemberMoveRefused(transfer=unmoved, person=third, cause="branch_closing"))]
        )
        await heard.transfer_carried_out([fact(member.TransferCarriedOut(transfer=unmoved, person=third))])
    assert (await facts(world, refused))[1:] == ["TransferFailed"]
    assert (await facts(world, released))[2:] == ["TransferWithdrawn", "TransferClosed"]
    assert (await facts(world, unmoved))[2:] == ["TransferStepApproved", "TransferApproved", "TransferFailed"]


@pytest.mark.rule("TRF-22", "P2")
async def test_a_move_that_was_made_completes_a_transfer_once(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert await approve(world, transfer, IN_ADMIN) == 201
    moved = fact(member.TransferCarriedOut(transfer=transfer, person=who))
    await asyncio.gather(*(hears(world).transfer_carried_out([moved, moved]) for _ in range(3)))
    assert (await facts(world, transfer)).count("TransferCompleted") == 1
