"""Open transfers and a tree that changes under them, over both services: they go on with who succeeds, or end (TRF-23)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.use_cases.successions import LOOKED_FOR_AGAIN
from shared.authority.words import Replaced
from shared.contracts import member
from shared.contracts.base import Contract
from shared.contracts.org import BranchSealRequested, OrganizationDissolved
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
    organization,
    person,
)
from tests.transfer.test_arrivals import floats
from tests.transfer.test_process import GROUND, approve, claims, facts

PENDING_BRANCH, OTHER_SCHOOL, OTHER_ADMIN = organization(31), organization(32), person(131)


async def said(world: World, *facts: Contract, stream: str) -> None:
    """Org's facts come to both services."""
    for fact in await world.feed.hear(*facts, stream=stream):
        await world.hand(fact)
        world.heard.add(fact.event_id)
    await world.carry()


async def emptied(world: World, branch: str, successor: str, *, merged: bool = False) -> None:
    """As org does it: member moves the people on and seals the branch, then it is there no more."""
    for rights in (world.rights, world.members.rights):
        await rights.tree({PENDING_BRANCH: SCHOOL})
    await said(world, BranchSealRequested(branch=branch, dissolution="d-1", pending=successor), stream=branch)
    await world.members.feed.catch_up()
    await said(world, BranchSealRequested(branch=branch, dissolution="d-1", pending=successor), stream=branch)
    gone = OrganizationDissolved(organization=branch, superior=SCHOOL, successor=successor, merged=merged)
    await said(world, gone, stream=branch)


async def listed(world: World, transfer: str) -> dict[str, Any]:
    await world.feed.catch_up()
    return dict(await world.parts.transfers.get(transfer) or {})


async def shown(world: World, transfer: str, by: str) -> Any:
    return (await world.get(f"transfers/{transfer}", by)).json()


@pytest.mark.rule("TRF-23", "ORG-10", "TRF-22")
async def test_a_transfer_from_a_dissolved_branch_goes_on_from_where_the_member_was_brought_to(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await emptied(world, OUT, PENDING_BRANCH)
    assert (await world.branch(who), await world.state(transfer)) == (PENDING_BRANCH, "pending")
    document = await listed(world, transfer)
    assert (document["from_branch"], document["starter"], document["waits_for"]) == (PENDING_BRANCH, PENDING_BRANCH, IN)
    assert document["steps"][-1]["what"] == "redirected"
    assert await approve(world, transfer) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    assert await world.rosters() == {OUT: 0, PENDING_BRANCH: 0, IN: 1}
    assert await claims(world) == 0


@pytest.mark.rule("TRF-23", "TRF-22")
async def test_approved_before_the_news_came_it_is_carried_out_from_there_as_well(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert await approve(world, transfer) == 201
    (approved,) = [fact for fact in await world.published() if fact.type.endswith("TransferApproved.v1")]
    world.heard.add(approved.event_id)
    await emptied(world, OUT, PENDING_BRANCH)
    await world.hand(approved)
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")


@pytest.mark.rule("TRF-23", "TRF-04", "TRF-13")
async def test_the_superior_of_a_dissolved_destination_decides_instead_and_assigns(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    document = await listed(world, transfer)
    assert (document["to"], document["waits_for"], document["state"]) == (COMMITTEE, COMMITTEE, "pending")
    assert await approve(world, transfer, IN_ADMIN) in {403, 404}
    known = (await world.members.parts.records.load([who]))[who].known
    assert known is not None
    assert known.held_to == COMMITTEE
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    answer = await world.send(f"transfers/{transfer}/assignment", {"branch": CLASS}, COMMITTEE_ADMIN)
    assert answer.status_code == 201, answer.text
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-23", "TRF-09")
async def test_who_is_asked_anew_has_the_whole_time_and_then_it_is_returned(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    world.clock.move(timedelta(days=9))
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    for days, state in ((9, "pending"), (1, "timed_out")):
        world.clock.move(timedelta(days=days))
        await world.work()
        assert await world.state(transfer) == state
    await world.carry()
    assert (await world.branch(who), await claims(world)) == (OUT, 0)


@pytest.mark.rule("TRF-23")
async def test_of_superiors_that_are_there_no_more_either_the_first_that_is_receives(world: World) -> None:
    transfer = await world.opened(await world.enter())
    near, far = organization(33), organization(34)
    for gone, superior in ((far, COMMITTEE), (near, far), (IN, near)):
        await said(world, OrganizationDissolved(organization=gone, superior=superior, successor=None), stream=gone)
    assert (await listed(world, transfer))["waits_for"] == COMMITTEE


@pytest.mark.rule("TRF-23", "TRF-20")
async def test_the_superior_of_a_dissolved_floating_branch_verifies_anew(world: World) -> None:
    await floats(world)
    await floats(world, CLASS)
    who = await world.enter()
    transfer = await world.opened(who)
    finding, choice = {"finding": "no_work_yet"}, {"branch": CLASS}
    assert (await world.send(f"transfers/{transfer}/employment", finding, IN_ADMIN)).status_code == 201
    await world.rights.gone(IN)
    await said(world, OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None), stream=IN)
    assert (await shown(world, transfer, COMMITTEE_ADMIN))["employment"] is None
    assert await approve(world, transfer, COMMITTEE_ADMIN) == 201
    refused = await world.send(f"transfers/{transfer}/assignment", choice, COMMITTEE_ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (409, "employment_unverified")
    assert (await world.send(f"transfers/{transfer}/employment", finding, COMMITTEE_ADMIN)).status_code == 201
    assert (await world.send(f"transfers/{transfer}/assignment", choice, COMMITTEE_ADMIN)).status_code == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-23")
async def test_under_a_leading_body_nobody_receives_instead_and_it_ends_with_the_reason(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    await said(
        world, OrganizationDissolved(organization=COMMITTEE, superior=PROVINCE, successor=None), stream=COMMITTEE
    )
    document = await listed(world, transfer)
    assert (document["state"], document["cause"]) == ("failed", "destination_dissolved")
    assert (await world.branch(who), await claims(world)) == (OUT, 0)
    await world.opened(who)


@pytest.mark.rule("TRF-23", "ORG-21")
async def test_merged_into_the_destination_it_is_where_it_wanted_to_be_and_ends(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    await emptied(world, OUT, IN, merged=True)
    document = await listed(world, transfer)
    assert (document["state"], document["cause"]) == ("failed", "branches_merged")
    assert (await world.branch(who), await claims(world)) == (IN, 0)


async def case_of(world: World) -> tuple[str, str]:
    """A refused transfer from OUT that its organization is asked to coordinate, and whose it is."""
    who = await world.enter()
    transfer = await world.opened(who)
    assert (await world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN)).status_code == 201
    await world.carry()
    assert (await world.send(f"transfers/{transfer}/coordination", {}, who)).status_code == 201
    await world.feed.catch_up()
    return who, transfer


async def cases(world: World, organization: str, by: str) -> list[str]:
    answer = await world.get(f"organizations/{organization}/transfers?which=coordination", by)
    return [row["transfer"] for row in answer.json()["items"]]


@pytest.mark.rule("TRF-23", "TRF-12", "ORG-21")
async def test_a_case_of_a_merged_branch_is_settled_by_the_branch_it_was_merged_into(world: World) -> None:
    _, transfer = await case_of(world)
    await emptied(world, OUT, IN, merged=True)
    await world.rights.gone(OUT)
    assert await cases(world, IN, IN_ADMIN) == [transfer]
    card = await shown(world, transfer, IN_ADMIN)
    assert (card["coordination"]["organization"], card["may"]["answer_coordination"]) == (IN, True)
    path, answer = f"transfers/{transfer}/coordination-answer", {"answer": "start_again"}
    assert (await world.send(path, answer, IN_ADMIN, "answer-once")).status_code == 201
    assert (await world.send(path, answer, IN_ADMIN, "answer-once")).status_code == 201
    assert (await shown(world, transfer, IN_ADMIN))["coordination"]["state"] == "answered"
    assert await cases(world, IN, IN_ADMIN) == []


@pytest.mark.rule("TRF-23", "TRF-12", "P8")
async def test_a_case_of_a_dissolved_branch_is_its_superior_s_and_nobody_else_is_reminded(world: World) -> None:
    _, transfer = await case_of(world)
    await emptied(world, OUT, PENDING_BRANCH)
    await world.rights.gone(OUT)
    assert await cases(world, SCHOOL, SCHOOL_ADMIN) == [transfer]
    for _ in range(3):
        world.clock.move(timedelta(days=7))
        await world.work()
    reminded = [e for c in await world.parts.store.load(transfer) for e in c.events if "Reminded" in type(e).__name__]
    assert {getattr(each, "organization", "") for each in reminded} == {SCHOOL}
    path, answer = f"transfers/{transfer}/coordination-answer", {"answer": "stays_for_now"}
    assert (await world.send(path, answer, SCHOOL_ADMIN)).status_code == 201
    world.clock.move(timedelta(days=60))
    await world.work()
    assert (await facts(world, transfer))[-1] == "CoordinationAnswered"


@pytest.mark.rule("TRF-23", "TRF-12")
async def test_a_case_that_the_news_did_not_find_is_handed_on_instead_of_a_reminder(world: World) -> None:
    """As those are that were open when branches were dissolved before cases followed them."""
    _, transfer = await case_of(world)
    hidden = await world.parts.transfers.collection.delete_many({})
    assert hidden.deleted_count == 1
    gone = OrganizationDissolved(organization=OUT, superior=SCHOOL, successor=PENDING_BRANCH)
    await said(world, gone, stream=OUT)
    assert (await facts(world, transfer))[-1] == "CoordinationRequested"
    world.clock.move(timedelta(days=3))
    await world.work()
    assert (await facts(world, transfer))[-1] == "CoordinationHandedOn"
    path = f"transfers/{transfer}/coordination-answer"
    assert (await world.send(path, {"answer": "start_again"}, SCHOOL_ADMIN)).status_code == 201


@pytest.mark.rule("TRF-23", "P8")
async def test_what_the_list_did_not_show_yet_is_found_ten_minutes_later(world: World) -> None:
    who = await world.enter()
    transfer = await world.start(who)
    hidden = await world.parts.transfers.collection.find_one({"_id": transfer})
    assert hidden is None  # the list is behind
    gone = OrganizationDissolved(organization=IN, superior=COMMITTEE, successor=None)
    reactions = await world.feed.hear(gone, stream=IN)
    for fact in reactions:
        await world.hand(fact)
    await world.carry()
    assert (await world.state(transfer)) == "pending"
    row = await world.parts.database["deadlines"].find_one({"kind": LOOKED_FOR_AGAIN})
    assert row is not None
    world.clock.move(timedelta(minutes=10))
    await world.work()
    await world.carry()
    document = await listed(world, transfer)
    assert (document["waits_for"], document["to"]) == (COMMITTEE, COMMITTEE)


@pytest.mark.rule("TRF-23", "ORG-17", "ADM-08")
async def test_after_a_move_the_new_superior_may_approve_and_the_former_may_not(world: World) -> None:
    await world.rights.tree({OTHER_SCHOOL: PROVINCE}, "committee")
    await world.rights.administers(OTHER_ADMIN, OTHER_SCHOOL)
    who = await world.enter()
    transfer = await world.opened(who)
    assert (await world.get(f"transfers/{transfer}", SCHOOL_ADMIN)).status_code == 200
    world.rights.withdrawals.note_place(Replaced(IN, OTHER_SCHOOL, 2))
    assert await approve(world, transfer, SCHOOL_ADMIN) == 403
    assert await approve(world, transfer, OTHER_ADMIN) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")


@pytest.mark.rule("TRF-23", "TRF-22")
async def test_the_end_of_the_membership_ends_the_transfer_at_once_and_says_so(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    for branch, state in ((CLASS, "pending"), (OUT, "failed")):
        await said_by_member(world, member.MembershipOver(person=who, branch=branch))
        assert await world.state(transfer) == state
    document = await listed(world, transfer)
    assert document["cause"] == "membership_ended"
    assert await claims(world) == 0
    assert (await shown(world, transfer, OUT_ADMIN))["cause"] == "membership_ended"


async def said_by_member(world: World, fact: Contract) -> None:
    (record,) = await world.feed.hear(fact, stream="person-told")
    await world.hand(record)
    world.heard.add(record.event_id)
    await world.carry()
