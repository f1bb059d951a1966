"""Tokens: five minutes long, signed with Ed25519 by identity, saying who and never what (architecture 4).

Claims: `iss`, `aud`, `sub` (the principal), `sid` (the session), `iat`, `exp`, and `op` = "central" for central
operators only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel

from shared.kernel.envelope import Actor

ALGORITHM = "Ed25519"
ISSUER = "tuan-identity"
AUDIENCE = "tuan"
LIFETIME_SECONDS = 300
SKEW_SECONDS = 5
TOKEN_CHARACTERS_MAX = 2_048

_PRINCIPAL = re.compile(r"(person|operator)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|service:[a-z]{2,32}")
_SESSION = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_CENTRAL = "central"


class TokenRefused(Exception):
    """A token that proves nothing; the reason is for the log, never for the caller."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `organization` is the one in whose name they act, as chosen by them: a wish, not a right.

    A central operator acts in nobody's name, whatever the request says: otherwise a fact would name an organization
    that had no part in it.
    """

    id: str
    session: str
    central: bool = False
    organization: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.organization, self.central)

    def acting_for(self, organization: str | None) -> "Principal":
        return self if self.central else replace(self, organization=organization)


def issue(key: OKPKey, principal: Principal, now: datetime) -> str:
    """A token for a principal; `key` has a `kid` and the private part. For identity (and tests) only."""
    at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": principal.id,
        "sid": principal.session,
        "iat": at,
        "exp": at + LIFETIME_SECONDS,
    }
    if principal.central:
        claims["op"] = _CENTRAL
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


class _PublishedKey(BaseModel):
    kty: str
    crv: str = ""
    kid: str = ""
    x: str = ""


class _Published(BaseModel):
    keys: list[_PublishedKey]


def public_keys(jwks: Mapping[str, Any]) -> dict[str, OKPKey]:
    """The keys of a JWKS document that may sign tokens, by `kid`; keys of other kinds are passed over.

    Raises ValueError for what is no such document.
    """
    usable = [k for k in _Published.model_validate(jwks).keys if (k.kty, k.crv) == ("OKP", "Ed25519") and k.kid]
    return {k.kid: OKPKey.import_key({"kty": k.kty, "crv": k.crv, "x": k.x}) for k in usable}


def key_id_of(token: str) -> str:
    """The `kid` a token claims to be signed with, before anything is believed. Raises TokenRefused."""
    if len(token) > TOKEN_CHARACTERS_MAX or token.count(".") != 2:
        raise TokenRefused("no token of ours by its form")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (ValueError, JoseError) as error:
        raise TokenRefused("unreadable header") from error
    if header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise TokenRefused("another algorithm, or no key id")
    return str(header["kid"])


def signed(token: str, key: OKPKey) -> Mapping[str, Any]:
    """What a token says, if this key signed it: the same at any time. Raises TokenRefused."""
    try:
        return jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (ValueError, JoseError) as error:
        raise TokenRefused("the signature does not fit") from error


def principal_of(claims: Mapping[str, Any], at: datetime) -> Principal:
    """Who signed claims speak of at an instant. Raises TokenRefused for every doubt."""
    now, issued, expires = at.timestamp(), claims.get("iat"), claims.get("exp")
    if claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
        raise TokenRefused("issued by or for somebody else")
    if type(issued) is not int or type(expires) is not int or expires - issued > LIFETIME_SECONDS:
        raise TokenRefused("no life span, or too long a one")
    if not issued - SKEW_SECONDS <= now < expires:
        raise TokenRefused("not valid at this time")
    subject, session, operator = claims.get("sub"), claims.get("sid"), claims.get("op")
    if not isinstance(subject, str) or not _PRINCIPAL.fullmatch(subject):
        raise TokenRefused("no principal")
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        raise TokenRefused("no session")
    if operator not in (None, _CENTRAL) or (operator and not subject.startswith("operator-")):
        raise TokenRefused("an operator's right for somebody else")
    return Principal(subject, session, central=operator == _CENTRAL)
