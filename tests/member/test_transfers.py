"""What member hears of transfers and answers, on the real store: once, with both rosters or with neither (TRF-22)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.member.domain.events import PositionGiven
from services.member.domain.fields import Template
from services.member.domain.person_state import PERSON
from services.member.domain.transfers import BranchTakesNobody
from services.member.reactions import Hears
from services.member.use_cases.records import ROSTERS
from services.member.use_cases.transfers import TransferredPeople
from services.member.views import what_happened
from shared.contracts import transfer as public
from shared.contracts.base import Contract
from shared.eventstore.execute import execute
from shared.kernel import ids
from shared.kernel.envelope import Actor, Recorded, Request
from tests.member.conftest import BRANCHES, COUNTY, Member
from tests.member.people import member_row

OUT, IN, OTHER = BRANCHES
FIRST, SECOND = "transfer-1", "transfer-2"


def hears(member: Member) -> Hears:
    registrants: Any = None  # transfers need none
    return Hears(registrants, TransferredPeople(member.store))


def fact(event: Contract, number: int = 1) -> Recorded:
    stream, type_ = str(event.model_dump()["transfer"]), event.type_name()
    data = event.model_dump(mode="json", exclude={"personal"})
    id_ = ids.derived(stream, type_, str(number))
    at = datetime(2026, 11, 28, 2, tzinfo=UTC)
    return Recorded(id_, type_, stream, number, 0, at, Actor("service:transfer"), "", "", data)


async def entered(member: Member) -> str:
    request = Request(Actor("person-admin", COUNTY), "enter-0001", "")
    return (await member.people.enter(request, OUT, Template.MEMBERS, member_row(branch=""))).stream


def requested(person: str, transfer: str = FIRST) -> Recorded:
    return fact(public.TransferRequested(transfer=transfer, person=person, from_branch=OUT, to=IN))


def approved(person: str, transfer: str = FIRST) -> Recorded:
    return fact(public.TransferApproved(transfer=transfer, person=person, from_branch=OUT, to_branch=IN))


async def told(member: Member, person: str) -> list[str]:
    """What member published of a person on the topic of transfers, and of the move."""
    found = []
    async for commit in member.store.commits.find({"stream": person}).sort("version", 1):
        found += [entry["type"].split(".")[1] for entry in commit["public"]]
    return [name for name in found if "Transfer" in name or "Move" in name]


async def published(member: Member, person: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    async for commit in member.store.commits.find({"stream": person}).sort("version", 1):
        for entry in commit["public"]:
            yield entry["type"].split(".")[1], entry["data"]


async def rosters(member: Member) -> dict[str, int]:
    return {row["_id"]: row["members"] async for row in member.store.database[ROSTERS].find({})}


@pytest.mark.rule("TRF-22", "P2")
async def test_heard_again_and_at_once_the_member_is_held_once_and_moved_once(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    for react, record in ((heard.transfer_requested, requested(person)), (heard.transfer_approved, approved(person))):
        await asyncio.gather(*(react([record]) for _ in range(4)))
        await react([record, record])
    assert await told(member, person) == ["TransferHoldPlaced", "MemberMoved", "TransferCarriedOut"]
    assert await rosters(member) == {OUT: 0, IN: 1}


@pytest.mark.rule("TRF-22", "MEM-24")
async def test_who_moves_out_is_no_secretary_there_any_more_and_everybody_is_told(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    request = Request(Actor("person-admin", COUNTY), "post-0001", "")
    held = [
        PositionGiven(organization=OUT, position="书记", post_stated=True),
        PositionGiven(organization=COUNTY, position="委员"),
    ]
    await execute(member.store, PERSON, person, request, lambda _: held)
    await heard.transfer_requested([requested(person)])
    for _ in range(2):
        await heard.transfer_approved([approved(person)])
    said = [entry async for entry in published(member, person)]
    post = {"person": person, "organization": OUT, "position": "书记", "cause": "moved_out"}
    assert said[-2:] == [("CadrePositionEnded", post), ("PostLeft", post)]
    assert [name for name, _ in said].count("PostLeft") == 1
    known = (await member.records.load([person]))[person].known
    assert known is not None
    assert (known.branch, sorted(known.positions)) == (IN, [(COUNTY, "委员")])


@pytest.mark.rule("TRF-22", "TRF-02")
async def test_each_end_of_a_transfer_lets_the_member_go(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    ends = (public.TransferRefused, public.TransferWithdrawn, public.TransferTimedOut, public.TransferFailed)
    for number, end in enumerate(ends):
        transfer = f"transfer-{number}"
        over = fact(end(transfer=transfer, person=person))
        await heard.transfer_requested([requested(person, transfer)])
        for _ in range(2):
            await heard.transfer_over([over])
    assert await told(member, person) == ["TransferHoldPlaced", "TransferHoldReleased"] * 4
    assert await rosters(member) == {OUT: 1}


@pytest.mark.rule("TRF-02")
async def test_of_two_transfers_that_ask_at_once_one_holds_the_member(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    await heard.transfer_requested([requested(person), requested(person, SECOND)])
    assert sorted(await told(member, person)) == ["TransferHoldPlaced", "TransferHoldRefused"]


@pytest.mark.rule("TRF-22")
async def test_a_roster_that_closed_moves_nobody_and_leaves_both_rosters_alone(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    await member.store.database[ROSTERS].insert_one({"_id": IN, "members": 0, "state": "closing"})
    await heard.transfer_requested([requested(person)])
    for _ in range(2):
        await heard.transfer_approved([approved(person)])
    assert BranchTakesNobody.rule == "TRF-22"
    assert await told(member, person) == ["TransferHoldPlaced", "MemberMoveRefused"]
    assert await rosters(member) == {OUT: 1, IN: 0}


@pytest.mark.rule("TRF-22", "TRF-02")
async def test_asked_again_member_does_what_it_had_not_done_and_says_what_it_had(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    where = {"transfer": FIRST, "person": person, "from_branch": OUT}
    move, release = (public.TransferAnswerAwaited(**where, to_branch=to) for to in (IN, None))
    await heard.transfer_requested([requested(person)])
    for number in (1, 2):
        for _ in range(2):
            await heard.transfer_answer_awaited([fact(move, number)])
    await heard.transfer_answer_awaited([fact(release, 3)])
    moved = ["TransferHoldPlaced", "MemberMoved", "TransferCarriedOut"]
    assert await told(member, person) == [*moved, "TransferCarriedOut", "TransferHoldReleased"]
    assert await rosters(member) == {OUT: 0, IN: 1}


@pytest.mark.rule("TRF-22")
async def test_asked_again_a_roster_that_closed_still_moves_nobody(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    await member.store.database[ROSTERS].insert_one({"_id": IN, "members": 0, "state": "closing"})
    await heard.transfer_requested([requested(person)])
    where = {"transfer": FIRST, "person": person, "from_branch": OUT, "to_branch": IN}
    await heard.transfer_answer_awaited([fact(public.TransferAnswerAwaited(**where))])
    assert await told(member, person) == ["TransferHoldPlaced", "MemberMoveRefused"]
    assert await rosters(member) == {OUT: 1, IN: 0}


@pytest.mark.rule("MEM-20", "TRF-22")
async def test_the_history_says_from_where_to_where_and_nothing_of_holds(member: Member) -> None:
    person, heard = await entered(member), hears(member)
    await heard.transfer_requested([requested(person)])
    await heard.transfer_approved([approved(person)])
    lines = [
        what_happened(event, {OUT: "甲支部", IN: "乙支部"}) for _, event, _ in await member.records.history(person)
    ]
    assert [line for line in lines if line][-1] == "由“甲支部”转入“乙支部”"
    assert lines[-2] is None


@pytest.mark.rule("TRF-13", "TRF-23")
async def test_a_transfer_that_leads_elsewhere_now_is_known_there(member: Member) -> None:
    who, heard = await entered(member), hears(member)
    await heard.transfer_requested([requested(who)])
    leads = fact(public.TransferRedirected(transfer=FIRST, person=who, from_branch=OUT, to=OTHER))
    for _ in range(2):
        await heard.transfer_redirected([leads])
    known = (await member.records.load([who]))[who].known
    assert known is not None
    assert (known.held_to, known.hold) == (OTHER, FIRST)
