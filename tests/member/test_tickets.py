"""Who takes a member in names them exactly, and learns nothing but that (TRF-03, X14)."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from deploy.local.servers import Addresses
from services.member.adapters.wrong_pairs import WRONG_MAX
from services.member.use_cases.people import ACCESS_LOG
from shared.contracts.member import TRANSFER_TICKET
from shared.http.paging import CURSOR_KEY
from shared.http.tickets import Tickets
from shared.kernel.clock import ManualClock
from shared.privacy.secrets import read_secret
from tests.member.people import cadre_row, card
from tests.member.test_api import ADMIN, BRANCH, COUNTY, OTHER, STRANGER, SUPERIOR, World, a_county

NAME, NUMBER = "欧阳·不露", card(sequence="777")


@pytest.fixture
async def world(servers: Addresses, swept_namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    async with a_county(servers, swept_namespace, secrets_dir) as world:
        yield world


@pytest.fixture
async def someone(world: World) -> str:
    return await world.enter(name=NAME, number=NUMBER)


async def asks(world: World, by: str = STRANGER, place: str = OTHER, **changes: str) -> httpx.Response:
    body = {"name": NAME, "number": NUMBER} | changes
    return await world.send("POST", f"/v1/organizations/{place}/transfer-tickets", body, by=by)


async def log(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await world.parts.store.database[ACCESS_LOG].find({}).to_list(None)
    return found


@pytest.mark.rule("TRF-03")
async def test_the_exact_pair_gives_a_ticket_that_says_nothing_to_its_holder(world: World, someone: str) -> None:
    answer = await asks(world)
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"ticket", "expires_at"}
    ticket = answer.json()["ticket"]
    assert someone.encode() not in base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    tickets = Tickets(read_secret(world.parts.settings.secrets_dir, CURSOR_KEY), TRANSFER_TICKET)
    now = world.parts.clock.now()
    assert tickets.read((OTHER, STRANGER), ticket, now) == [someone, BRANCH]
    assert tickets.read((OTHER, STRANGER), ticket, now + timedelta(minutes=10)) is None
    assert tickets.read((OTHER, ADMIN), ticket, now) is None
    spread = await asks(world, name=" 欧阳 • 不露 ", number=" " + NUMBER[:6] + " " + NUMBER[6:].lower())
    assert spread.status_code == 201, spread.text


@pytest.mark.rule("TRF-03", "X14")
async def test_whatever_does_not_fit_has_one_answer(world: World, someone: str) -> None:
    cadre = await world.send(
        "POST",
        f"/v1/organizations/{COUNTY}/cadres",
        cadre_row(name="李四", number=card("19900101", "222")),
        by=SUPERIOR,
    )
    assert cadre.status_code == 201, cadre.text
    wrong = (
        {"name": "欧阳"},
        {"number": card(sequence="778")},
        {"name": "李四", "number": card("19900101", "222")},
        {"document_kind": "护照"},
        {"document_kind": "工作证"},
        {"number": "　"},
        {"name": "%%"},
    )
    answers = [await asks(world, **changes) for changes in wrong]
    said = [{k: v for k, v in a.json().items() if k != "correlation"} for a in answers]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "no_member_of_this_name_and_number")}
    assert all(each == said[0] for each in said)
    assert len(await log(world)) == len(wrong)


@pytest.mark.rule("TRF-03", "X14")
async def test_a_known_number_takes_no_longer_than_an_unknown_one(world: World, someone: str) -> None:
    """Opening a record takes several times as long as finding none: unpaced, the time would tell who is registered."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(WRONG_MAX - 2):
        known = bool(turn % 2)
        began = time.perf_counter()
        assert (await asks(world, name="别人", number=NUMBER if known else card(sequence="779"))).status_code == 404
        seconds[known].append(time.perf_counter() - began)
    known, unknown = median(seconds[True]), median(seconds[False])
    assert abs(known - unknown) < 0.25 * min(known, unknown), seconds


@pytest.mark.rule("TRF-03", "OPS-01")
async def test_every_try_is_written_down_before_it_is_answered(world: World, someone: str) -> None:
    await asks(world)
    await asks(world, name="别人")
    await asks(world, number=card(sequence="778"))
    entries = [(e["person"], e["reason"], e["principal"], e["organization"], e["field"]) for e in await log(world)]
    who = (STRANGER, OTHER, "transfer_ticket")
    assert entries == [(someone, "found", *who), (someone, "not_found", *who), (None, "not_found", *who)]
    assert not {NAME, NUMBER, "别人"} & set(str(await log(world)).split("'"))


@pytest.mark.rule("TRF-03", "X06")
async def test_twenty_wrong_pairs_end_the_day_and_right_ones_cost_nothing(world: World, someone: str) -> None:
    for _ in range(3):
        assert (await asks(world)).status_code == 201
    answers = await asyncio.gather(*(asks(world, name="别人") for _ in range(WRONG_MAX + 5)))
    assert sorted(a.status_code for a in answers) == [404] * WRONG_MAX + [429] * 5
    over = await asks(world)
    assert (over.status_code, over.json()["code"]) == (429, "too_many_wrong_pairs")
    assert (await asks(world, by=ADMIN, place=BRANCH)).status_code == 201
    assert isinstance(world.parts.clock, ManualClock)
    world.parts.clock.move(timedelta(days=1))
    assert (await asks(world)).status_code == 201


@pytest.mark.rule("TRF-03", "ADM-08")
async def test_a_ticket_is_for_who_may_act_for_the_organization(world: World, someone: str) -> None:
    for by, place in ((ADMIN, OTHER), (STRANGER, BRANCH)):
        answer = await asks(world, by=by, place=place)
        assert (answer.status_code, answer.json()["code"]) == (403, "outside_authority")
    assert await log(world) == []
    assert (await asks(world, by=SUPERIOR, place=BRANCH)).status_code == 201
