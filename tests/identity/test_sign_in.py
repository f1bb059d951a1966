"""IDN-01, IDN-09: signing in over HTTP, on the real MongoDB."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest
from argon2 import PasswordHasher

from tests.identity.conftest import PASSWORD, Identity, Person, uid

WRONG = "violet harbour kettle wrong"


@pytest.mark.rule("IDN-01")
async def test_number_password_and_captcha_give_a_session_and_a_token(identity: Identity, admin: Person) -> None:
    answer = await identity.sign_in(admin.number, PASSWORD)
    assert answer.status_code == 201
    assert answer.json()["principal"] == admin.id
    token = await identity.token(answer.json()["session"])
    assert token.json().keys() == {"token", "expires_in", "principal"}
    assert token.json()["expires_in"] == 300


@pytest.mark.rule("IDN-01")
async def test_a_number_is_taken_as_people_type_it(identity: Identity) -> None:
    person = Person(uid("person", "x"), "11010119990307002X")
    await identity.enter(person)
    await identity.make_active(person)
    for typed in ("11010119990307002x", " 110101 19990307 002X ", "１１０１０１１９９９０３０７００２ｘ"):
        assert (await identity.sign_in(typed, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-01")
async def test_other_documents_sign_in_in_the_same_way_and_only_under_their_own_kind(identity: Identity) -> None:
    person = Person(uid("person", "passport"), "E1234567", kind="护照")
    await identity.enter(person)
    await identity.make_active(person)
    assert (await identity.sign_in("e1234567", PASSWORD, document_kind="护照")).status_code == 201
    for kind in ("居民身份证", "台湾居民来往大陆通行证", "操作员"):
        answer = await identity.sign_in("e1234567", PASSWORD, document_kind=kind)
        assert answer.json()["code"] == "sign_in_refused"


@pytest.mark.rule("IDN-01", "X18")
async def test_unknown_people_wrong_passwords_and_inactive_accounts_answer_word_for_word_alike(
    identity: Identity, admin: Person
) -> None:
    inactive = Person(uid("person", "inactive"), "110101199903070044")
    await identity.enter(inactive)
    answers = [
        await identity.sign_in(admin.number, WRONG),
        await identity.sign_in("110101199903079999", WRONG),
        await identity.sign_in(inactive.number, inactive.initial),
        await identity.sign_in("nobody-at-all", WRONG, document_kind="操作员"),
        await identity.sign_in("   ", WRONG),
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "correlation"} for a in answers]
    assert {a.status_code for a in answers} == {401}
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "sign_in_refused"
    assert identity.number_hash(admin) not in answers[0].text


@pytest.mark.rule("X18")
async def test_a_refusal_takes_the_same_time_for_known_and_unknown_people(identity: Identity, admin: Person) -> None:
    """Without the same work for both, who is a member could be read off a clock."""

    async def seconds(number: str) -> float:
        begun = time.perf_counter()
        answer = await identity.sign_in(number, WRONG)
        assert answer.status_code == 401
        return time.perf_counter() - begun

    known, unknown = [], []
    for i in range(30):
        identity.clock.move(timedelta(minutes=20))
        known.append(await seconds(admin.number))
        unknown.append(await seconds(f"11010119990307{i:04}"))
    assert median(known) == pytest.approx(median(unknown), rel=0.25)


@pytest.mark.rule("X18")
async def test_a_refusal_is_held_back_and_a_success_is_not(identity: Identity, admin: Person) -> None:
    state = identity.http._transport.app.state
    state.cases = replace(state.cases, sign_in=replace(state.cases.sign_in, pace=0.6))
    begun = time.perf_counter()
    assert (await identity.sign_in("110101199903079999", WRONG)).status_code == 401
    assert time.perf_counter() - begun >= 0.6
    begun = time.perf_counter()
    assert (await identity.sign_in(admin.number, PASSWORD)).status_code == 201
    assert time.perf_counter() - begun < 0.6


@pytest.mark.rule("IDN-09", "X06")
async def test_five_wrong_tries_lock_even_the_right_password_for_a_time_that_is_named(
    identity: Identity, admin: Person
) -> None:
    for _ in range(5):
        assert (await identity.sign_in(admin.number, WRONG)).json()["code"] == "sign_in_refused"
    locked = await identity.sign_in(admin.number, PASSWORD)
    assert (locked.status_code, locked.json()["code"]) == (429, "sign_in_locked")
    assert locked.json()["params"] == {"minutes": 1}
    assert locked.json()["title"] == "输错次数过多，请在 1 分钟后再试。"
    logged = await identity.parts.log._rows.find().to_list(None)
    assert [row["outcome"] for row in logged].count("locked") == 1
    identity.clock.move(timedelta(minutes=1))
    assert (await identity.sign_in(admin.number, WRONG)).json()["code"] == "sign_in_refused"
    assert (await identity.sign_in(admin.number, PASSWORD)).json()["params"] == {"minutes": 2}
    identity.clock.move(timedelta(minutes=2))
    assert (await identity.sign_in(admin.number, PASSWORD)).status_code == 201
    assert (await identity.sign_in(admin.number, WRONG)).json()["code"] == "sign_in_refused"


@pytest.mark.rule("IDN-09", "X18")
async def test_an_unknown_number_is_locked_like_a_known_one(identity: Identity) -> None:
    for _ in range(5):
        assert (await identity.sign_in("110101199903079999", WRONG)).json()["code"] == "sign_in_refused"
    assert (await identity.sign_in("110101199903079999", WRONG)).json()["code"] == "sign_in_locked"


@pytest.mark.rule("IDN-09", "X06")
async def test_of_forty_guesses_at_once_five_are_judged(identity: Identity, admin: Person) -> None:
    answers = await asyncio.gather(*(identity.sign_in(admin.number, WRONG) for _ in range(40)))
    codes = [a.json()["code"] for a in answers]
    assert codes.count("sign_in_refused") == 5
    assert codes.count("sign_in_locked") == 35


@pytest.mark.rule("X06")
async def test_a_stranger_cannot_lock_out_somebody_on_a_device_they_signed_in_from(
    identity: Identity, admin: Person
) -> None:
    device = (await identity.sign_in(admin.number, PASSWORD)).json()["device"]
    assert device
    for _ in range(6):
        await identity.sign_in(admin.number, WRONG, address="198.51.100.9")
    assert (await identity.sign_in(admin.number, PASSWORD)).json()["code"] == "sign_in_locked"
    familiar = await identity.sign_in(admin.number, PASSWORD, device=device)
    assert familiar.status_code == 201
    assert familiar.json()["device"] is None
    other = await identity.sign_in("110101199903079999", WRONG, device=device)
    assert other.json()["code"] == "sign_in_refused"


@pytest.mark.rule("X06")
async def test_wrong_tries_are_forgotten_after_thirty_days_whatever_their_number(
    identity: Identity, admin: Person
) -> None:
    bucket = f"number:{identity.number_hash(admin)}"
    for _ in range(100):
        await identity.parts.tries.begin(bucket, identity.clock.now())
        identity.clock.move(timedelta(days=1))
    assert (await identity.sign_in(admin.number, PASSWORD)).json()["code"] == "sign_in_locked"
    identity.clock.move(timedelta(days=29))
    assert (await identity.sign_in(admin.number, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-09", "X06")
async def test_a_hundred_wrong_tries_from_one_address_end_its_tries_for_a_quarter_of_an_hour(
    identity: Identity, admin: Person
) -> None:
    cases = identity.http._transport.app.state.cases
    bucket = "address:" + identity.parts.lookup.hash("address", "198.51.100.9")
    for _ in range(99):
        await identity.parts.tries.take(bucket, 1_000, timedelta(minutes=15), cases.clock.now())
    last = await identity.sign_in(admin.number, WRONG, address="198.51.100.9")
    assert last.json()["code"] == "sign_in_refused"
    full = await identity.sign_in(admin.number, PASSWORD, address="198.51.100.9")
    assert (full.status_code, full.json()["code"]) == (429, "too_many_tries_from_here")
    assert (await identity.sign_in(admin.number, PASSWORD, address="203.0.113.7")).status_code == 201
    identity.clock.move(timedelta(minutes=15))
    assert (await identity.sign_in(admin.number, PASSWORD, address="198.51.100.9")).status_code == 201


@pytest.mark.rule("IDN-09")
async def test_people_who_sign_in_rightly_do_not_use_up_the_tries_of_their_school(
    identity: Identity, admin: Person
) -> None:
    for _ in range(3):
        await identity.sign_in(admin.number, PASSWORD, address="198.51.100.9")
    rows = await identity.parts.tries._rows.find({"_id": {"$regex": "^address:"}}).to_list(None)
    assert sum(row["taken"] for row in rows) == 0


@pytest.mark.rule("IDN-09")
async def test_an_address_is_believed_from_the_console_only(identity: Identity, admin: Person) -> None:
    """Otherwise an attacker names a new address for every guess (X20)."""
    from httpx import ASGITransport, AsyncClient

    stranger = ASGITransport(identity.http._transport.app, client=("198.51.100.66", 50_000))
    async with AsyncClient(transport=stranger, base_url="http://t") as http:
        body = {"number": admin.number, "password": PASSWORD, **await identity.captcha()}
        answer = await http.post("/v1/sign-ins", json=body, headers={"X-Client-Address": "203.0.113.7"})
    headers = await identity.bearer(answer.json()["session"])
    items = (await identity.http.get("/v1/sessions", headers=headers)).json()["items"]
    assert [item["place"] for item in items if item["current"]] == ["198.51.100.*"]


@pytest.mark.rule("X04")
async def test_a_password_hashed_with_weaker_parameters_is_hashed_anew_at_the_next_sign_in(
    identity: Identity, admin: Person
) -> None:
    rows = identity.parts.credentials._rows
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    await rows.update_one({"_id": admin.id}, {"$set": {"hash": weak}})
    session = (await identity.sign_in(admin.number, PASSWORD)).json()["session"]
    stored = (await rows.find_one({"_id": admin.id}))["hash"]
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await identity.token(session)).status_code == 200
    assert (await identity.sign_in(admin.number, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-09")
async def test_every_sign_in_and_every_try_is_in_the_log_without_personal_data(
    identity: Identity, admin: Person
) -> None:
    identity.clock.move(timedelta(seconds=1))
    await identity.sign_in(admin.number, WRONG, address="203.0.113.77")
    await identity.sign_in("110101199903079999", WRONG)
    identity.clock.move(timedelta(seconds=1))
    headers = await identity.headers(admin)
    items = (await identity.http.get("/v1/sign-in-log", headers=headers)).json()["items"]
    assert [i["outcome"] for i in items][:2] == ["signed_in", "refused"]
    assert items[1]["place"] == "203.0.113.*"
    everything = str(await identity.parts.log._rows.find().to_list(None))
    assert "110101199903079999" not in everything
    for personal in (admin.number, admin.name, "203.0.113.77"):
        assert personal not in everything


@pytest.mark.rule("IDN-09")
async def test_the_log_of_others_is_not_there(identity: Identity, admin: Person) -> None:
    headers = await identity.headers(admin)
    answer = await identity.http.get("/v1/sign-in-log?person=person-other", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_here")
