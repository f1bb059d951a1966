"""Delays, objections, coordination and search through the routes: who may, who sees what (TRF-10 to TRF-12, TRF-14)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.transfer.app import compose
from tests.transfer.conftest import (
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
    person,
)
from tests.transfer.test_batches import ask
from tests.transfer.test_process import GROUND, approve, claims, facts

OBJECTION, EXPLANATION, ANSWER = {"objection": "not_asked"}, {"explanation": "needs_meeting"}, {"answer": "start_again"}
PROVINCE_ADMIN = person(203)


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def card(world: World, transfer: str, by: str) -> Any:
    answer = await world.get(f"transfers/{transfer}", by)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(world: World, place: str, by: str, **search: Any) -> list[str]:
    asked = "&".join(f"{name}={value}" for name, value in search.items())
    answer = await world.get(f"organizations/{place}/transfers?{asked}", by)
    assert answer.status_code == 200, answer.text
    return [item["transfer"] for item in answer.json()["items"]]


@pytest.mark.rule("TRF-10")
async def test_both_sides_and_the_member_see_why_it_takes_so_long(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    path = f"transfers/{transfer}/delay"
    assert said(await world.send(path, {"explanation": "no time"}, IN_ADMIN)) == (400, "explanation_not_offered")
    assert said(await world.send(path, EXPLANATION, OUT_ADMIN)) == (403, "outside_authority")
    assert said(await world.send(path, EXPLANATION, STRANGER)) == (404, "nothing_here")
    first = await world.send(path, EXPLANATION, IN_ADMIN, "the-same-key")
    assert first.status_code == 201
    for by in (who, OUT_ADMIN, IN_ADMIN):
        shown = await card(world, transfer, by)
        [each] = shown["explanations"]
        assert (each["organization"], each["explanation"], each["by"]) == (IN, "needs_meeting", IN_ADMIN)
        assert shown["due_at"] == "2026-12-02T04:00:00Z"
    assert await approve(world, transfer) == 201
    again = await world.send(path, EXPLANATION, IN_ADMIN, "the-same-key")
    assert again.json() == first.json()
    assert said(await world.send(path, EXPLANATION, IN_ADMIN)) == (409, "nothing_waits")


@pytest.mark.rule("TRF-11")
async def test_the_starter_s_superior_and_nobody_else_decides_about_an_objection(world: World) -> None:
    await world.rights.administers(PROVINCE_ADMIN, PROVINCE)
    who = await world.enter()
    transfer = await world.opened(who, COMMITTEE)
    path, decision = f"transfers/{transfer}/objection", f"transfers/{transfer}/objection-decision"
    assert said(await world.send(path, {"objection": "no"}, who)) == (400, "objection_not_offered")
    assert said(await world.send(path, OBJECTION, OUT_ADMIN)) == (403, "not_the_member")
    assert said(await world.send(path, OBJECTION, STRANGER)) == (404, "nothing_here")
    assert said(await world.send(decision, {"upheld": True}, SCHOOL_ADMIN)) == (409, "no_objection")
    assert (await world.send(path, OBJECTION, who)).status_code == 201
    refused = await world.send(f"transfers/{transfer}/approval", {}, COMMITTEE_ADMIN)
    assert said(refused) == (409, "objection_undecided")
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="objections") == [transfer]
    assert await listed(world, OUT, OUT_ADMIN, which="objections") == []
    offered = {
        by: (await card(world, transfer, by))["may"]["decide_objection"] for by in (SCHOOL_ADMIN, PROVINCE_ADMIN)
    }
    assert offered == {SCHOOL_ADMIN: True, PROVINCE_ADMIN: False}
    for by in (OUT_ADMIN, COMMITTEE_ADMIN, PROVINCE_ADMIN, who):
        assert said(await world.send(decision, {"upheld": True}, by)) == (403, "outside_authority")
    assert (await world.send(decision, {"upheld": True}, SCHOOL_ADMIN)).status_code == 201
    await world.carry()
    shown = await card(world, transfer, who)
    objection = shown["objection"]
    assert (shown["state"], objection["state"], objection["decided_by"]) == ("withdrawn", "upheld", SCHOOL_ADMIN)
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="objections") == []
    assert (await world.branch(who), await claims(world)) == (OUT, 0)


@pytest.mark.rule("TRF-11")
async def test_a_dismissed_objection_lets_it_go_on_and_an_undecided_one_returns_it(world: World) -> None:
    who, other = await world.enter(), await world.enter()
    transfer, silent = await world.opened(who), await world.opened(other)
    for each, by in ((transfer, who), (silent, other)):
        assert (await world.send(f"transfers/{each}/objection", OBJECTION, by)).status_code == 201
    decision = await world.send(f"transfers/{transfer}/objection-decision", {"upheld": False}, SCHOOL_ADMIN)
    assert decision.status_code == 201
    assert (await card(world, transfer, who))["objection"]["state"] == "dismissed"
    assert said(await world.send(f"transfers/{transfer}/objection", OBJECTION, who)) == (409, "objection_dismissed")
    assert await approve(world, transfer) == 201
    world.clock.move(timedelta(days=10))
    await world.work()
    await world.carry()
    assert [await world.state(each) for each in (transfer, silent)] == ["completed", "timed_out"]
    assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="objections") == []


@pytest.mark.rule("TRF-11")
async def test_nobody_objects_to_the_own_transfer(world: World) -> None:
    who = await world.enter()
    mine = (await world.send("me/transfers", {"to": IN, "reason": "further_study"}, who)).json()["stream"]
    assert said(await world.send(f"transfers/{mine}/objection", OBJECTION, who)) == (422, "own_transfer")


@asynccontextmanager
async def objections_withdraw(world: World) -> AsyncIterator[None]:
    """The service as it starts where the setting says so."""
    settings = world.parts.settings
    world.parts.settings = settings.model_copy(update={"transfer_objection_withdraws": True})
    world.service = compose(world.parts, world.rights.authority, world.issuer.verifier())
    before, transport = world.client, httpx.ASGITransport(world.service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://transfer") as world.client:
        yield
    world.client = before


async def lists(world: World) -> Any:
    return (await world.get("reference/transfers", OUT_ADMIN)).json()


@pytest.mark.rule("TRF-11", "TRF-22")
async def test_by_setting_an_objection_ends_the_transfer_at_once_and_nobody_decides(world: World) -> None:
    who = await world.enter()
    transfer = await world.opened(who)
    assert (await lists(world))["objection_withdraws"] is False
    async with objections_withdraw(world):
        assert (await lists(world))["objection_withdraws"] is True
        assert (await world.send(f"transfers/{transfer}/objection", OBJECTION, who)).status_code == 201
        assert (await facts(world, transfer))[-2:] == ["TransferObjected", "TransferWithdrawn"]
        shown = await card(world, transfer, who)
        assert (shown["state"], shown["objection"]["state"]) == ("withdrawn", "upheld")
        assert shown["objection"]["decided_by"] == who
        assert await listed(world, SCHOOL, SCHOOL_ADMIN, which="objections") == []
        await world.carry()
        assert (await world.branch(who), await claims(world)) == (OUT, 0)


@pytest.mark.rule("TRF-11", "TRF-08")
async def test_an_objection_to_a_batch_before_its_hold_is_answered_and_by_setting_ends_it(world: World) -> None:
    one, other = await world.enter(), await world.enter()
    await ask(world, one, other)
    await world.work()
    await world.feed.catch_up()
    of = {each["person"]: each["_id"] for each in await (await world.parts.transfers.current()).find({}).to_list(None)}
    assert [await world.state(each) for each in of.values()] == ["requested", "requested"]
    refused = await world.send(f"transfers/{of[one]}/objection", OBJECTION, one)
    assert said(refused) == (409, "no_approval_to_stop")
    async with objections_withdraw(world):
        assert (await world.send(f"transfers/{of[other]}/objection", OBJECTION, other)).status_code == 201
    await world.carry()
    assert [await world.state(of[each]) for each in (one, other)] == ["completed", "withdrawn"]
    assert [await world.branch(each) for each in (one, other)] == [IN, OUT]
    assert await claims(world) == 0


@pytest.mark.rule("TRF-11")
async def test_an_objection_made_before_member_held_the_person_still_stops_every_approval(world: World) -> None:
    who = await world.enter()
    transfer = await world.start(who)
    assert (await world.send(f"transfers/{transfer}/objection", OBJECTION, who)).status_code == 201
    await world.carry()
    assert (await card(world, transfer, IN_ADMIN))["objection"]["state"] == "open"
    assert said(await world.send(f"transfers/{transfer}/approval", {}, IN_ADMIN)) == (409, "objection_undecided")


@pytest.mark.rule("TRF-12")
async def test_a_refused_transfer_is_handed_to_the_member_s_own_organization_which_answers(world: World) -> None:
    who = await world.enter()
    started = await world.send("me/transfers", {"to": IN, "reason": "further_study"}, who)
    transfer = started.json()["stream"]
    await world.carry()
    path, answer = f"transfers/{transfer}/coordination", f"transfers/{transfer}/coordination-answer"
    assert said(await world.send(path, {}, who)) == (409, "not_refused")
    assert await approve(world, transfer, OUT_ADMIN) == 201
    assert (await world.send(f"transfers/{transfer}/refusal", GROUND, IN_ADMIN)).status_code == 201
    await world.carry()
    assert (await card(world, transfer, who))["may"]["coordinate"] is True
    assert (await card(world, transfer, IN_ADMIN))["may"]["coordinate"] is False
    assert (await world.send(path, {}, IN_ADMIN)).status_code in (403, 409)
    assert said(await world.send(answer, ANSWER, OUT_ADMIN)) == (409, "no_coordination")
    assert (await world.send(path, {}, who)).status_code == 201
    assert await listed(world, OUT, OUT_ADMIN, which="coordination") == [transfer]
    assert said(await world.send(answer, {"answer": "whatever"}, OUT_ADMIN)) == (400, "answer_not_offered")
    assert said(await world.send(answer, ANSWER, IN_ADMIN)) == (403, "outside_authority")
    assert (await card(world, transfer, OUT_ADMIN))["may"]["answer_coordination"] is True
    assert (await world.send(answer, ANSWER, OUT_ADMIN)).status_code == 201
    assert said(await world.send(answer, ANSWER, SCHOOL_ADMIN)) == (409, "coordination_already_answered")
    for by in (who, IN_ADMIN, OUT_ADMIN):
        case = (await card(world, transfer, by))["coordination"]
        assert (case["organization"], case["state"], case["answer"]) == (OUT, "answered", "start_again")
        assert (case["by"], case["answered_by"]) == (who, OUT_ADMIN)
    assert await listed(world, OUT, OUT_ADMIN, which="coordination") == []
    await world.opened(who)


@pytest.mark.rule("TRF-14")
async def test_admins_search_by_time_type_state_and_reason(world: World) -> None:
    first = await world.opened(await world.enter())
    world.clock.move(timedelta(days=3))
    second = await world.opened(await world.enter(), COMMITTEE)
    world.clock.move(timedelta(minutes=1))
    who = await world.enter()
    third = (await world.send("me/transfers", {"to": IN, "reason": "further_study"}, who)).json()["stream"]
    await world.carry()
    assert (await world.send(f"transfers/{first}/withdrawal", {}, OUT_ADMIN)).status_code == 201

    async def found(**search: Any) -> list[str]:
        return await listed(world, OUT, OUT_ADMIN, which="all", **search)

    assert await found() == [third, second, first]
    assert await found(state="withdrawn") == [first]
    assert await found(state="pending") == [third, second]
    assert await found(started_by="member") == [third]
    assert await found(started_by="out", state="pending") == [second]
    assert await found(reason="further_study") == [third]
    assert await found(until="2026-11-22") == [first]
    assert await found(since="2026-11-23", until="2026-11-25") == [third, second]
    assert await found(since="2026-11-26") == []
    page = (await world.get(f"organizations/{OUT}/transfers?which=all&state=pending&limit=1", OUT_ADMIN)).json()
    other = f"organizations/{OUT}/transfers?which=all&state=withdrawn&limit=1&cursor={page['next']}"
    assert said(await world.get(other, OUT_ADMIN)) == (400, "cursor_expired")
    for wrong in ("state=lost", "since=yesterday", "started_by=nobody"):
        assert (await world.get(f"organizations/{OUT}/transfers?{wrong}", OUT_ADMIN)).status_code == 400
    mine = (await world.get("me/transfers?state=completed", who)).json()["items"]
    assert mine == []
