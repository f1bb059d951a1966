"""A transfer from its start to the new branch over both services: once, whatever comes twice, late or at once."""

import asyncio
from datetime import timedelta

import pytest

from services.member.use_cases.records import ROSTERS
from services.transfer.use_cases.waits import OPEN
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    SCHOOL_ADMIN,
    World,
)

DAYS_10, GROUND = timedelta(days=10), {"ground": "not_of_this_unit"}


async def approve(world: World, transfer: str, by: str = IN_ADMIN) -> int:
    return (await world.send(f"transfers/{transfer}/approval", {}, by)).status_code


async def facts(world: World, stream: str) -> list[str]:
    store = world.parts.store if stream.startswith("transfer-") else world.members.parts.store
    return [type(event).__name__ for commit in await store.load(stream) for event in commit.events]


async def claims(world: World) -> int:
    return int(await world.parts.database["claims"].count_documents({"_id": {"$regex": f"^{OPEN}:"}}))


@pytest.mark.rule("TRF-05", "TRF-22")
async def test_a_member_moves_from_one_roster_to_the_other_in_one_fact(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert await world.branch(who) == OUT
    assert await approve(world, transfer) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    assert await world.rosters() == {OUT: 0, IN: 1}
    assert await world.parts.members.branch(who) == IN
    assert (await facts(world, who))[-2:] == ["TransferHoldPlaced", "MemberMoved"]
    assert await claims(world) == 0


@pytest.mark.rule("TRF-07")
async def test_a_member_s_own_request_needs_both_sides_in_their_order(world: World) -> None:
    who = await world.enter()
    started = await world.send("me/transfers", {"to": IN, "reason": "further_study"}, who)
    transfer = started.json()["stream"]
    await world.carry()
    assert await approve(world, transfer) == 403
    assert await approve(world, transfer, OUT_ADMIN) == 201
    await world.carry()
    assert await world.branch(who) == OUT
    assert await approve(world, transfer) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")


@pytest.mark.rule("TRF-06", "TRF-04")
async def test_a_committee_agrees_then_assigns_and_the_member_stays_until_then(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    await world.carry()
    world.clock.move(3 * DAYS_10)
    await world.work()
    assert (await world.branch(who), await world.state(transfer)) == (OUT, "unassigned")
    path = f"transfers/{transfer}/assignment"
    outside = await world.send(path, {"branch": IN}, COMMITTEE_ADMIN)
    assert (outside.status_code, outside.json()["code"]) == (422, "branch_outside_destination")
    assert (await world.send(path, {"branch": CLASS}, COMMITTEE_ADMIN)).status_code == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-22", "P2")
async def test_every_fact_heard_three_times_changes_nothing_more(world: World) -> None:
    who = await world.enter()
    transfer = await world.start(who)
    await world.carry(times=3)
    assert await approve(world, transfer) == 201
    await world.carry(times=3)
    everything = await world.published()
    world.heard.clear()
    await world.carry(times=2)
    assert (await world.branch(who), await world.rosters(), everything) == (IN, {OUT: 0, IN: 1}, [])
    assert [(await facts(world, s)).count(f) for s, f in ((who, "MemberMoved"), (transfer, "TransferCompleted"))] == [
        1,
        1,
    ]


@pytest.mark.rule("TRF-02", "P4")
async def test_of_many_who_start_at_once_one_does_and_the_others_hear_who_it_was(world: World) -> None:
    who = await world.enter()
    asked = [world.send("me/transfers", {"to": IN, "reason": "further_study"}, who) for _ in range(3)]
    out = {"person": who, "to": IN, "reason": "further_study"}
    asked += [world.send(f"organizations/{OUT}/transfers-out", out, by) for by in (OUT_ADMIN, SCHOOL_ADMIN)]
    answers = await asyncio.gather(*asked)
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"transfer_already_open"}
    won = next(a for a in answers if a.status_code == 201)
    starter = "团员本人" if answers.index(won) < 3 else "转出方"
    assert all(f"由{starter}发起" in a.text for a in answers if a.status_code == 409), answers[0].text


@pytest.mark.rule("TRF-02", "TRF-11")
async def test_another_one_can_be_started_when_member_let_the_person_go_and_not_before(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert (await world.send(f"transfers/{transfer}/withdrawal", {}, OUT_ADMIN)).status_code == 201
    body = {"person": who, "to": IN, "reason": "further_study"}
    early = await world.send(f"organizations/{OUT}/transfers-out", body, OUT_ADMIN)
    assert early.json()["code"] == "transfer_already_open"
    await world.carry()
    assert (await facts(world, transfer))[-2:] == ["TransferWithdrawn", "TransferClosed"]
    await world.opened(who)


@pytest.mark.rule("TRF-09", "P8")
async def test_ten_days_without_a_decision_return_it_once_and_the_member_stays(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    world.clock.move(DAYS_10 - timedelta(seconds=1))
    await world.work()
    assert await world.state(transfer) == "pending"
    world.clock.move(timedelta(seconds=1))
    for _ in range(2):
        await world.work()
    await world.carry()
    assert (await facts(world, transfer))[-2:] == ["TransferTimedOut", "TransferClosed"]
    assert (await world.branch(who), await claims(world)) == (OUT, 0)


@pytest.mark.rule("TRF-09", "P8", "P1")
async def test_approvals_racing_a_refusal_a_withdrawal_and_the_time_out_have_one_outcome(world: World) -> None:
    """Without the lock on the stream's version two of them would be written, and both sides would see another end."""
    for _ in range(6):
        who = await world.enter()
        transfer = await world.opened(who)
        world.clock.move(DAYS_10 - timedelta(microseconds=1))
        acts = [
            world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN),
            world.send(f"transfers/{transfer}/approval", {}, SCHOOL_ADMIN),
            world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN),
            world.send(f"transfers/{transfer}/withdrawal", {}, OUT_ADMIN),
        ]

        async def strikes() -> None:
            world.clock.move(timedelta(microseconds=1))
            await world.work()

        answers = await asyncio.gather(*acts, strikes())
        done = [a for a in answers if a is not None and a.status_code == 201]
        ends = {"TransferApproved", "TransferRefused", "TransferWithdrawn", "TransferTimedOut"}
        written = [f for f in await facts(world, transfer) if f in ends]
        assert len(written) == 1, written
        assert len(done) == (written != ["TransferTimedOut"])
        await world.carry(times=2)
        moved = written == ["TransferApproved"]
        assert await world.branch(who) == (IN if moved else OUT)
        assert await claims(world) == 0


@pytest.mark.rule("TRF-22", "TRF-09")
async def test_a_member_who_is_not_answered_for_in_an_hour_is_let_go_when_the_answer_comes(world: World) -> None:
    who = await world.enter()
    transfer = await world.start(who)
    world.clock.move(timedelta(hours=1))
    await world.work()
    assert await world.state(transfer) == "failed"
    await world.carry()
    assert (await facts(world, who))[-2:] == ["TransferHoldPlaced", "TransferHoldReleased"]
    assert (await facts(world, transfer))[-1] == "TransferClosed"
    await world.opened(who)


@pytest.mark.rule("TRF-22", "TRF-12")
async def test_a_branch_that_is_closing_takes_nobody_and_both_sides_are_told(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    closing = {"_id": IN, "members": 0, "state": "closing"}
    await world.members.parts.store.database[ROSTERS].insert_one(closing)
    assert await approve(world, transfer) == 201
    await world.carry(times=2)
    assert (await world.branch(who), await world.state(transfer)) == (OUT, "failed")
    assert (await world.parts.transfers.get(transfer) or {})["cause"] == "branch_closing"
    assert (await facts(world, who))[-1] == "MemberMoveRefused"
    assert (await world.rosters())[OUT] == 1
    assert await claims(world) == 0


@pytest.mark.rule("TRF-22")
async def test_whoever_left_the_branch_meanwhile_fails_the_transfer_and_stays_out(world: World) -> None:
    """The copy of who is where lags behind member, which decides."""
    who = await world.enter()
    await world.feed.catch_up()
    first = await world.opened(who)
    assert await approve(world, first) == 201
    await world.carry()
    await world.parts.members.collection.update_one({"_id": who}, {"$set": {"branch": OUT}})
    second = await world.start(who)
    await world.carry(times=2)
    assert (await world.state(second), await world.branch(who)) == ("failed", IN)
    assert (await facts(world, second))[-1] == "TransferFailed"
    assert await claims(world) == 0
