"""The edge of identity: who may, what is refused, what is published."""

import asyncio

import pytest

from services.identity.adapters.signing_keys import SigningKeys
from services.identity.settings import IdentitySettings
from shared.http.routes import assert_all_routes_declare_access
from shared.http.tokens import Principal, principal_of, public_keys, signed
from shared.privacy.sealing import SealBroken, new_key
from shared.runtime.settings import Environment
from tests.identity.conftest import PASSWORD, Identity, Person, uid

PUBLIC = frozenset(
    {
        *("GET /v1/jwks", "GET /v1/captchas", "POST /v1/sign-ins", "POST /v1/activations", "POST /v1/sessions/token"),
        *("POST /v1/admin-registrations", "GET /v1/admin-registrations/{ticket}", "POST /v1/passes"),
    }
)


@pytest.mark.rule("P12")
async def test_every_route_says_who_may_and_only_entering_is_public(identity: Identity) -> None:
    assert_all_routes_declare_access(identity.http._transport.app, PUBLIC)


@pytest.mark.rule("P12")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/x"),
        ("POST", "/v1/passwords"),
        ("GET", "/v1/sign-in-log"),
        ("POST", "/v1/people/person-x/activation-codes"),
        ("GET", "/v1/people/person-x/account"),
    ],
)
async def test_no_other_route_answers_without_a_token(identity: Identity, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
        answer = await identity.http.request(method, path, headers=headers)
        assert answer.status_code == 401


@pytest.mark.rule("P13")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": "1", "password": "x", "captcha_id": "c", "captcha": "c", "admin": True},
        {"number": {"$ne": ""}, "password": "x", "captcha_id": "c", "captcha": "c"},
        {"number": "1" * 65, "password": "x", "captcha_id": "c", "captcha": "c"},
        {"number": "1", "password": "x" * 1_025, "captcha_id": "c", "captcha": "c"},
        {"number": "1", "password": "x", "captcha_id": {"$gt": ""}, "captcha": "c"},
        {"number": "1", "password": "x", "captcha_id": "c", "captcha": "c", "document_kind": "驾驶证"},
        [],
        "text",
    ],
)
async def test_a_body_that_is_not_what_was_asked_for_is_refused_before_anything_is_looked_up(
    identity: Identity, body: object
) -> None:
    answer = await identity.http.post("/v1/sign-ins", json=body)
    assert answer.status_code in {400, 422}
    assert await identity.parts.log._rows.count_documents({}) == 0


@pytest.mark.rule("P13")
@pytest.mark.parametrize("number", ["\u202e\u200b", "', 1=1 --", "\u0000x", "𠮷" * 32])
async def test_a_strange_number_is_refused_like_any_wrong_one(identity: Identity, number: str) -> None:
    answer = await identity.sign_in(number, PASSWORD)
    assert answer.status_code in {400, 401}


@pytest.mark.rule("IDN-09")
async def test_the_published_key_checks_the_tokens_and_holds_no_secret(identity: Identity) -> None:
    document = (await identity.http.get("/v1/jwks")).json()
    [key] = document["keys"]
    assert key.keys() == {"kty", "crv", "alg", "use", "kid", "x"}
    who = Principal(uid("person", "p"), "session-1")
    token = identity.parts.keys.sign(who, identity.clock.now())
    claims = signed(token, public_keys(document)[key["kid"]])
    assert principal_of(claims, identity.clock.now()) == who


@pytest.mark.rule("IDN-09", "P11")
async def test_processes_that_start_at_once_share_one_key_that_is_stored_sealed(identity: Identity) -> None:
    database = identity.driver.database(identity.parts.settings.database("identity") + "_keys")
    wrapping = new_key()
    starting = [SigningKeys(database, wrapping, identity.clock) for _ in range(5)]
    try:
        await asyncio.gather(*(keys.load() for keys in starting))
        assert len({keys.jwks()["keys"][0]["kid"] for keys in starting}) == 1
        assert await database["signing_keys"].count_documents({}) == 1
        [row] = await database["signing_keys"].find().to_list(None)
        assert starting[0]._signing.as_dict(private=True)["d"] not in str(row)
        with pytest.raises(SealBroken):
            await SigningKeys(database, new_key(), identity.clock).load()
    finally:
        await identity.driver.client.drop_database(database.name)


@pytest.mark.rule("IDN-01")
def test_production_refuses_to_start_with_a_captcha_everybody_knows() -> None:
    common = {"mongo_url": "mongodb://localhost", "kafka": "localhost", "captcha_answer": "TUAN5"}
    with pytest.raises(ValueError, match="TUAN_CAPTCHA_ANSWER"):
        IdentitySettings(environment=Environment.PRODUCTION, **common)
    assert IdentitySettings(environment=Environment.DEMONSTRATION, **common).captcha_answer == "TUAN5"


@pytest.mark.rule("IDN-04")
def test_an_activation_code_lives_a_day_where_no_setting_says_otherwise() -> None:
    assert IdentitySettings(mongo_url="mongodb://localhost", kafka="localhost").activation_code_hours == 24


@pytest.mark.rule("X18")
async def test_the_account_of_somebody_unknown_and_of_somebody_elsewhere_answer_alike(
    identity: Identity, admin: Person
) -> None:
    other = Person(uid("person", "other"), "110101199303070011")
    await identity.enter(other, branch=uid("organization", "elsewhere"))
    headers = await identity.headers(admin)
    answers = [
        await identity.http.get(f"/v1/people/{person}/account", headers=headers)
        for person in (other.id, uid("person", "nobody"))
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "correlation"} for a in answers]
    assert bodies[0] == bodies[1]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(403, "outside_authority")}
