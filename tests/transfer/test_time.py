"""A month of a transfer in seconds: reminders, lateness, the time-out, and a worker that was away (TRF-09, TRF-10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.transfer.use_cases.due import _ASKED_AGAIN
from services.transfer.use_cases.waits import TRANSFER_LOOK
from tests.transfer.conftest import COMMITTEE, COMMITTEE_ADMIN, IN, IN_ADMIN, OUT_ADMIN, World
from tests.transfer.test_process import approve, claims, facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def card(world: World, transfer: str, by: str = IN_ADMIN) -> Any:
    answer = await world.get(f"transfers/{transfer}", by)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(shown: Any) -> list[tuple[str, bool]]:
    return [(each["at"][:16], each["superior"]) for each in shown["reminders"]]


@pytest.mark.rule("TRF-10", "BEY-04", "P8")
async def test_a_month_in_steps_of_four_hours_reminds_on_its_days_once_and_returns_it_on_the_tenth(
    world: World,
) -> None:
    """The world begins on Sunday the 22nd: five working days are over with the Friday."""
    transfer = await world.opened(await world.enter())
    for _ in range(30 * 6):
        world.clock.move(4 * HOUR)
        await world.work()
        await world.carry()
    shown = await card(world, transfer)
    assert told(shown) == [
        ("2026-11-25T04:00", False),
        ("2026-11-29T04:00", False),
        ("2026-11-30T04:00", True),
        ("2026-12-01T04:00", False),
    ]
    assert {(each["organization"], each["organization_name"]) for each in shown["reminders"]} == {(IN, IN)}
    assert (shown["state"], shown["late"], shown["steps"][-1]["late"]) == ("timed_out", True, True)
    written = await facts(world, transfer)
    assert written.count("TransferBecameLate") == 1
    assert written[-2:] == ["TransferTimedOut", "TransferClosed"]
    assert await claims(world) == 0


@pytest.mark.rule("BEY-04", "TRF-09")
async def test_what_is_returned_says_who_did_not_decide_to_the_member_and_to_the_starter(world: World) -> None:
    """From the very second on, and the same once the worker has written it."""
    who, other = await world.enter(), await world.enter()
    theirs = await world.opened(who)
    own = (await world.send("me/transfers", {"to": IN, "reason": "further_study"}, other)).json()["stream"]
    await world.carry()
    expected = [(who, theirs, "in"), (OUT_ADMIN, theirs, "in"), (other, own, "out"), (OUT_ADMIN, own, "out")]
    for by, transfer, _ in expected:
        assert (await card(world, transfer, by))["cause"] is None
    world.clock.move(10 * DAY)
    for _ in range(2):
        for by, transfer, side in expected:
            shown = await card(world, transfer, by)
            assert (shown["state"], shown["cause"], shown["ground"]) == ("timed_out", f"{side}_undecided", None)
        await world.work()
        await world.carry()


@pytest.mark.rule("TRF-10", "P8")
async def test_a_worker_that_was_away_for_eight_days_reminds_once_and_goes_on_where_it_is(world: World) -> None:
    transfer = await world.opened(await world.enter())
    world.clock.move(8 * DAY + HOUR)
    for _ in range(3):
        await world.work()
    assert [superior for _, superior in told(await card(world, transfer))] == [False, True]
    world.clock.move(DAY)
    for _ in range(3):
        await world.work()
    assert [superior for _, superior in told(await card(world, transfer))] == [False, True, False]
    assert (await facts(world, transfer)).count("TransferBecameLate") == 1


@pytest.mark.rule("TRF-10", "P8")
async def test_a_worker_that_was_away_for_a_month_returns_it_and_reminds_nobody_of_what_is_over(world: World) -> None:
    transfer = await world.opened(await world.enter())
    world.clock.move(30 * DAY)
    for _ in range(3):
        await world.work()
    shown = await card(world, transfer)
    assert (shown["state"], shown["reminders"]) == ("timed_out", [])
    assert (await facts(world, transfer))[2:] == ["TransferBecameLate", "TransferTimedOut"]


@pytest.mark.rule("TRF-10")
async def test_after_a_decision_nobody_is_reminded_and_no_row_is_left(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert await approve(world, transfer) == 201
    await world.carry()
    assert (await card(world, transfer))["steps"][-1]["late"] is False
    world.clock.move(30 * DAY)
    await world.work()
    assert (await card(world, transfer))["reminders"] == []
    assert await world.parts.database["deadlines"].count_documents({}) == 0


@pytest.mark.rule("TRF-10")
async def test_a_decision_after_five_working_days_is_late_though_no_worker_said_so(world: World) -> None:
    transfer = await world.opened(await world.enter())
    late_at = (await card(world, transfer))["late_at"]
    assert late_at == "2026-11-27T16:00:00Z"
    assert (await card(world, transfer))["late"] is False
    world.clock.move(datetime(2026, 11, 27, 16, tzinfo=UTC) - world.clock.now())
    assert (await card(world, transfer))["late"] is True
    assert await approve(world, transfer) == 201
    assert (await facts(world, transfer))[2:] == ["TransferBecameLate", "TransferStepApproved", "TransferApproved"]
    shown = await card(world, transfer)
    assert (shown["steps"][-1]["late"], shown["late"]) == (True, True)


@pytest.mark.rule("TRF-04", "TRF-10")
async def test_what_is_not_assigned_is_reminded_of_every_week_and_the_superior_with_it(world: World) -> None:
    transfer = await world.opened(await world.enter(), COMMITTEE)
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    for _ in range(31):
        world.clock.move(DAY)
        await world.work()
    shown = await card(world, transfer, COMMITTEE_ADMIN)
    days = [
        int((datetime.fromisoformat(e["at"]) - datetime(2026, 11, 22, 4, tzinfo=UTC)) / DAY) for e in shown["reminders"]
    ]
    assert days == [3, 7, 8, 9, 17, 24, 31]
    assert [each["superior"] for each in shown["reminders"]] == [False, False, True, False, True, True, True]
    assert await world.parts.database["deadlines"].count_documents({"kind": TRANSFER_LOOK}) == 1


@pytest.mark.rule("TRF-22", "P8")
async def test_a_move_that_member_did_not_hear_of_is_asked_for_again_and_the_operator_told(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert await approve(world, transfer) == 201
    [lost] = [fact for fact in await world.published() if fact.type == "transfer.TransferApproved.v1"]
    world.heard.add(lost.event_id)
    await world.carry()
    before = _ASKED_AGAIN._value.get()
    world.clock.move(HOUR - timedelta(microseconds=1))
    await world.work()
    assert await world.state(transfer) == "approved"
    world.clock.move(timedelta(microseconds=1))
    for _ in range(2):
        await world.work()
    assert _ASKED_AGAIN._value.get() == before + 1
    await world.carry(times=2)
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    assert [(await facts(world, s)).count(f) for s, f in ((who, "MemberMoved"), (transfer, "TransferCompleted"))] == [
        1,
        1,
    ]


@pytest.mark.rule("TRF-22", "TRF-02", "P8")
async def test_answers_that_were_lost_are_given_once_more_and_nobody_stays_in_a_transfer(world: World) -> None:
    """An operator gave up the records: without the second question no other transfer could ever be started."""
    moved, free = await world.enter(), await world.enter()
    first, second = await world.opened(moved), await world.opened(free)
    assert await approve(world, first) == 201
    assert (await world.send(f"transfers/{second}/withdrawal", {}, OUT_ADMIN)).status_code == 201
    for fact in await world.published():
        await world.hand(fact)
        world.heard.add(fact.event_id)
    for lost in await world.published():
        world.heard.add(lost.event_id)
    assert [await world.state(each) for each in (first, second)] == ["approved", "withdrawn"]
    assert await claims(world) == 2
    world.clock.move(HOUR)
    await world.work()
    await world.carry()
    assert await world.state(first) == "completed"
    assert await claims(world) == 0
    assert await world.rosters() == {"organization-00000000-0000-4000-8000-000000000004": 1, IN: 1}


@pytest.mark.rule("TRF-22", "P8")
async def test_as_long_as_member_is_silent_it_is_asked_once_a_day(world: World) -> None:
    transfer = await world.opened(await world.enter())
    assert await approve(world, transfer) == 201
    for _ in range(3 * 24 + 1):
        world.clock.move(HOUR)
        await world.work()
    assert (await facts(world, transfer)).count("TransferAnswerAwaited") == 4
