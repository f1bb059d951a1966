"""A pass proves that a captcha was answered for one purpose, or nothing at all (X20, P13)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.http.passes import AUDIENCE, LIFETIME_SECONDS, PassNeeded
from shared.http.tokens import ISSUER
from shared.testing.tokens import Issuer
from tests.shared.http.conftest import AT

PURPOSE, NOW = "a purpose", int(AT.timestamp())
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "jti": "pass-1", "for": PURPOSE, "iat": NOW, "exp": NOW + LIFETIME_SECONDS}


def signed(issuer: Issuer, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "Ed25519", "kid": issuer.key.kid}, claims, issuer.key, ["Ed25519"])


@pytest.mark.rule("X20")
async def test_a_pass_is_known_by_its_id(issuer: Issuer) -> None:
    assert await issuer.verifier().pass_of(signed(issuer, CLAIMS), PURPOSE) == "pass-1"
    assert await issuer.verifier().pass_of(issuer.pass_for(PURPOSE, 7), PURPOSE) == "pass-7"


@pytest.mark.rule("X20", "P13")
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"}, {"aud": "tuan"}, {"aud": [AUDIENCE]}, {"aud": None}, {"for": "another purpose"}, {"for": None},
        {"jti": ""}, {"jti": None}, {"jti": 7}, {"exp": NOW}, {"exp": None}, {"exp": 9e99}, {"exp": True},
        {"exp": NOW + LIFETIME_SECONDS + 1}, {"iat": NOW + 60, "exp": NOW + 90}, {"iat": None}, {"iat": NOW - 1},
    ],
)  # fmt: skip
async def test_a_claim_that_is_not_exactly_right_proves_nothing(issuer: Issuer, change: dict[str, Any]) -> None:
    with pytest.raises(PassNeeded):
        await issuer.verifier().pass_of(signed(issuer, CLAIMS | change), PURPOSE)


@pytest.mark.rule("X20", "P13")
async def test_another_key_or_algorithm_proves_nothing(issuer: Issuer) -> None:
    key = OctKey.generate_key(256)
    forged = jwt.encode({"alg": "HS256", "kid": issuer.key.kid}, CLAIMS, key, ["HS256"])
    good = signed(issuer, CLAIMS)
    for text in (forged, good[:-20] + good[-20:].swapcase(), "", "a.b.c", "x" * 5_000):
        with pytest.raises(PassNeeded):
            await issuer.verifier().pass_of(text, PURPOSE)
