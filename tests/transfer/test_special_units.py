"""Special units and papers, over both services (TRF-16, TRF-26)."""

from datetime import timedelta
from typing import Any

import pytest

from services.transfer.use_cases.waits import OPEN
from shared.contracts.member import MemberMoved
from shared.contracts.org import Register, register_branch
from tests.transfer.conftest import (
    IN,
    IN_ADMIN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL_ADMIN,
    STRANGER,
    World,
    organization,
    person,
)

PROVINCE_ADMIN = person(120)
REGISTER = register_branch(PROVINCE, Register.SPECIAL_UNITS)
ARMY = {"reason": "joined_army", "note": "2026年9月参军入伍"}
LETTER = {"letter": "浙团介〔2026〕18号", "issued_on": "2026-11-20"}


@pytest.fixture(autouse=True)
async def province(world: World) -> None:
    """org has made the register branch by the time the provincial body looks."""
    for rights in (world.rights, world.members.rights):
        await rights.tree({REGISTER: PROVINCE})
        await rights.administers(PROVINCE_ADMIN, PROVINCE)


async def ask(world: World, who: str, by: str = OUT_ADMIN, **changes: Any) -> Any:
    return await world.send(f"organizations/{OUT}/transfers-to-special-unit", {"person": who} | ARMY | changes, by)


async def asked(world: World, who: str) -> str:
    answer = await ask(world, who)
    assert answer.status_code == 201, answer.text
    await world.carry()
    return str(answer.json()["stream"])


async def code(world: World, transfer: str, what: str, body: dict[str, Any], by: str) -> str:
    answer = await world.send(f"transfers/{transfer}/{what}", body, by)
    return "" if answer.is_success else str(answer.json()["code"])


async def card(world: World, transfer: str, by: str = OUT_ADMIN) -> dict[str, Any]:
    return dict((await world.get(f"transfers/{transfer}", by)).json())


@pytest.mark.rule("TRF-16", "TRF-22")
async def test_the_provincial_body_decides_after_the_letter_and_the_member_is_in_its_register_branch(
    world: World,
) -> None:
    who = await world.enter()
    transfer = await asked(world, who)
    needed = [fact.data async for fact in _public(world, "transfer.RegisterBranchNeeded.v1")]
    assert needed == [{"body": PROVINCE, "which": "special_units"}]
    [begun] = [fact.data async for fact in _public(world, "transfer.TransferOpenedWithoutEnd.v1")]
    assert (begun["transfer"], begun["person"], begun["side"], begun["organization"]) == (transfer, who, "in", REGISTER)
    assert [fact async for fact in _public(world, "transfer.TransferOpened.v1")] == []
    waiting = await card(world, transfer)
    assert (waiting["state"], waiting["waits_for"], waiting["due_at"]) == ("pending", REGISTER, None)
    assert (waiting["register_of"], waiting["note"]) == ("special_units", ARMY["note"])
    for which in ("waiting", "all"):
        rows = (await world.get(f"organizations/{PROVINCE}/transfers?which={which}", PROVINCE_ADMIN)).json()["items"]
        assert [row["transfer"] for row in rows] == [transfer]
    assert await code(world, transfer, "approval", {}, SCHOOL_ADMIN) == "outside_authority"
    assert await code(world, transfer, "approval", {}, PROVINCE_ADMIN) == "letter_missing"
    assert await code(world, transfer, "hand-over", LETTER, OUT_ADMIN) == ""
    assert await code(world, transfer, "approval", {}, PROVINCE_ADMIN) == ""
    await world.carry()
    assert (await world.branch(who), await world.state(transfer)) == (REGISTER, "completed")
    assert await world.rosters() == {OUT: 0, REGISTER: 1}
    assert (await card(world, transfer))["arrival"] is None
    assert await world.parts.database["claims"].count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0


@pytest.mark.rule("TRF-16", "TRF-07")
async def test_started_by_the_member_the_branch_agrees_first(world: World) -> None:
    who = await world.enter()
    answer = await world.send("me/transfers-to-special-unit", ARMY, who)
    transfer = str(answer.json()["stream"])
    await world.carry()
    assert (await card(world, transfer, who))["waits_for"] == OUT
    assert await code(world, transfer, "approval", {}, OUT_ADMIN) == ""
    now = await card(world, transfer, PROVINCE_ADMIN)
    assert (now["waits_for"], now["state"], now["may"]["assign"]) == (REGISTER, "pending", False)
    assert now["without_admin"] is False  # the province decides there, as it always does
    [agreed] = [fact.data async for fact in _public(world, "transfer.TransferStepApproved.v1")]
    assert (agreed["next_organization"], agreed.get("due_at"), agreed["endless"]) == (REGISTER, None, True)
    assert await code(world, transfer, "hand-over", LETTER, PROVINCE_ADMIN) == ""
    assert await code(world, transfer, "approval", {}, PROVINCE_ADMIN) == ""
    await world.carry()
    assert await world.branch(who) == REGISTER


@pytest.mark.rule("TRF-16")
async def test_only_two_reasons_and_always_a_note(world: World) -> None:
    who = await world.enter()
    for changes, refusal in (
        ({"reason": "change_of_work"}, "special_units_only"),
        ({"reason": "other"}, "special_units_only"),
        ({"note": "  "}, "special_unit_needs_note"),
    ):
        answer = await ask(world, who, **changes)
        assert (answer.status_code, answer.json()["code"], answer.json()["rule"]) == (400, refusal, "TRF-16")
    body = {"person": who, "to": IN, "reason": "classified_unit"}
    ordinary = await world.send(f"organizations/{OUT}/transfers-out", body, OUT_ADMIN)
    assert ordinary.json()["code"] == "special_unit_needs_no_destination"
    assert (await ask(world, who, by=STRANGER)).status_code == 403
    elsewhere = await ask(world, await world.enter(IN))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "member_not_in_branch")


@pytest.mark.rule("TRF-16", "TRF-18")
async def test_a_register_branch_is_no_destination_of_any_other_transfer(world: World) -> None:
    who = await world.enter()
    body = {"person": who, "to": REGISTER, "reason": "change_of_work"}
    out = await world.send(f"organizations/{OUT}/transfers-out", body, OUT_ADMIN)
    assert (out.status_code, out.json()["code"]) == (422, "register_is_no_choice")
    own = await world.send("me/transfers", {"to": REGISTER, "reason": "change_of_work"}, who)
    assert own.json()["code"] == "register_is_no_choice"


@pytest.mark.rule("TRF-16")
async def test_where_no_provincial_body_is_known_above_nobody_could_decide(world: World) -> None:
    who = await world.enter()
    await world.rights.tree({PROVINCE: organization(77)})
    answer = await ask(world, who)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_provincial_body_above")


@pytest.mark.rule("TRF-16", "TRF-10", "BEY-04")
async def test_it_is_reminded_of_and_never_times_out(world: World) -> None:
    transfer = await asked(world, await world.enter())
    for days in (3, 4, 1, 1, 8, 7):
        world.clock.move(timedelta(days=days))
        await world.work()
    found = await card(world, transfer)
    assert found["state"] == "pending"
    assert [each["superior"] for each in found["reminders"]] == [False, False, True, False, True, True]
    assert found["late"] is True
    assert await code(world, transfer, "withdrawal", {}, OUT_ADMIN) == ""


@pytest.mark.rule("TRF-16", "ADM-08")
async def test_the_provincial_body_moves_a_member_back(world: World) -> None:
    who = await world.enter()
    transfer = await asked(world, who)
    await code(world, transfer, "hand-over", LETTER, OUT_ADMIN)
    await code(world, transfer, "approval", {}, PROVINCE_ADMIN)
    await world.carry()
    body = {"person": who, "to": IN, "reason": "return_home"}
    assert (await world.send(f"organizations/{REGISTER}/transfers-out", body, SCHOOL_ADMIN)).status_code == 403
    back = await world.send(f"organizations/{REGISTER}/transfers-out", body, PROVINCE_ADMIN)
    assert back.status_code == 201, back.text
    await world.carry()
    assert await code(world, back.json()["stream"], "approval", {}, IN_ADMIN) == ""
    await world.carry()
    assert (await world.branch(who), await world.rosters()) == (IN, {OUT: 0, REGISTER: 0, IN: 1})


@pytest.mark.rule("TRF-17")
@pytest.mark.parametrize("system", [Register.BEIJING, Register.GUANGDONG, Register.FUJIAN])
async def test_who_is_in_another_system_is_moved_by_that_system_alone(world: World, system: Register) -> None:
    who, there = await world.enter(), register_branch(PROVINCE, system)
    await world.rights.tree({there: PROVINCE})
    moved = MemberMoved(person=who, from_branch=OUT, to_branch=there, transfer="transfer-1", missing=())
    await world.feed.hear(moved, stream=who)
    body = {"person": who, "to": IN, "reason": "return_home"}
    answer = await world.send(f"organizations/{there}/transfers-out", body, PROVINCE_ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "held_by_another_system")


@pytest.mark.rule("TRF-26", "P11")
async def test_a_paper_is_a_note_that_conditions_and_delays_nothing(world: World) -> None:
    who = await world.enter()
    without, transfer = await world.enter(), await world.opened(who)
    other = await world.opened(without)
    before = (await card(world, transfer))["due_at"]
    assert await code(world, transfer, "hand-over", LETTER, OUT_ADMIN) == ""
    assert (
        await code(world, transfer, "hand-over", LETTER | {"issued_on": "2027-01-01"}, OUT_ADMIN)
        == "paper_in_the_future"
    )
    assert await code(world, transfer, "hand-over", LETTER, STRANGER) == "nothing_here"
    assert await code(world, transfer, "hand-over", LETTER, who) == "outside_authority"
    shown = await card(world, transfer, who)
    [paper] = shown["hand_overs"]
    assert (paper["letter"], paper["issued_on"], paper["organization"]) == (*LETTER.values(), OUT)
    assert shown["due_at"] == before
    for each in (transfer, other):
        assert await code(world, each, "approval", {}, IN_ADMIN) == ""
    await world.carry()
    assert await code(world, other, "hand-over", LETTER, IN_ADMIN) == ""
    assert [p["organization"] for p in (await card(world, other, IN_ADMIN))["hand_overs"]] == [IN]
    async for commit in world.parts.store.commits.find({}):
        assert LETTER["letter"] not in str(commit)


async def _public(world: World, type_: str) -> Any:
    async for commit in world.parts.store.commits.find({}):
        for entry in commit["public"]:
            if entry["type"] == type_:
                yield type("Fact", (), {"data": entry["data"]})
