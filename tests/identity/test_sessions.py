"""IDN-09, X07: sessions and tokens over HTTP."""

from datetime import timedelta

import pytest

from services.identity.domain.sessions import agent_of, place_of
from shared.contracts.member import PersonReleased
from tests.identity.conftest import PASSWORD, Identity, Person, uid

OTHER = "copper lantern willow bridge"


@pytest.fixture
async def person(identity: Identity) -> Person:
    """An active member who is nobody's admin."""
    member = Person(uid("person", "member"), "110101200103070018")
    await identity.enter(member)
    await identity.make_active(member)
    return member


async def session_of(identity: Identity, person: Person) -> str:
    return (await identity.sign_in(person.number, PASSWORD)).json()["session"]


async def alive(identity: Identity, session: str) -> bool:
    answer = await identity.token(session)
    if answer.status_code != 200:
        assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    return answer.status_code == 200


@pytest.mark.rule("X07")
async def test_every_sign_in_has_a_new_secret_of_256_bits_that_is_stored_as_a_hash(
    identity: Identity, person: Person
) -> None:
    secrets = {await session_of(identity, person) for _ in range(3)}
    assert len(secrets) == 3
    assert {len(s) for s in secrets} == {43}
    stored = str(await identity.parts.sessions._rows.find().to_list(None))
    assert not any(secret in stored for secret in secrets)


@pytest.mark.rule("IDN-09", "X07")
async def test_a_session_ends_after_thirty_idle_minutes_and_each_use_begins_them_anew(
    identity: Identity, person: Person
) -> None:
    session = await session_of(identity, person)
    for _ in range(3):
        identity.clock.move(timedelta(minutes=29))
        assert await alive(identity, session)
    identity.clock.move(timedelta(minutes=30))
    assert not await alive(identity, session)
    identity.clock.move(timedelta(minutes=-20))
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09", "X07")
async def test_an_admin_has_fifteen_idle_minutes_from_the_moment_of_the_appointment(
    identity: Identity, person: Person
) -> None:
    session = await session_of(identity, person)
    identity.clock.move(timedelta(minutes=16))
    assert await alive(identity, session)
    await identity.appoint(person.id, uid("organization", "branch"))
    identity.clock.move(timedelta(minutes=15) - timedelta(seconds=1))
    assert await alive(identity, session)
    identity.clock.move(timedelta(minutes=15))
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09", "X07")
async def test_a_central_operator_has_fifteen_idle_minutes_too(identity: Identity) -> None:
    await identity.operator()
    session = (await identity.sign_in("centre", PASSWORD, document_kind="操作员")).json()["session"]
    identity.clock.move(timedelta(minutes=15) - timedelta(seconds=1))
    assert await alive(identity, session)
    identity.clock.move(timedelta(minutes=15))
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09", "X07")
async def test_no_session_is_older_than_twelve_hours_however_busy(identity: Identity, person: Person) -> None:
    session = await session_of(identity, person)
    for _ in range(35):
        identity.clock.move(timedelta(minutes=20))
        assert await alive(identity, session)
    identity.clock.move(timedelta(minutes=20))
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09")
async def test_signing_out_ends_this_session_and_signing_out_everywhere_all(identity: Identity, person: Person) -> None:
    here, there, elsewhere = [await session_of(identity, person) for _ in range(3)]
    answer = await identity.http.delete("/v1/sessions/current", headers=await identity.bearer(here))
    assert answer.status_code == 200
    assert [await alive(identity, s) for s in (here, there, elsewhere)] == [False, True, True]
    everywhere = await identity.http.delete("/v1/sessions", headers=await identity.bearer(there))
    assert everywhere.json()["ended"] == 3
    assert [await alive(identity, s) for s in (there, elsewhere)] == [False, False]


@pytest.mark.rule("IDN-09")
async def test_every_way_of_signing_out_is_in_the_log(identity: Identity, person: Person) -> None:
    here, there, elsewhere = [await session_of(identity, person) for _ in range(3)]
    headers = await identity.bearer(here)
    other = (await identity.parts.sessions.by_secret(there)).id
    for path in (f"/v1/sessions/{other}", "/v1/sessions/current"):
        identity.clock.move(timedelta(seconds=1))
        assert (await identity.http.delete(path, headers=headers)).status_code == 200
    identity.clock.move(timedelta(seconds=1))
    assert (await identity.http.delete("/v1/sessions", headers=await identity.bearer(elsewhere))).status_code == 200
    identity.clock.move(timedelta(seconds=1))
    again = await identity.bearer(await session_of(identity, person))
    items = (await identity.http.get("/v1/sign-in-log", headers=again)).json()["items"]
    assert [item["outcome"] for item in items][:4] == [
        "signed_in",
        "signed_out_everywhere",
        "signed_out",
        "session_ended",
    ]


@pytest.mark.rule("IDN-09", "X07")
async def test_one_sees_where_one_is_signed_in_and_ends_one_session_of_ones_own_only(
    identity: Identity, person: Person, admin: Person
) -> None:
    here, there = await session_of(identity, person), await session_of(identity, person)
    headers = await identity.bearer(here)
    items = (await identity.http.get("/v1/sessions", headers=headers)).json()["items"]
    assert [i["current"] for i in items].count(True) == 1
    assert {(i["place"], i["agent"]) for i in items if i["agent"]} == {("203.0.113.*", "Firefox")}
    other = (await identity.parts.sessions.by_secret(there)).id
    assert other in {i["id"] for i in items if not i["current"]}
    await identity.http.delete(f"/v1/sessions/{other}", headers=await identity.headers(admin))
    assert await alive(identity, there)
    await identity.http.delete(f"/v1/sessions/{other}", headers=headers)
    assert not await alive(identity, there)
    assert await alive(identity, here)


@pytest.mark.rule("IDN-09", "X07")
async def test_a_new_password_ends_every_session_and_begins_one(identity: Identity, person: Person) -> None:
    here, there = await session_of(identity, person), await session_of(identity, person)
    headers = await identity.bearer(here)
    body = {"old_password": PASSWORD, "new_password": OTHER}
    changed = await identity.http.post("/v1/passwords", json=body, headers=headers)
    assert changed.status_code == 201
    assert [await alive(identity, s) for s in (here, there)] == [False, False]
    assert await alive(identity, changed.json()["session"])
    assert (await identity.sign_in(person.number, PASSWORD)).json()["code"] == "sign_in_refused"
    assert (await identity.sign_in(person.number, OTHER)).status_code == 201
    dead = await identity.http.post("/v1/passwords", json=body, headers=headers)
    assert dead.json()["code"] == "session_ended"


@pytest.mark.rule("X07")
async def test_a_session_begun_with_the_old_password_while_it_is_changed_is_dead_too(
    identity: Identity, person: Person
) -> None:
    """Ending sessions by deleting them alone would miss the one that is just being written."""
    session = await session_of(identity, person)
    credential = await identity.parts.credentials.find(person.id)
    assert credential is not None
    rows = identity.parts.credentials._rows
    await rows.update_one({"_id": person.id}, {"$inc": {"version": 1}})
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09", "X02")
async def test_a_password_changes_only_with_the_old_one_and_into_a_good_one(identity: Identity, person: Person) -> None:
    headers = await identity.bearer(await session_of(identity, person))

    async def change(old: str, new: str) -> str:
        answer = await identity.http.post(
            "/v1/passwords", json={"old_password": old, "new_password": new}, headers=headers
        )
        return answer.json().get("code", "")

    assert await change(PASSWORD, "short") == "password_too_short"
    assert await change(PASSWORD, "kettle 010307 violet grammar") == "password_from_own_data"
    assert await change(PASSWORD, f"kettle {person.mobile} violet") == "password_from_own_data"
    for _ in range(5):
        assert await change("not the old one", OTHER) == "old_password_wrong"
    assert await change(PASSWORD, OTHER) == "sign_in_locked"
    identity.clock.move(timedelta(minutes=2))
    assert await change(PASSWORD, OTHER) == ""


@pytest.mark.rule("X07", "MEM-27")
async def test_a_released_account_is_dead_at_once_with_all_its_sessions(identity: Identity, person: Person) -> None:
    session = await session_of(identity, person)
    headers = await identity.bearer(session)
    fact = identity.fact(PersonReleased(person=person.id, number_hash=identity.number_hash(person)), person.id)
    await identity.parts.hears.person_released([fact])
    assert not await alive(identity, session)
    assert await identity.parts.sessions.of(person.id) == []
    assert (await identity.http.get("/v1/sessions", headers=headers)).json()["code"] == "session_ended"
    assert (await identity.sign_in(person.number, PASSWORD)).json()["code"] == "sign_in_refused"


@pytest.mark.rule("X07")
async def test_a_session_without_its_account_is_dead_even_if_it_was_not_deleted_yet(
    identity: Identity, person: Person
) -> None:
    session = await session_of(identity, person)
    await identity.parts.credentials.delete([person.id])
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09")
@pytest.mark.parametrize("session", ["x", "0" * 43, "../../etc", "{$ne: 1}"])
async def test_an_invented_session_gets_no_token(identity: Identity, session: str) -> None:
    assert not await alive(identity, session)


@pytest.mark.rule("IDN-09")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("::ffff:203.0.113.77", "203.0.113.*"),
        ("2001:db8:1:2::7", "2001:db8:1::*"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_a_place_tells_the_network_and_not_the_household(address: str, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.rule("IDN-09")
def test_a_browsers_words_are_kept_short_and_printable() -> None:
    assert agent_of("Fire\x00fox\n" + "x" * 500) == "Firefox" + "x" * 193
