"""Who decides about a transfer sees whom it is about and how to reach them, as long as it waits (TRF-13, OPS-01, X14)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local.servers import Addresses
from services.member.domain.transfers import PlaceHold, ReleaseHold
from services.member.use_cases.people import ACCESS_LOG
from services.member.use_cases.transfers import TransferredPeople
from shared.kernel.envelope import Actor, Request
from tests.member.people import card
from tests.member.test_api import ADMIN, BRANCH, FAR, OTHER, STRANGER, SUPERIOR, World, a_county, person

TRANSFER, NUMBER, MOBILE, CONTACT = "transfer-1", card(sequence="555"), "13912345678", "欧阳之母"
FAR_ADMIN = person(9)
REASON = {"reason": "核实去向"}


@pytest.fixture
async def world(servers: Addresses, namespace: str, secrets_dir: Path) -> AsyncIterator[World]:
    async with a_county(servers, namespace, secrets_dir) as world:
        await world.rights.administers(FAR_ADMIN, FAR)
        yield world


@pytest.fixture
async def someone(world: World) -> str:
    return await world.enter(
        name="欧阳不露", number=NUMBER, mobile=MOBILE, emergency_contact=CONTACT, emergency_phone="13887654321"
    )


async def held(world: World, who: str) -> None:
    command = PlaceHold(transfer=TRANSFER, from_branch=BRANCH, to=OTHER)
    await TransferredPeople(world.parts.store).hold(Request(Actor("service:member"), "hold", ""), who, command)


async def let_go(world: World, who: str) -> None:
    request = Request(Actor("service:member"), "release", "")
    await TransferredPeople(world.parts.store).release(request, who, ReleaseHold(transfer=TRANSFER))


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.rule("TRF-13")
async def test_the_organization_moved_into_sees_basic_data_and_contact_while_it_waits(
    world: World, someone: str
) -> None:
    path = f"/v1/people/{someone}/transfer"
    for by in (STRANGER, FAR_ADMIN, ADMIN, someone):
        assert said(await world.get(path, by)) == (404, "person_not_found")
    await held(world, someone)
    for by, may_reveal in ((STRANGER, True), (FAR_ADMIN, True), (ADMIN, True), (SUPERIOR, True), (someone, False)):
        answer = await world.get(path, by)
        assert answer.status_code == 200, by
        shown = answer.json()
        assert (shown["name"], shown["emergency_contact"]) == ("欧阳不露", CONTACT)
        assert (shown["transfer"], shown["branch"], shown["to"]) == (TRANSFER, BRANCH, OTHER)
        assert (shown["mobile_masked"], shown["may"]["reveal"]) == ("139****5678", may_reveal)
        assert not {NUMBER, MOBILE, "13887654321"} & set(str(shown).split("'"))
    assert said(await world.get(f"/v1/people/{someone}", STRANGER)) == (404, "person_not_found")
    assert said(await world.get(f"/v1/people/{someone}/history", STRANGER)) == (404, "person_not_found")
    await let_go(world, someone)
    assert said(await world.get(path, STRANGER)) == (404, "person_not_found")


@pytest.mark.rule("TRF-13", "OPS-01")
async def test_it_reveals_phones_with_an_entry_and_never_the_number_nor_after_the_end(
    world: World, someone: str
) -> None:
    path = f"/v1/people/{someone}/reveal"
    assert said(await world.send("POST", path, REASON | {"field": "mobile"}, by=STRANGER)) == (404, "person_not_found")
    await held(world, someone)
    answer = await world.send("POST", path, REASON | {"field": "mobile"}, by=STRANGER)
    assert (answer.status_code, answer.json()) == (200, {"value": MOBILE})
    assert said(await world.send("POST", path, REASON | {"field": "number"}, by=STRANGER)) == (404, "person_not_found")
    entries = await world.parts.store.database[ACCESS_LOG].find({}).to_list(None)
    assert [(e["person"], e["field"], e["principal"], e["reason"]) for e in entries] == [
        (someone, "mobile", STRANGER, REASON["reason"])
    ]
    await let_go(world, someone)
    assert said(await world.send("POST", path, REASON | {"field": "mobile"}, by=STRANGER)) == (404, "person_not_found")
