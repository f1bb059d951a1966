"""TRF-13, TRF-14: while a transfer is open its two sides and the member call each other's admins, on record."""

from typing import Any

import pytest

from services.member.use_cases.people import ACCESS_LOG
from shared.contracts import transfer as public
from tests.member.people import card
from tests.member.test_api import ADMIN, BRANCH, CADRE, COUNTY, FAR, OTHER, STRANGER, SUPERIOR, World, world
from tests.member.test_other_side import TRANSFER, hears, held

__all__ = ["world"]


@pytest.fixture
async def calls(world: World) -> tuple[str, str]:
    """(whom it is about, an admin of the other side who is on record)."""
    number = {"number": card(sequence="311"), "development_number": "202233000311", "mobile": "13800005678"}
    responsible = await world.enter(name="何嘉言", **number)
    await world.rights.administers(responsible, OTHER)
    return await held(world), responsible


async def asks(world: World, about: str, *admins: str, by: str, side: str = OTHER, organization: str = OTHER) -> Any:
    body = {"side": side, "organization": organization, "admins": list(admins)}
    return await world.send("POST", f"/v1/people/{about}/transfer-contacts", body, by=by)


@pytest.mark.rule("TRF-13", "TRF-14", "OPS-01")
async def test_the_member_and_both_sides_see_whom_to_call_and_it_is_on_record(
    world: World, calls: tuple[str, str]
) -> None:
    about, responsible = calls
    for by in (about, ADMIN, STRANGER, SUPERIOR):
        answer = await asks(world, about, responsible, by=by)
        assert answer.json()["items"] == [{"person": responsible, "name": "何嘉言", "mobile": "13800005678"}], by
    log = await world.parts.store.database[ACCESS_LOG].find({"reason": "transfer"}).to_list(None)
    assert [(e["person"], e["field"], e["principal"]) for e in log] == [
        (responsible, "mobile", by) for by in (about, ADMIN, STRANGER, SUPERIOR)
    ]
    assert "13800005678" not in str(log)


@pytest.mark.rule("TRF-13", "TRF-14", "X14")
async def test_nobody_s_phone_is_given_who_does_not_administer_a_side(world: World, calls: tuple[str, str]) -> None:
    about, responsible = calls
    assert (await asks(world, about, about, CADRE, "person-nobody", by=ADMIN)).json() == {"items": []}
    assert (await asks(world, about, responsible, by=ADMIN, organization=BRANCH)).json() == {"items": []}
    for side in (COUNTY, FAR):
        refused = await asks(world, about, responsible, by=ADMIN, side=side)
        assert (refused.status_code, refused.json()["code"]) == (409, "no_open_transfer_between")
    assert (await asks(world, about, responsible, by=CADRE)).status_code == 403
    assert (await asks(world, responsible, responsible, by=about)).status_code == 404
    assert await world.parts.store.database[ACCESS_LOG].count_documents({"reason": "transfer"}) == 0


@pytest.mark.rule("TRF-14")
async def test_when_it_is_over_so_are_the_calls(world: World, calls: tuple[str, str]) -> None:
    about, responsible = calls
    await hears(world, public.TransferRefused(transfer=TRANSFER, person=about))
    for by, expected in ((about, 409), (ADMIN, 409), (STRANGER, 404)):
        assert (await asks(world, about, responsible, by=by)).status_code == expected
    own_branch = await asks(world, about, ADMIN, by=about, side=BRANCH, organization=BRANCH)
    assert (own_branch.status_code, own_branch.json()["code"]) == (409, "no_open_transfer_between")


@pytest.mark.rule("TRF-14")
async def test_where_a_side_has_no_admin_its_superior_s_are_called(world: World, calls: tuple[str, str]) -> None:
    about, responsible = calls
    await world.rights.administers(responsible, FAR)
    given = (await asks(world, about, responsible, by=about, organization=FAR)).json()["items"]
    assert [each["name"] for each in given] == ["何嘉言"]
