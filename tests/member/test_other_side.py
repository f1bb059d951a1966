"""TRF-13, TRF-14: what the organization on the other side of a transfer sees of the person, and for how long."""

from typing import Any

import pytest

from services.member import finding
from services.member.reactions import Hears
from services.member.use_cases.transfers import TransferredPeople
from shared.contracts import transfer as public
from shared.contracts.base import Contract
from tests.member.people import card
from tests.member.test_api import (
    ADMIN,
    BRANCH,
    CADRE,
    COUNTY,
    FAR,
    OTHER,
    PROVINCE,
    STRANGER,
    SUPERIOR,
    World,
    organization,
    person,
    row,
    world,
)
from tests.member.test_transfers import fact

__all__ = ["world"]
TRANSFER = "transfer-1"
REVEAL = {"field": "mobile", "reason": "联系本人"}


async def hears(world: World, event: Contract) -> None:
    registrants: Any = None  # transfers need none
    heard = Hears(registrants, TransferredPeople(world.parts.store))
    react = {
        public.TransferRequested: heard.transfer_requested,
        public.TransferApproved: heard.transfer_approved,
    }.get(type(event), heard.transfer_over)
    await react([fact(event)])


async def held(world: World) -> str:
    """A member of BRANCH whom OTHER, the stranger's, is to receive."""
    who = await world.enter()
    await hears(world, public.TransferRequested(transfer=TRANSFER, person=who, from_branch=BRANCH, to=OTHER))
    return who


async def named(world: World, *people: str, by: str = STRANGER) -> list[dict[str, str]]:
    asked = "&".join(f"person={one}" for one in people)
    found: list[dict[str, str]] = (await world.get(f"/v1/people/names?{asked}", by)).json()["items"]
    return found


@pytest.mark.rule("TRF-13")
async def test_who_is_to_receive_a_member_sees_the_record_and_reaches_the_member_until_it_is_decided(
    world: World,
) -> None:
    who = await held(world)
    shown = (await world.get(f"/v1/people/{who}", STRANGER)).json()
    assert shown["may"] == {"edit": False, "reveal": True, "code": False}
    assert card() not in str(shown)
    revealed = await world.send("POST", f"/v1/people/{who}/reveal", REVEAL, by=STRANGER)
    assert revealed.json() == {"value": "13800001234"}
    number = await world.send("POST", f"/v1/people/{who}/reveal", REVEAL | {"field": "number"}, by=STRANGER)
    assert (number.status_code, number.json()["code"]) == (404, "person_not_found")
    await hears(world, public.TransferRefused(transfer=TRANSFER, person=who))
    for answer in (
        await world.get(f"/v1/people/{who}", STRANGER),
        await world.send("POST", f"/v1/people/{who}/reveal", REVEAL, by=STRANGER),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "person_not_found")


@pytest.mark.rule("TRF-13", "MEM-23", "MEM-20")
async def test_who_is_to_receive_a_member_changes_nothing_and_sees_no_history_before(world: World) -> None:
    who = await held(world)
    assert (await world.get(f"/v1/people/{who}/history", STRANGER)).status_code == 404
    fill = await world.send("PUT", f"/v1/people/{who}/missing-fields", {"mobile": "13800001234"}, by=STRANGER)
    assert fill.status_code == 404


@pytest.mark.rule("TRF-14", "X14")
async def test_both_sides_know_the_name_after_the_move_and_nobody_hears_of_somebody_else(world: World) -> None:
    other = await world.enter(number=card(sequence="301"), development_number="202233000301", name="李四")
    who = await held(world)
    assert [each["person"] for each in await named(world, who, other, person(99), "organization-1")] == [who]
    await hears(world, public.TransferApproved(transfer=TRANSFER, person=who, from_branch=BRANCH, to_branch=OTHER))
    assert (await world.get(f"/v1/people/{who}", ADMIN)).status_code == 404
    for by, people in ((ADMIN, [who, other]), (CADRE, [who, other]), (STRANGER, [who]), (who, [who])):
        found = await named(world, who, other, who, by=by)
        assert sorted(each["person"] for each in found) == sorted(people)
    assert set(found[0]) == {"person", "name"}
    assert (await world.get("/v1/people/names?" + "person=x&" * 201, ADMIN)).status_code == 400


@pytest.mark.rule("TRF-14")
async def test_a_side_that_did_not_get_the_member_still_knows_who_it_was(world: World) -> None:
    who = await held(world)
    await hears(world, public.TransferTimedOut(transfer=TRANSFER, person=who))
    assert [each["person"] for each in await named(world, who)] == [who]


async def found(world: World, place: str, words: str, by: str) -> tuple[list[str], bool]:
    answer = (await world.get(f"/v1/organizations/{place}/people?q={words}", by)).json()
    return [each["name"] for each in answer["items"]], answer["more"]


@pytest.mark.rule("TRF-14", "ADM-08")
async def test_by_the_beginning_of_a_name_people_are_found_however_far_below_and_nowhere_else(world: World) -> None:
    town, class_, head = organization(20), organization(21), person(50)
    await world.rights.tree({town: COUNTY}, "committee")
    await world.rights.tree({class_: town})
    await world.rights.administers(head, PROVINCE)
    names = {class_: "欧阳雪", BRANCH: "欧阳明月", OTHER: "欧阳明亮"}
    for number, (place, name) in enumerate(names.items(), start=301):
        fields = row(name=name, number=card(sequence=str(number)), development_number=f"202233000{number}")
        by = STRANGER if place == OTHER else head if place == BRANCH else SUPERIOR
        await world.rights.administers(by, place)
        assert (await world.send("POST", f"/v1/organizations/{place}/members", fields, by=by)).status_code == 201
    assert await found(world, COUNTY, "欧阳", SUPERIOR) == (["欧阳明月", "欧阳雪"], False)
    assert await found(world, PROVINCE, "欧阳明", head) == (["欧阳明亮", "欧阳明月"], False)
    assert await found(world, town, "欧阳", SUPERIOR) == (["欧阳雪"], False)
    assert await found(world, COUNTY, "明月", SUPERIOR) == (["欧阳明月"], False)
    for words in ("赵", " "):
        assert await found(world, COUNTY, words, SUPERIOR) == ([], False)
    assert (await world.get(f"/v1/organizations/{FAR}/people?q=欧阳", SUPERIOR)).status_code == 403


@pytest.mark.rule("TRF-14")
async def test_who_moved_on_is_still_found_where_their_transfers_were(world: World) -> None:
    who = await held(world)
    await world.feed.catch_up()
    [waited_for] = await named(world, who)
    assert await found(world, OTHER, waited_for["name"], STRANGER) == ([waited_for["name"]], False)
    await hears(world, public.TransferApproved(transfer=TRANSFER, person=who, from_branch=BRANCH, to_branch=OTHER))
    await world.feed.catch_up()
    name = (await named(world, who, by=ADMIN))[0]["name"]
    assert await found(world, BRANCH, name, ADMIN) == ([name], False)
    assert await found(world, OTHER, name, STRANGER) == ([name], False)


@pytest.mark.rule("TRF-14")
async def test_of_a_common_name_not_everybody_is_looked_at_and_that_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LOOKED_AT_MAX", 1)
    for number in (301, 302):
        await world.enter(number=card(sequence=str(number)), development_number=f"202233000{number}", name="王伟")
    names, more = await found(world, BRANCH, "王伟", ADMIN)
    assert (set(names), more) == ({"王伟"}, True)
