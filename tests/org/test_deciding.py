"""The superior opens an application, approves it with a code or refuses it; its data go after thirty days (ADM-07)."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from services.org.adapters.application_forms import FORMS
from shared.deadlines.rows import DEADLINES
from tests.org.applying import (
    FILE_NAME,
    PERSONAL,
    PHONE,
    RESPONSIBLE,
    STAMPED,
    a_class,
    applied,
    apply,
    found_in_the_databases,
    listed,
    outcome,
    worker,
)
from tests.org.conftest import OPERATOR, World, person
from tests.org.test_api import SCHOOL_ADMIN, TOWN_ADMIN
from tests.org.test_codes import state_of

KEY, REASON = "the-same-key", "申请表上的公章看不清，请重新盖章"


async def approve(world: World, application: str, by: str = SCHOOL_ADMIN, key: str | None = None) -> Any:
    return await world.post(f"/v1/account-applications/{application}/approval", {}, by, key=key)


async def refuse(world: World, application: str, reason: str = REASON, by: str = SCHOOL_ADMIN) -> Any:
    return await world.post(f"/v1/account-applications/{application}/refusal", {"grounds": reason}, by)


async def events_of(world: World, stream: str) -> list[str]:
    return [type(event).__name__ for commit in await world.parts.store.load(stream) for event in commit.events]


@pytest.mark.rule("ADM-07")
async def test_the_superior_opens_it_and_the_stamped_form_comes_as_an_attachment(world: World) -> None:
    branch, application, _ = await applied(world)
    path = f"/v1/account-applications/{application}"
    record = (await world.get(path, SCHOOL_ADMIN)).json()
    assert (record["id"], record["responsible"], record["phone"]) == (branch, RESPONSIBLE, PHONE)
    assert (record["file_name"], record["state"], record["admins"]) == (FILE_NAME, "waiting", 0)
    form = await world.get(f"{path}/form", SCHOOL_ADMIN)
    assert (form.content, form.headers["content-type"]) == (STAMPED, "application/pdf")
    assert form.headers["content-disposition"].startswith("attachment;")
    assert form.headers["x-content-type-options"] == "nosniff"


@pytest.mark.rule("ADM-07", "ADM-02", "P2")
async def test_approving_makes_a_code_that_is_shown_once_and_to_the_repeat_and_tells_the_applicant(
    world: World,
) -> None:
    branch, application, ticket = await applied(world)
    first = await approve(world, application, key=KEY)
    assert first.status_code == 201, first.text
    code = first.json()["registration_code"]
    assert re.fullmatch(r"[A-Z2-7]{12}", code)
    again = [(await approve(world, application, key=KEY)).json() for _ in range(2)]
    assert again == [first.json()] * 2
    other = await approve(world, application)
    assert (other.status_code, other.json()["code"]) == (409, "account_application_over")
    assert (await outcome(world, ticket))["state"] == "approved"
    assert code not in str(await outcome(world, ticket))
    assert await events_of(world, branch) == ["OrganizationEstablished", "RegistrationCodeIssued"]
    assert await found_in_the_databases(world, (code, KEY, *PERSONAL)) == []


@pytest.mark.rule("ADM-07", "P1", "P4")
async def test_of_many_who_decide_at_once_one_does_and_there_is_a_code_only_with_the_approval(world: World) -> None:
    branch, application, ticket = await applied(world)
    school = (await world.get(f"/v1/account-applications/{application}", SCHOOL_ADMIN)).json()["superior"]
    await world.admin(person(7), school, TOWN_ADMIN)
    deciding = [approve(world, application, by) for by in (SCHOOL_ADMIN, person(7)) * 4]
    deciding += [refuse(world, application, by=by) for by in (SCHOOL_ADMIN, person(7)) * 4]
    deciding += [approve(world, application, key=KEY) for _ in range(4)]
    answers = await asyncio.gather(*deciding)
    state = (await outcome(world, ticket))["state"]
    won = [a.json() for a in answers if a.status_code == 201]
    assert len({str(each) for each in won}) == 1, "one decision, whoever repeats it"
    assert ("registration_code" in won[0]) is (state == "approved")
    assert {a.status_code for a in answers} == {201, 409}
    assert (await events_of(world, branch)).count("RegistrationCodeIssued") == (state == "approved")
    assert len(await world.parts.store.load(application)) == 2


@pytest.mark.rule("ADM-07", "ADM-01", "ADM-03")
async def test_an_approval_keeps_to_the_rules_of_codes_and_changes_nothing_when_they_forbid_it(world: World) -> None:
    branch, application, ticket = await applied(world)
    codes = f"/v1/organizations/{branch}/registration-codes"
    live = (await world.post(codes, {}, SCHOOL_ADMIN)).json()
    refused = await approve(world, application)
    assert (refused.status_code, refused.json()["code"]) == (409, "registration_code_live")
    assert (await world.delete(f"{codes}/{live['code']}", SCHOOL_ADMIN)).status_code == 200
    for number in (11, 12, 13):
        await world.admin(person(number), branch, SCHOOL_ADMIN)
    full = await approve(world, application)
    assert (full.status_code, full.json()["code"]) == (422, "admin_quota_reached")
    assert (await outcome(world, ticket))["state"] == "waiting"
    assert len(await world.parts.store.load(application)) == 1


@pytest.mark.rule("ADM-07")
async def test_a_refusal_tells_the_applicant_why_and_another_application_can_follow(world: World) -> None:
    branch, application, ticket = await applied(world)
    for reason in ("", "  ", "长" * 501):
        answer = await refuse(world, application, reason)
        assert (answer.status_code, answer.json()["field"]) == (400, "grounds")
    done = await refuse(world, application)
    assert done.status_code == 201, done.text
    shown = await outcome(world, ticket)
    assert (shown["state"], shown["reason"]) == ("refused", REASON)
    assert (await refuse(world, application)).json()["code"] == "account_application_over"
    assert await found_in_the_databases(world, (REASON,)) == []
    assert (await apply(world, branch)).status_code == 201


@pytest.mark.rule("ADM-07", "ADM-08")
async def test_nobody_but_the_direct_superiors_own_admins_opens_or_decides_one(world: World) -> None:
    _, application, _ = await applied(world)
    path = f"/v1/account-applications/{application}"
    for by, code in (
        (TOWN_ADMIN, "superior_decides_applications"),
        (OPERATOR, "outside_authority"),
        (person(9), "outside_authority"),
    ):
        for answer in (
            await world.get(path, by),
            await world.get(f"{path}/form", by),
            await approve(world, application, by),
            await refuse(world, application, by=by),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, code)
            assert RESPONSIBLE not in answer.text
    absent = await world.get(path[:-1] + ("0" if path[-1] != "0" else "1"), SCHOOL_ADMIN)
    denied = await world.get(path, person(9))
    assert (absent.status_code, absent.json()["code"]) == (denied.status_code, denied.json()["code"])


@pytest.mark.rule("ADM-07")
async def test_under_the_root_the_central_operator_decides(world: World) -> None:
    answer = await apply(world, world.tree.bodies["团天津市委"])
    (row,) = (await listed(world, world.tree.root, OPERATOR))["items"]
    made = await approve(world, row["application"], OPERATOR)
    assert (answer.status_code, made.status_code) == (201, 201), made.text


@pytest.mark.rule("P11", "P8", "ADM-07")
@pytest.mark.parametrize("decision", ["approved", "refused", "lapsed"])
async def test_thirty_days_after_its_end_nobody_can_read_what_was_personal(world: World, decision: str) -> None:
    _, application, ticket = await applied(world)
    form = (await world.parts.database[FORMS].find_one({}))["_id"]
    match decision:
        case "approved":
            await approve(world, application)
        case "refused":
            await refuse(world, application)
        case _:
            world.clock.move(timedelta(days=10))
            await worker(world).work()
    world.clock.move(timedelta(days=30) - timedelta(seconds=1))
    await worker(world).work()
    record = (await world.get(f"/v1/account-applications/{application}", SCHOOL_ADMIN)).json()
    assert (record["responsible"], record["destroyed"]) == (RESPONSIBLE, False)
    rows = await world.parts.database[DEADLINES].find({}).to_list(None)
    world.clock.move(timedelta(seconds=1))
    await asyncio.gather(worker(world).work(), worker(world).work())
    await world.parts.database[DEADLINES].insert_many(rows)
    await worker(world).work()
    await world.feed.catch_up()
    record = (await world.get(f"/v1/account-applications/{application}", SCHOOL_ADMIN)).json()
    assert [record[name] for name in ("responsible", "phone", "file_name", "reason")] == [None] * 4
    assert (record["destroyed"], record["state"]) == (True, decision)
    gone = await world.get(f"/v1/account-applications/{application}/form", SCHOOL_ADMIN)
    assert (gone.status_code, gone.json()["code"]) == (404, "nothing_here")
    assert await world.parts.forms.content(form) is None
    keys = world.parts.driver.database(world.parts.settings.database("applications"))["keys"]
    assert set(await keys.find_one({"_id": application})) == {"_id", "erased_at"}
    assert (await events_of(world, application)).count("ApplicationDataDestroyed") == 1
    assert (await outcome(world, ticket))["state"] == decision
    assert (await outcome(world, ticket))["reason"] is None


@pytest.mark.rule("P11", "P1")
async def test_a_destruction_that_was_cut_off_after_the_key_is_finished(world: World) -> None:
    _, application, _ = await applied(world)
    await refuse(world, application)
    world.clock.move(timedelta(days=30))
    await world.parts.vault.destroy([application], world.clock.now())
    record = await world.get(f"/v1/account-applications/{application}", SCHOOL_ADMIN)
    assert (record.status_code, record.json()["responsible"]) == (200, None)
    assert (await world.get(f"/v1/account-applications/{application}/form", SCHOOL_ADMIN)).status_code == 404
    await worker(world).work()
    assert (await events_of(world, application))[-1] == "ApplicationDataDestroyed"
    assert await world.parts.database[FORMS].count_documents({}) == 0


@pytest.mark.rule("ADM-07")
async def test_what_waits_comes_first_and_what_ended_is_listed_apart_page_by_page(world: World) -> None:
    school, branch = await a_class(world)
    ended: list[str] = []
    for _ in range(3):
        assert (await apply(world, branch)).status_code == 201
        world.clock.move(timedelta(minutes=1))
        (row,) = (await listed(world, school))["items"]
        await refuse(world, row["application"])
        ended.insert(0, row["application"])
    assert (await apply(world, branch)).status_code == 201
    assert (await listed(world, school))["total"] == 1
    first = await listed(world, school, query="?ended=true&limit=2")
    assert ([row["application"] for row in first["items"]], first["total"]) == (ended[:2], 3)
    rest = await listed(world, school, query=f"?ended=true&limit=2&cursor={first['next']}")
    assert ([row["application"] for row in rest["items"]], rest["next"]) == (ended[2:], None)
    assert await state_of(world, school, SCHOOL_ADMIN) == ["none"]
