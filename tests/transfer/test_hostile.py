"""Transfers as somebody meets them who is quick, late, unlucky or means harm; each was a way to break something once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.transfer.use_cases.transfers import TransferCommands
from shared.contracts.org import OrganizationDissolved
from shared.kernel.refusals import SystemBusy
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
    STRANGER,
    World,
    organization,
    person,
)
from tests.transfer.test_batches import ask, asked, ended, outcomes, shown
from tests.transfer.test_cohorts import flip, stands
from tests.transfer.test_process import approve
from tests.transfer.test_tree import PENDING_BRANCH, emptied, listed, said

DEPUTY, GENERAL, THIRD = person(141), organization(41), organization(42)


@pytest.fixture
async def topics(world: World) -> None:
    """The real ones: their ends are noted by whoever freezes a cohort; and where the branches stand."""
    await world.parts.make_topics()
    for scope, superior in ((PROVINCE, None), (SCHOOL, PROVINCE), (OUT, SCHOOL), (IN, SCHOOL)):
        await world.feed.hear(stands(scope, superior), stream=scope)


async def own(world: World, who: str, to: str = IN) -> str:
    started = await world.send("me/transfers", {"to": to, "reason": "further_study"}, who)
    await world.carry()
    return str(started.json()["stream"])


@pytest.mark.rule("TRF-07", "ADM-08")
async def test_whoever_saw_the_first_step_does_not_take_the_second_one_for_it(world: World) -> None:
    """Two admins of the superior of both sides have the same page open: one yes is one step."""
    await world.rights.administers(DEPUTY, SCHOOL)
    transfer = await own(world, await world.enter())
    path, step = f"transfers/{transfer}/approval", {"organization": OUT}
    at_once = await asyncio.gather(*(world.send(path, step, by) for by in (SCHOOL_ADMIN, DEPUTY)))
    assert sorted(a.status_code for a in at_once) == [201, 409]
    later = [await world.send(path, step, by) for by in (DEPUTY, OUT_ADMIN)]
    refusal = {"organization": OUT, "ground": "not_of_this_unit"}
    later.append(await world.send(f"transfers/{transfer}/refusal", refusal, DEPUTY))
    assert {(a.status_code, a.json()["code"]) for a in later} == {(409, "transfer_step_over")}
    assert (await listed(world, transfer))["waits_for"] == IN
    assert (await world.send(path, {"organization": IN}, DEPUTY)).status_code == 201


@pytest.mark.rule("TRF-04", "TRF-14", "TRF-21", "TRF-26")
async def test_the_assigned_branch_sees_who_comes_and_does_its_duties_itself(world: World) -> None:
    """Its admins may not read the committee above that received the member."""
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    assert (await world.get(f"transfers/{transfer}/exchange", STRANGER)).status_code == 404
    assert (await world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)).is_success
    await world.carry()
    may = (await world.get(f"transfers/{transfer}", STRANGER)).json()["may"]
    assert (may["receive"], may["note_hand_over"]) == (True, True)
    today = {"checked_in_on": "2026-11-01"}
    letter = {"letter": "介绍信 12 号", "issued_on": "2026-11-01"}
    for what, body in (("contact", {}), ("check-in", today), ("hand-over", letter)):
        answer = await world.send(f"transfers/{transfer}/{what}", body, STRANGER)
        assert answer.status_code == 201, (what, answer.text)
    card = (await world.get(f"transfers/{transfer}", STRANGER)).json()
    assert (card["arrival"]["contacted_by"], card["hand_overs"][0]["organization"]) == (STRANGER, CLASS)
    assert (await world.send(f"transfers/{transfer}/contact", {}, IN_ADMIN)).status_code == 404


@pytest.mark.rule("TRF-08", "OPS-08")
async def test_a_store_that_is_busy_for_a_moment_leaves_nobody_of_a_batch_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await world.enter() for _ in range(2)]
    batch = await ask(world, *people)
    begin, tries = TransferCommands.begin, 0

    async def busy(self: TransferCommands, *given: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 2:
            raise SystemBusy
        return await begin(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(TransferCommands, "begin", busy)
        with pytest.raises(SystemBusy):
            await world.work()
    await ended(world)
    assert outcomes(await shown(world, batch)) == dict.fromkeys(people, ("completed", None))


@pytest.mark.rule("TRF-08", "TRF-15", "X14")
async def test_a_batch_may_name_whom_it_likes_and_learns_nothing_of_them(world: World) -> None:
    """With a note a key of each is asked for, and of who never was there is none."""
    here, other, nobody = await world.enter(), await world.enter(IN), person(999)
    odd = ["\u202e" * 64, "person-" + "9" * 57, "transfer-1", "$where"]
    answer = await world.send(
        f"organizations/{SCHOOL}/transfer-batches",
        asked(here, here, other, nobody, *odd, reason="other", note="随家人迁居\u202e外地\u2066\t"),
        SCHOOL_ADMIN,
    )
    assert answer.status_code == 201, answer.text
    await ended(world)
    card = await shown(world, answer.json()["stream"])
    left = dict.fromkeys([other, nobody, *odd], ("left_out", "member_not_in_branch"))
    assert outcomes(card) == {here: ("completed", None)} | left
    assert card["note"] == "随家人迁居外地"


@pytest.mark.rule("TRF-23")
async def test_what_ends_out_of_order_still_leads_to_who_is_there(world: World) -> None:
    """Facts of two organizations come over two partitions: the end of the heir may be heard first."""
    who, comes = await world.enter(), await world.enter(IN)
    transfer = await world.opened(who)
    leaving = await world.send(
        f"organizations/{IN}/transfers-out", {"person": comes, "to": CLASS, "reason": "change_of_school"}, IN_ADMIN
    )
    await world.carry()
    assert await world.state(leaving.json()["stream"]) == "pending"
    for rights in (world.rights, world.members.rights):
        await rights.tree({GENERAL: SCHOOL, THIRD: SCHOOL})
    await world.rights.gone(GENERAL)
    second = OrganizationDissolved(organization=GENERAL, superior=SCHOOL, successor=THIRD, merged=True)
    await said(world, second, stream=GENERAL)
    await world.rights.gone(IN)
    first = OrganizationDissolved(organization=IN, superior=SCHOOL, successor=GENERAL, merged=True)
    await said(world, first, stream=IN)
    document = await listed(world, transfer)
    assert (document["state"], document["to"], document["waits_for"]) == ("pending", THIRD, THIRD)
    document = await listed(world, leaving.json()["stream"])
    assert (document["state"], document["from_branch"], document["waits_for"]) == ("pending", THIRD, CLASS)


@pytest.mark.rule("TRF-23", "P8")
async def test_a_transfer_whose_time_is_over_is_not_raised_by_the_end_of_a_branch(world: World) -> None:
    """Both sides saw that it had timed out; the worker only had not written it yet."""
    transfer = await world.opened(await world.enter())
    world.clock.move(timedelta(days=10))
    assert (await world.get(f"transfers/{transfer}", OUT_ADMIN)).json()["state"] == "timed_out"
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    assert (await world.get(f"transfers/{transfer}", OUT_ADMIN)).json()["state"] == "timed_out"
    await world.work()
    await world.carry()
    assert await world.state(transfer) == "timed_out"


@pytest.mark.usefixtures("topics")
@pytest.mark.rule("GRD-06", "TRF-23", "BEY-09")
async def test_whom_to_call_is_who_took_the_part_of_a_branch_that_is_gone(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await flip(world)
    line = (await world.get(f"organizations/{SCHOOL}/graduates?year=2026", SCHOOL_ADMIN)).json()["items"]
    assert [(each["call"], each["stuck"]) for each in line] == [(IN, "waiting")]
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    assert (await listed(world, transfer))["waits_for"] == COMMITTEE
    line = (await world.get(f"organizations/{SCHOOL}/graduates?year=2026", SCHOOL_ADMIN)).json()["items"]
    assert [(each["person"], each["call"], each["to"]) for each in line] == [(who, COMMITTEE, COMMITTEE)]


@pytest.mark.usefixtures("topics")
@pytest.mark.rule("TRF-23", "GRD-05")
async def test_a_flip_and_an_emptied_branch_leave_an_open_transfer_where_it_was(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await flip(world)
    await emptied(world, OUT, PENDING_BRANCH)
    assert await approve(world, transfer) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    left = (await world.get(f"organizations/{SCHOOL}/graduates?year=2026", SCHOOL_ADMIN)).json()
    assert left["items"] == []
