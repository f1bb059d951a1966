"""A token proves who asks, or nothing at all."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from shared.http.auth import TokenVerifier, keys_over_http
from shared.http.refusals import IdentityUnreachable, Unauthenticated
from shared.http.tokens import Principal
from shared.kernel.clock import ManualClock
from shared.testing.tokens import Issuer
from tests.shared.http.conftest import AT, ORGANIZATION, PERSON

CLAIMS = {
    "iss": "tuan-identity",
    "aud": "tuan",
    "sub": PERSON,
    "sid": "session-1",
    "iat": int(AT.timestamp()),
    "exp": int(AT.timestamp()) + 300,
}


def _signed(issuer: Issuer, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    return jwt.encode(
        {"alg": "Ed25519", "kid": issuer.key.kid} | dict(header or {}), dict(claims), issuer.key, ["Ed25519"]
    )


async def test_a_token_says_who_and_not_what(issuer: Issuer) -> None:
    verifier = issuer.verifier()
    assert await verifier.verify(_signed(issuer, CLAIMS)) == Principal(PERSON, "session-1")
    operator = Principal(PERSON.replace("person", "operator"), "s", central=True)
    assert await verifier.verify(issuer.token(operator)) == operator
    assert await verifier.verify(_signed(issuer, CLAIMS | {"roles": ["central"]})) == Principal(PERSON, "session-1")


@pytest.mark.rule("P13")
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"}, {"iss": None}, {"aud": "other"}, {"aud": ["tuan", "other"]}, {"aud": None},
        {"sub": "person-1"}, {"sub": ""}, {"sub": 7}, {"sub": PERSON + "\n"}, {"sub": PERSON.upper()}, {"sub": "service:"},
        {"sid": ""}, {"sid": None}, {"sid": "a b"}, {"sid": "x" * 200},
        {"exp": CLAIMS["iat"]}, {"exp": None}, {"exp": str(CLAIMS["exp"])}, {"exp": 9e99}, {"exp": CLAIMS["iat"] + 3_600},
        {"exp": True}, {"iat": CLAIMS["iat"] + 60, "exp": CLAIMS["iat"] + 300}, {"iat": None}, {"iat": CLAIMS["iat"] - 1},
        {"op": "central"}, {"op": "root", "sub": PERSON.replace("person", "operator")}, {"op": True}, {"op": ""},
    ],
)  # fmt: skip
async def test_a_claim_that_is_not_exactly_right_proves_nothing(issuer: Issuer, change: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await issuer.verifier().verify(_signed(issuer, CLAIMS | change))


async def test_a_token_dies_at_its_end_and_is_not_valid_before_its_beginning(
    issuer: Issuer, clock: ManualClock
) -> None:
    verifier, token = issuer.verifier(), _signed(issuer, CLAIMS)
    clock.move(timedelta(seconds=299))
    await verifier.verify(token)
    clock.move(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
    clock.move(timedelta(seconds=-306))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


def _b64(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _forgeries(issuer: Issuer) -> dict[str, str]:
    good = _signed(issuer, CLAIMS)
    header, body, signature = good.split(".")
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": issuer.key.kid})
    public = base64.urlsafe_b64decode(issuer.published["keys"][0]["x"] + "==")
    secret = OctKey.import_key(public, {"kid": issuer.key.kid})
    rsa = RSAKey.generate_key(2048, parameters={"kid": issuer.key.kid})
    own = stranger.as_dict(private=False)
    return {
        "no signature": f"{header}.{body}.",
        "alg none": f"{_b64({'alg': 'none', 'kid': issuer.key.kid})}.{body}.",
        "changed body": f"{header}.{_b64(CLAIMS | {'sub': 'service:root'})}.{signature}",
        "changed header": f"{_b64({'alg': 'Ed25519', 'kid': issuer.key.kid, 'x': 1})}.{body}.{signature}",
        "stranger's key": jwt.encode({"alg": "Ed25519", "kid": issuer.key.kid}, CLAIMS, stranger, ["Ed25519"]),
        "public key as secret": jwt.encode({"alg": "HS256", "kid": issuer.key.kid}, CLAIMS, secret, ["HS256"]),
        "other algorithm": jwt.encode({"alg": "RS256", "kid": issuer.key.kid}, CLAIMS, rsa, ["RS256"]),
        "key inside": jwt.encode({"alg": "Ed25519", "kid": "k", "jwk": own}, CLAIMS, stranger, ["Ed25519"]),
        "no key id": jwt.encode({"alg": "Ed25519"}, CLAIMS, issuer.key, ["Ed25519"]),
        "unknown key id": jwt.encode({"alg": "Ed25519", "kid": "../../x"}, CLAIMS, stranger, ["Ed25519"]),
        "key id no text": f"{_b64({'alg': 'Ed25519', 'kid': 7})}.{body}.{signature}",
        "five parts": good + ".a.b",
        "no token": "abc",
        "empty parts": "..",
        "header no object": f"{_b64([1])}.{body}.{signature}",
        "not ascii": "é.ü.ß",
        "long": good + "A" * 4_000,
        "body no object": jwt.encode({"alg": "Ed25519", "kid": issuer.key.kid}, {}, issuer.key, ["Ed25519"]),
    }


@pytest.mark.rule("P13")
@pytest.mark.parametrize("kind", list(_forgeries(Issuer(ManualClock(AT)))))
async def test_a_forged_token_proves_nothing(issuer: Issuer, client: httpx.AsyncClient, kind: str) -> None:
    forged = _forgeries(issuer)[kind].encode()
    answer = await client.get("/v1/me", headers={b"Authorization": b"Bearer " + forged})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "bearer\tabc"])
async def test_without_a_token_nothing_is_answered(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/v1/guarded/7", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_the_acting_organization_is_a_wish_of_the_right_form(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await client.get("/v1/me", headers=issuer.headers(PERSON, organization=ORGANIZATION))
    assert answer.json() == {"id": PERSON, "central": False, "organization": ORGANIZATION}
    for wrong in ("x", ORGANIZATION + "1", "organization-$ne", ORGANIZATION.upper()):
        answer = await client.get("/v1/me", headers=issuer.headers(PERSON, organization=wrong))
        assert (answer.status_code, answer.json()["field"]) == (400, "X-Acting-Organization")


class Ticks:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


async def test_a_new_key_is_found_and_inventing_key_ids_does_not_make_us_ask_for_ever(clock: ManualClock) -> None:
    issuer, ticks = Issuer(clock), Ticks()
    verifier = TokenVerifier(issuer.fetch, clock, ticks)
    await verifier.verify(issuer.token(Principal(PERSON, "s")))
    rotated = Issuer(clock, "test-2")
    issuer.published = {"keys": [*issuer.published["keys"], *rotated.published["keys"]]}
    for _ in range(50):
        with pytest.raises(Unauthenticated):
            await verifier.verify(rotated.token(Principal(PERSON, "s")))
    assert issuer.asked == 1
    ticks.at += 5
    await verifier.verify(rotated.token(Principal(PERSON, "s")))
    assert issuer.asked == 2


async def test_a_withdrawn_key_is_out_after_five_minutes(clock: ManualClock) -> None:
    issuer, ticks = Issuer(clock), Ticks()
    verifier = TokenVerifier(issuer.fetch, clock, ticks)
    token = issuer.token(Principal(PERSON, "s"))
    await verifier.verify(token)
    issuer.published = {"keys": []}
    ticks.at += 299
    await verifier.verify(token)
    ticks.at += 1
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_what_was_signed_with_a_key_is_not_believed_under_another_of_the_same_name(clock: ManualClock) -> None:
    issuer, ticks = Issuer(clock), Ticks()
    verifier = TokenVerifier(issuer.fetch, clock, ticks)
    await verifier.verify(issuer.token(Principal(PERSON, "s")))
    ticks.at += 299
    token = issuer.token(Principal(PERSON, "s2"))
    assert (await verifier.verify(token)).session == "s2"
    issuer.published = Issuer(clock).published
    ticks.at += 1
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_while_identity_is_silent_known_keys_serve_for_an_hour(clock: ManualClock) -> None:
    issuer, ticks, silent = Issuer(clock), Ticks(), False

    async def fetch() -> Mapping[str, Any]:
        if silent:
            raise httpx.ConnectError("refused")
        return await issuer.fetch()

    verifier = TokenVerifier(fetch, clock, ticks)
    token = issuer.token(Principal(PERSON, "s"))
    silent = True
    with pytest.raises(IdentityUnreachable):
        await verifier.verify(token)
    silent, ticks.at = False, ticks.at + 5
    await verifier.verify(token)
    silent, ticks.at = True, ticks.at + 3_599
    await verifier.verify(token)
    ticks.at += 1
    with pytest.raises(IdentityUnreachable):
        await verifier.verify(token)


async def test_keys_come_from_identity_and_private_or_foreign_ones_are_passed_over(clock: ManualClock) -> None:
    issuer = Issuer(clock)
    junk = [
        {"kty": "oct", "k": "AAAA", "kid": "a"},
        {"kty": "RSA"},
        {"kty": "OKP", "crv": "X25519", "x": "AA", "kid": "b"},
    ]
    document = {"keys": [*junk, *issuer.published["keys"]]}
    transport = httpx.MockTransport(
        lambda r: httpx.Response(200, json=document) if r.url.path == "/v1/jwks" else httpx.Response(404)
    )
    async with httpx.AsyncClient(transport=transport) as client:
        verifier = TokenVerifier(keys_over_http(client, "http://identity"), clock)
        assert (await verifier.verify(issuer.token(Principal(PERSON, "s")))).id == PERSON


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"keys": 3},
        {"keys": [3]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "!"}]},
    ],
)
async def test_an_unreadable_answer_of_identity_is_no_failure_of_the_program(clock: ManualClock, document: Any) -> None:
    issuer = Issuer(clock)
    issuer.published = document
    with pytest.raises(IdentityUnreachable):
        await issuer.verifier().verify(issuer.token(Principal(PERSON, "s")))


async def test_checking_a_token_costs_well_under_a_millisecond(issuer: Issuer) -> None:
    verifier, tokens = issuer.verifier(), [_signed(issuer, CLAIMS | {"sid": f"s{i}"}) for i in range(201)]
    await verifier.verify(tokens[0])
    started = time.process_time()
    for token in tokens[1:]:
        await verifier.verify(token)
    first = time.process_time() - started
    started = time.process_time()
    for token in tokens[1:]:
        await verifier.verify(token)
    assert first / 200 < 0.002
    assert time.process_time() - started < first / 4, "the signature of a known token is not worked out again"
