"""Started by the side moved into, for whom member found by name and number (TRF-03, TRF-04)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.member.people import card
from tests.member.test_api import row
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE,
    COMMITTEE_ADMIN,
    DEEP,
    IN,
    IN_ADMIN,
    MIDDLE,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL_ADMIN,
    World,
    two_levels,
)
from tests.transfer.test_process import approve

NAME, NUMBER = "欧阳不露", card(sequence="900")
PAIR = {"name": NAME, "number": NUMBER}


@pytest.fixture
async def who(world: World) -> str:
    fields = row(name=NAME, number=NUMBER, development_number="202233000900")
    answer = await world.members.send("POST", f"/v1/organizations/{OUT}/members", fields, by=SCHOOL_ADMIN)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"])


async def ticket(world: World, place: str = IN, by: str = IN_ADMIN) -> str:
    path = f"/v1/organizations/{place}/transfer-tickets"
    answer = await world.members.send("POST", path, PAIR, by=by)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


async def takes(world: World, given: str, place: str = IN, by: str = IN_ADMIN, **more: Any) -> httpx.Response:
    body = {"ticket": given, "reason": "further_study"}
    return await world.send(f"organizations/{place}/transfers-in", body, by, **more)


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.rule("TRF-03")
async def test_a_branch_takes_in_whom_it_named_when_the_branch_left_agrees(world: World, who: str) -> None:
    """Without transfer having heard of the person before: the ticket says where they are."""
    answer = await takes(world, await ticket(world))
    assert answer.status_code == 201, answer.text
    transfer = answer.json()["stream"]
    await world.carry()
    assert await approve(world, transfer) == 403
    shown = (await world.get(f"transfers/{transfer}", OUT_ADMIN)).json()
    assert (shown["started_by"], shown["waits_for"], shown["reason"]) == ("in", OUT, "further_study")
    assert await approve(world, transfer, OUT_ADMIN) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (IN, "completed")
    assert await world.rosters() == {OUT: 0, IN: 1}


@pytest.mark.rule("TRF-03")
async def test_the_superior_of_the_branch_left_agrees_for_it(world: World, who: str) -> None:
    transfer = (await takes(world, await ticket(world))).json()["stream"]
    await world.carry()
    assert await approve(world, transfer, SCHOOL_ADMIN) == 201


@pytest.mark.rule("TRF-04")
async def test_a_committee_takes_in_and_assigns_a_branch_below_it_when_the_branch_left_agreed(
    world: World, who: str
) -> None:
    given = await ticket(world, COMMITTEE, COMMITTEE_ADMIN)
    transfer = (await takes(world, given, COMMITTEE, COMMITTEE_ADMIN)).json()["stream"]
    await world.carry()
    path = f"transfers/{transfer}/assignment"
    assert said(await world.send(path, {"branch": CLASS}, COMMITTEE_ADMIN)) == (409, "no_branch_to_assign")
    assert await approve(world, transfer, OUT_ADMIN) == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (OUT, "unassigned")
    assert said(await world.send(f"transfers/{transfer}/withdrawal", {}, COMMITTEE_ADMIN)) == (
        409,
        "last_approval_given",
    )
    assert (await world.send(path, {"branch": CLASS}, COMMITTEE_ADMIN)).status_code == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (CLASS, "completed")


@pytest.mark.rule("TRF-04", "ADM-08")
async def test_a_committee_assigns_a_branch_two_levels_below_it(world: World, who: str) -> None:
    await two_levels(world, COMMITTEE)
    given = await ticket(world, COMMITTEE, COMMITTEE_ADMIN)
    transfer = (await takes(world, given, COMMITTEE, COMMITTEE_ADMIN)).json()["stream"]
    await world.carry()
    assert await approve(world, transfer, OUT_ADMIN) == 201
    path = f"transfers/{transfer}/assignment"
    assert said(await world.send(path, {"branch": IN}, COMMITTEE_ADMIN)) == (422, "branch_outside_destination")
    assert said(await world.send(path, {"branch": MIDDLE}, COMMITTEE_ADMIN)) == (400, "destination_unknown")
    assert (await world.send(path, {"branch": DEEP}, COMMITTEE_ADMIN)).status_code == 201
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (DEEP, "completed")


@pytest.mark.rule("TRF-03")
async def test_a_ticket_is_good_for_ten_minutes_one_organization_and_one_admin(world: World, who: str) -> None:
    given = await ticket(world)
    for place, by in ((COMMITTEE, COMMITTEE_ADMIN), (IN, SCHOOL_ADMIN)):
        assert said(await takes(world, given, place, by)) == (409, "ticket_over")
    assert said(await takes(world, given[:-20] + given[-20:].swapcase())) == (409, "ticket_over")
    assert said(await takes(world, given, by=OUT_ADMIN)) == (403, "outside_authority")
    first = await takes(world, given, key="the-same-key")
    world.clock.move(timedelta(minutes=10))
    again = await takes(world, given, key="the-same-key")
    assert (first.status_code, again.json()) == (201, first.json())
    await world.carry()
    assert (await world.send(f"transfers/{first.json()['stream']}/withdrawal", {}, IN_ADMIN)).status_code == 201
    await world.carry()
    assert said(await takes(world, given)) == (409, "ticket_over")


@pytest.mark.rule("TRF-01", "TRF-02", "TRF-15")
async def test_what_every_start_is_asked_is_asked_here_too(world: World, who: str) -> None:
    given = await ticket(world)
    other = await world.send(f"organizations/{IN}/transfers-in", {"ticket": given, "reason": "because"}, IN_ADMIN)
    assert said(other) == (400, "reason_not_offered")
    await world.rights.administers(IN_ADMIN, PROVINCE)
    await world.members.rights.administers(IN_ADMIN, PROVINCE)
    leading = await ticket(world, PROVINCE)
    assert said(await takes(world, leading, PROVINCE)) == (422, "leading_body_has_no_part")
    at_home = await ticket(world, OUT, OUT_ADMIN)
    assert said(await takes(world, at_home, OUT, OUT_ADMIN)) == (422, "already_there")
    assert (await takes(world, given)).status_code == 201
    taken = await takes(world, given)
    assert said(taken) == (409, "transfer_already_open")
    assert "由转入方发起" in taken.text


@pytest.mark.rule("TRF-22", "TRF-03")
async def test_whoever_left_between_the_ticket_and_the_start_is_not_held(world: World, who: str) -> None:
    given = await ticket(world)
    await world.carry()
    first = await world.start(who, CLASS, reason="change_of_school")
    await world.carry()
    stranger = await world.send(f"transfers/{first}/approval", {}, COMMITTEE_ADMIN)
    assert stranger.status_code == 201, stranger.text
    await world.carry()
    assert await world.branch(who) == CLASS
    second = (await takes(world, given)).json()["stream"]
    await world.carry()
    assert (await world.state(second), await world.branch(who)) == ("failed", CLASS)
