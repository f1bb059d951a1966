"""ADM-03, IDN-02: the form of who registers by a code, over HTTP; it waits, and tells nothing of anybody."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import bson
import pytest

from services.identity.use_cases.registering import REGISTRATION_ENDS
from shared.contracts.identity import REGISTRATION_CODE, REGISTRATIONS, AdminRegistrationRequested
from shared.kernel import ids
from shared.kernel.envelope import Sealed
from shared.privacy.sealing import open_
from shared.privacy.vault import KeyReader
from tests.identity.conftest import PASSWORD, Identity
from tests.identity.registrants import CODE, Form, taken


async def commits(identity: Identity) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await identity.parts.store.commits.find(
        {"stream": {"$gt": "registration-"}}
    ).to_list()
    return found


@pytest.mark.rule("ADM-03", "IDN-02")
async def test_what_was_typed_waits_and_is_told_to_org_and_member_sealed(identity: Identity) -> None:
    waiting = await taken(
        identity, Form(code=" abcd-efgh-2345 ", number="11010119900307803x", mobile="+86 139-0000-1111")
    )
    [commit] = await commits(identity)
    [public] = commit["public"]
    assert (public["topic"], public["type"]) == (REGISTRATIONS, AdminRegistrationRequested.type_name())
    code_hash = identity.parts.lookup.hash(REGISTRATION_CODE, CODE)
    assert public["data"] == {"registration": waiting.registration, "code_hash": code_hash}
    settings = identity.parts.settings
    reader = KeyReader.from_directory(identity.driver, settings.database("intake"), settings.secrets_dir)
    key = (await reader.keys([waiting.registration]))[waiting.registration]
    event_id = ids.event_id(commit["commit_id"], REGISTRATIONS, 1)
    assert open_(key, Sealed(**public["sealed"]), waiting.registration, event_id) == {
        "name": "欧阳测试",
        "document_kind": "居民身份证",
        "number": "11010119900307803X",
        "mobile": "13900001111",
    }
    assert await waiting.outcome() == {"state": "waiting", "own_password": False, "reason": ""}
    now = identity.clock.now()
    [deadline] = await identity.parts.deadlines.due(now + timedelta(days=2), 10)
    assert (deadline.kind, deadline.stream) == (REGISTRATION_ENDS, waiting.registration)
    assert await identity.parts.deadlines.due(now + timedelta(days=2, seconds=-1), 10) == []


@pytest.mark.rule("P11", "X04", "X34")
async def test_nothing_of_it_lies_in_clear_and_the_password_only_as_a_slow_hash(identity: Identity) -> None:
    waiting = await taken(identity)
    everything = b""
    for service in ("identity", "intake"):
        database = identity.driver.database(identity.parts.settings.database(service))
        for name in await database.list_collection_names():
            everything += b"".join([bson.encode(d) async for d in database[name].find({})])
    form = waiting.form
    for text in (form.name, form.number, form.mobile, form.code, form.password, waiting.ticket, form.key):
        assert text.encode() not in everything
    kept = await identity.parts.kept.find(waiting.registration)
    assert kept is not None
    assert kept.hash.startswith("$argon2id$")
    unkeyed = ids.request_hash([form.name, form.number, form.mobile, form.code])
    assert unkeyed.encode() not in everything


@pytest.mark.rule("P2", "IDN-02")
async def test_a_repeat_is_one_registration_and_gets_the_same_ticket_whatever_its_captcha(identity: Identity) -> None:
    form = Form()
    first = await taken(identity, form)
    for _ in range(2):
        again = await form.send(identity, captcha="WRONG", captcha_id="used-up")
        assert again.json() == {"ticket": first.ticket}
    assert len(await commits(identity)) == 1
    other = await taken(identity, form.other(key="another-key-entirely"))
    assert other.ticket != first.ticket


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    "change",
    [
        {"name": "欧阳另一"},
        {"mobile": "13900002222"},
        {"code": "ABCDEFGH2346"},
        {"password": "kettle grammar violet owl"},
    ],
)
async def test_the_same_key_for_something_else_is_refused(identity: Identity, change: dict[str, str]) -> None:
    form = Form()
    waiting = await taken(identity, form)
    answer = await form.other(**change).send(identity)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert await waiting.kept() == (1, 1)


@pytest.mark.rule("P2")
async def test_a_form_without_a_key_is_not_taken(identity: Identity) -> None:
    answer = await Form(key="").send(identity)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_needed")


@pytest.mark.rule("ADM-03", "X02")
async def test_slips_and_a_bad_password_are_told_together_at_their_fields_and_use_nothing_up(
    identity: Identity,
) -> None:
    answer = await Form(name="欧", number="1", mobile="1", code="A", password="short").send(identity)
    assert answer.status_code == 400
    faults = {fault["field"]: fault["code"] for fault in answer.json()["errors"]}
    assert faults == {
        "registration_code": "registration_code_malformed",
        "name": "registrant_name_malformed",
        "number": "registrant_number_malformed",
        "mobile": "registrant_mobile_malformed",
        "new_password": "password_too_short",
    }
    assert await commits(identity) == []
    assert await identity.parts.tries._rows.count_documents({"_id": {"$not": {"$regex": "^captcha:"}}}) == 0


@pytest.mark.rule("X02")
@pytest.mark.parametrize(
    "password", ["kettle 13900001111 violet", "kettle 9003078 violet owl", "欧阳测试 violet kettle owl"]
)
async def test_a_password_of_the_own_data_is_refused(identity: Identity, password: str) -> None:
    answer = await Form(password=password).send(identity)
    assert answer.json()["code"] == "password_from_own_data"


@pytest.mark.rule("IDN-01", "ADM-03")
async def test_a_wrong_captcha_is_refused_and_nothing_is_kept(identity: Identity) -> None:
    answer = await Form().send(identity, captcha="WRONG")
    assert (answer.json()["code"], answer.json()["field"]) == ("captcha_wrong", "captcha")
    assert await commits(identity) == []


@pytest.mark.rule("ADM-03", "IDN-09", "X06")
@pytest.mark.parametrize("same", ["number", "code"])
async def test_tries_with_one_number_or_one_code_are_locked_longer_and_longer(identity: Identity, same: str) -> None:
    """From a new address each time: neither a botnet nor a patient one gets more."""

    def form(n: int) -> Form:
        if same == "number":
            return Form(
                code=f"ABCDEFGH2{n + 222:03d}".replace("0", "A").replace("1", "B").replace("8", "C").replace("9", "D"),
                address=f"203.0.113.{n}",
            )
        return Form(number="E" + f"{n:08d}", address=f"203.0.113.{n}")

    kind = {} if same == "number" else {"document_kind": "护照"}
    for n in range(5):
        assert (await form(n).send(identity, **kind)).status_code == 202
    locked = await form(5).send(identity, **kind)
    assert (locked.status_code, locked.json()["code"]) == (429, "registration_locked")
    identity.clock.move(timedelta(minutes=1))
    assert (await form(6).send(identity, **kind)).status_code == 202
    assert (await form(7).send(identity, **kind)).status_code == 429
    identity.clock.move(timedelta(minutes=1))
    assert (await form(8).send(identity, **kind)).status_code == 429


@pytest.mark.rule("ADM-03", "X06")
async def test_one_address_does_not_try_codes_without_end(identity: Identity) -> None:
    bucket = "address:" + identity.parts.lookup.hash("address", "203.0.113.9")
    for _ in range(100):
        await identity.parts.tries.take(bucket, 100, timedelta(minutes=15), identity.clock.now())
    answer = await Form().send(identity)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries_from_here")


@pytest.mark.rule("IDN-09")
async def test_tries_at_registering_keep_nobody_from_signing_in(identity: Identity) -> None:
    form = Form()
    await identity.enter(form.person)
    await identity.make_active(form.person)
    for n in range(7):
        await form.other(key=f"a-stranger-{n:03d}").send(identity)
    assert (await identity.sign_in(form.number, PASSWORD)).status_code == 201


@pytest.mark.rule("X14", "IDN-06")
async def test_neither_words_nor_time_tell_whether_a_number_is_known(identity: Identity) -> None:
    """Known and active, known and not, unknown: the same answer, after the same work."""
    http = identity.http
    cases = http._transport.app.state.cases  # type: ignore[attr-defined]
    quick = replace(cases.registering, pace=0.0)
    http._transport.app.state.cases = replace(cases, registering=quick)  # type: ignore[attr-defined]
    people = [Form(number=f"E{n}0000000") for n in range(3)]
    await identity.enter(people[0].person)
    identity_known = replace(people[1].person, kind="护照")
    await identity.enter(identity_known)
    seconds: dict[int, list[float]] = {0: [], 1: [], 2: []}
    bodies = set()
    for turn in range(20):
        for who, form in enumerate(people):
            await identity.parts.tries._rows.delete_many({})
            started = time.perf_counter()
            sent = form.other(key=f"timing-{who}-{turn:03d}", address=f"203.0.113.{turn}")
            answer = await sent.send(identity, document_kind="护照")
            seconds[who].append(time.perf_counter() - started)
            bodies.add((answer.status_code, tuple(sorted(answer.json())), len(answer.content)))
            assert (await http.get(f"/v1/admin-registrations/{answer.json()['ticket']}")).json()["state"] == "waiting"
    assert len(bodies) == 1
    # Of the quicker half: what else the machine does meanwhile makes single answers slower, never quicker.
    slowest, quickest = (f(median(sorted(s)[:10]) for s in seconds.values()) for f in (max, min))
    assert slowest - quickest < 0.25 * quickest, seconds


@pytest.mark.rule("ADM-04", "X14")
async def test_a_ticket_of_nothing_leads_nowhere(identity: Identity) -> None:
    waiting = await taken(identity)
    for ticket in ("0" * 64, waiting.registration, waiting.ticket[:-1], waiting.ticket.upper()):
        assert (await identity.http.get(f"/v1/admin-registrations/{ticket}")).status_code == 404


@pytest.mark.rule("P2", "P4")
async def test_ten_at_once_under_one_key_are_one_registration(identity: Identity) -> None:
    form = Form()
    answers = await asyncio.gather(*(form.send(identity) for _ in range(10)))
    accepted = {a.json().get("ticket") for a in answers if a.status_code == 202}
    assert len(accepted) == 1
    assert len(await commits(identity)) == 1
    assert await identity.database["kept_passwords"].count_documents({}) == 1
