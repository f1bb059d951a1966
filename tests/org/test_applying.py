"""Sending an application without an account, and following it (ADM-07, X14, X20, P2, P4, P8, P11, P13)."""

import asyncio
import re
from datetime import timedelta

import pytest

from services.org.adapters.application_forms import FORMS
from services.org.adapters.pass_uses import USES_MAX
from services.org.domain.documents import DOCUMENT_BYTES_MAX
from shared.contracts.identity import APPLYING
from shared.deadlines.rows import DEADLINES
from shared.kernel.ids import new_stream
from tests.org.applying import (
    PERSONAL,
    STAMPED,
    a_class,
    applied,
    apply,
    found_in_the_databases,
    listed,
    outcome,
    with_pass,
    worker,
)
from tests.org.conftest import World, person
from tests.org.test_api import CLASS_2, SCHOOL_ADMIN
from tests.org.test_documents import PDF, picture

KEY = "the-same-key-of-a-stranger"


@pytest.mark.rule("ADM-07", "P11")
async def test_a_stranger_applies_follows_it_by_a_ticket_and_nothing_personal_lies_in_clear(world: World) -> None:
    school, branch = await a_class(world)
    answer = await apply(world, branch, key=KEY)
    assert answer.status_code == 201, answer.text
    ticket = answer.json()["ticket"]
    assert re.fullmatch("[A-Z2-7]{26}", ticket)
    shown = await outcome(world, ticket)
    assert (shown["state"], shown["full_name"], shown["reason"]) == ("waiting", "育才中学高一（1）班团支部", None)
    assert shown["due_at"] == answer.json()["due_at"]
    (row,) = (await listed(world, school))["items"]
    assert (row["id"], row["state"]) == (branch, "waiting")
    for text in PERSONAL:
        assert text not in str(shown)
        assert text not in str(row)
    assert await found_in_the_databases(world, (*PERSONAL, ticket, KEY)) == []


@pytest.mark.rule("ADM-07", "P2")
async def test_a_repeat_has_the_same_ticket_and_one_key_means_one_application(world: World) -> None:
    school, branch = await a_class(world)
    answers = [await apply(world, branch, key=KEY) for _ in range(2)]
    answers += await asyncio.gather(*(apply(world, branch, key=KEY) for _ in range(5)))
    assert {(a.status_code, a.json()["ticket"]) for a in answers} == {(201, answers[0].json()["ticket"])}
    other = await apply(world, branch, key=KEY, phone="13900990098")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await listed(world, school))["total"] == 1
    assert await world.parts.database[FORMS].count_documents({"kept": 1}) == 1


@pytest.mark.rule("ADM-07", "P4")
async def test_of_twenty_who_apply_at_once_for_one_organization_one_does(world: World) -> None:
    school, branch = await a_class(world)
    answers = await asyncio.gather(*(apply(world, branch) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [201] + [422] * 19
    assert {a.json()["code"] for a in answers if a.status_code == 422} == {"account_application_not_possible"}
    assert (await listed(world, school))["total"] == 1
    assert await world.parts.database[DEADLINES].count_documents({}) == 1
    assert await world.parts.database[FORMS].count_documents({"kept": 1}) == 1


@pytest.mark.rule("ADM-07", "X14")
async def test_a_search_tells_names_and_whether_one_may_apply_and_nothing_else(world: World) -> None:
    school, branch = await a_class(world)
    other = await world.establish(school, SCHOOL_ADMIN, **CLASS_2)
    await world.admin(person(8), other, SCHOOL_ADMIN)

    async def found(part: str) -> dict[str, bool]:
        answer = await world.client.get("/v1/applicants", params={"q": part}, headers=with_pass(world))
        assert answer.status_code == 200, answer.text
        for item in answer.json()["items"]:
            assert set(item) == {"id", "short_name", "full_name", "path", "may_apply"}
            assert all(set(step) == {"id", "short_name", "full_name"} for step in item["path"])
        return {item["id"]: item["may_apply"] for item in answer.json()["items"]}

    assert await found("育才中学") == {school: False, branch: True, other: False}
    assert (await apply(world, branch)).status_code == 201
    assert (await found("高一（1）班"))[branch] is False
    one = await world.client.get(f"/v1/applicants/{branch}", headers=with_pass(world))
    assert (one.json()["full_name"], one.json()["may_apply"]) == ("育才中学高一（1）班团支部", False)
    absent = await world.client.get(
        f"/v1/applicants/{new_stream('organization', 'x', 'y', 'z')}", headers=with_pass(world)
    )
    assert (absent.status_code, absent.json()["code"]) == (404, "nothing_here")


@pytest.mark.rule("ADM-07", "X14")
async def test_who_cannot_apply_hears_one_sentence_whatever_the_reason_and_leaves_nothing(world: World) -> None:
    school, branch = await a_class(world)
    city = world.tree.bodies["团天津市委"]
    other = await world.establish(school, SCHOOL_ADMIN, **CLASS_2)
    assert (await apply(world, branch)).status_code == 201
    before = await world.parts.store.commits.count_documents({})
    await world.admin(person(8), other, SCHOOL_ADMIN)
    commits = await world.parts.store.commits.count_documents({})
    said = set()
    for organization in (branch, school, other, world.tree.root, new_stream("organization", "x", "y", "z"), "$ne"):
        answer = await apply(world, organization)
        said.add((answer.status_code, answer.json()["code"], answer.json()["title"], answer.json()["way_out"]))
    assert len(said) == 1
    assert await world.parts.store.commits.count_documents({}) == commits > before
    assert await world.parts.database[FORMS].count_documents({}) == 1
    assert (await apply(world, city)).status_code == 201, "under the root the central operators decide"


@pytest.mark.rule("X20", "ADM-07")
async def test_without_a_pass_of_this_moment_and_for_this_nothing_is_open(world: World) -> None:
    _, branch = await a_class(world)
    fresh, other = world.issuer.pass_for(APPLYING), world.issuer.pass_for("something else")
    token = world.issuer.headers(SCHOOL_ADMIN)["Authorization"].removeprefix("Bearer ")
    world.clock.move(timedelta(minutes=30))
    data = {"organization": branch, "responsible": "欧阳不露", "phone": "13900990099"}
    for text in ("", "x.y.z", other, token, fresh):
        headers = {"X-Pass": text, "Idempotency-Key": KEY}
        for answer in (
            await world.client.get("/v1/applicants?q=育才", headers=headers),
            await world.client.get(f"/v1/applicants/{branch}", headers=headers),
            await world.client.post("/v1/account-applications", data=data, files={"file": STAMPED}, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "pass_needed")
    asked = await world.client.get(
        "/v1/organizations?q=育才", headers={"Authorization": f"Bearer {world.issuer.pass_for(APPLYING)}"}
    )
    assert asked.status_code == 401, "a pass is no token"


@pytest.mark.rule("X20")
async def test_a_pass_is_good_for_thirty_requests_also_when_they_come_at_once(world: World) -> None:
    headers = with_pass(world)

    async def search() -> int:
        return (await world.client.get("/v1/applicants?q=育才", headers=headers)).status_code

    answers = await asyncio.gather(*(search() for _ in range(USES_MAX + 10)))
    assert sorted(answers) == [200] * USES_MAX + [429] * 10
    used = await world.client.get("/v1/applicants?q=育才", headers=headers)
    assert used.json()["code"] == "pass_used_up"


@pytest.mark.rule("ADM-07", "P13")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "application_form_of_other_kind"),
        (b"MZ\x90\x00 program", "application_form_of_other_kind"),
        (b"<html><script>alert(1)</script></html>", "application_form_of_other_kind"),
        (PDF[:-8], "application_form_of_other_kind"),
        (picture("PNG")[:-6], "application_form_of_other_kind"),
        (PDF.replace(b"endobj", b"x" * DOCUMENT_BYTES_MAX), "application_form_too_large"),
        (b"x" * (DOCUMENT_BYTES_MAX + 128 * 1024), "body_too_large"),
    ],
)
async def test_a_form_of_another_kind_broken_or_too_large_is_refused_and_not_kept(
    world: World, content: bytes, code: str
) -> None:
    _, branch = await a_class(world)
    answer = await apply(world, branch, file=content)
    assert answer.json()["code"] == code
    assert await world.parts.database[FORMS].count_documents({}) == 0


@pytest.mark.rule("ADM-07", "P13")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("responsible", ""),
        ("responsible", "阳"),
        ("responsible", "阳" * 51),
        ("phone", ""),
        ("phone", "call me"),
        ("phone", "1" * 31),
    ],
)
async def test_a_field_that_is_not_filled_in_right_is_named(world: World, field: str, value: str) -> None:
    _, branch = await a_class(world)
    answer = await apply(world, branch, **{field: value})
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.rule("ADM-07", "X14")
async def test_a_ticket_that_nobody_was_given_shows_nothing(world: World) -> None:
    _, _, ticket = await applied(world)
    for invented in (ticket[:-1] + ("A" if ticket[-1] != "A" else "B"), "A" * 26):
        answer = await world.client.get(f"/v1/application-outcomes/{invented}")
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_here")
    assert (await world.client.get("/v1/application-outcomes/short")).status_code == 400


@pytest.mark.rule("P8", "ADM-07")
async def test_one_that_nobody_decides_lapses_once_and_the_organization_applies_again(world: World) -> None:
    branch, application, ticket = await applied(world)
    before = len(await world.parts.store.load(application))
    world.clock.move(timedelta(days=10) - timedelta(seconds=1))
    await worker(world).work()
    assert len(await world.parts.store.load(application)) == before
    world.clock.move(timedelta(seconds=1))
    assert (await outcome(world, ticket))["state"] == "lapsed", "as of now, though nobody has said so"
    rows = await world.parts.database[DEADLINES].find({}).to_list(None)
    await asyncio.gather(*(worker(world).work() for _ in range(3)))
    await world.parts.database[DEADLINES].insert_many(rows)  # killed after the command, before the row was settled
    await worker(world).work()
    assert len(await world.parts.store.load(application)) == before + 1
    await world.feed.catch_up()
    assert (await outcome(world, ticket))["state"] == "lapsed"
    assert (await apply(world, branch)).status_code == 201


@pytest.mark.rule("ADM-07")
async def test_a_form_that_no_application_took_is_the_servers_to_remove(world: World) -> None:
    await applied(world)
    await world.parts.forms.add("left-over", b"sealed")
    rows = {row["_id"]: row["kept"] for row in await world.parts.database[FORMS].find({}).to_list(None)}
    assert sorted(rows.values()) == [0, 1]
    assert rows["left-over"] == 0
    indexes = await world.parts.database[FORMS].index_information()
    (ttl,) = (i for i in indexes.values() if "expireAfterSeconds" in i)
    assert (ttl["expireAfterSeconds"], ttl["partialFilterExpression"]) == (0, {"kept": 0})
