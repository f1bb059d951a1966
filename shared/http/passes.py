"""Passes: somebody without an account answered a captcha a moment ago. Identity signs them, others ask for them.

Claims: `iss`, `aud` (another one than a token's, so that neither serves as the other), `jti` (the pass), `for` (what
it was given for), `iat`, `exp`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.http.tokens import ALGORITHM, ISSUER, SKEW_SECONDS, TokenRefused
from shared.kernel.refusals import Kind, Refusal

HEADER = "X-Pass"
AUDIENCE = "tuan-pass"
LIFETIME_SECONDS = 1_800


class PassNeeded(Refusal):
    kind = Kind.FORBIDDEN
    rule = "X20"
    zh = "请先输入验证码；验证码通过后三十分钟内有效。"
    en = "Answer the captcha first; it is good for thirty minutes."
    way_out = "请重新输入验证码，已填写的内容会保留。"
    way_out_en = "Answer a new captcha; what you typed is kept."


class PassUsedUp(Refusal):
    kind = Kind.THROTTLED
    rule = "X20"
    zh = "这次验证码通过后的操作次数已用完。"
    en = "There were too many requests since the last captcha."
    way_out = "请重新输入验证码后继续。"
    way_out_en = "Answer a new captcha and go on."


def issue_pass(key: OKPKey, pass_id: str, purpose: str, now: datetime) -> str:
    """A pass of half an hour; `key` as for a token. For identity (and tests) only."""
    at = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "jti": pass_id,
        "for": purpose,
        "iat": at,
        "exp": at + LIFETIME_SECONDS,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def read_pass(text: str, key: OKPKey, purpose: str, now: datetime) -> str:
    """The id of a pass that was given for `purpose`. Raises TokenRefused for every doubt."""
    try:
        claims: Mapping[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM]).claims
    except (ValueError, JoseError) as error:
        raise TokenRefused("the signature does not fit") from error
    issued, expires, pass_id = claims.get("iat"), claims.get("exp"), claims.get("jti")
    if (claims.get("iss"), claims.get("aud"), claims.get("for")) != (ISSUER, AUDIENCE, purpose):
        raise TokenRefused("a pass for something else, or none")
    if type(issued) is not int or type(expires) is not int or expires - issued > LIFETIME_SECONDS:
        raise TokenRefused("no life span, or too long a one")
    if not issued - SKEW_SECONDS <= now.timestamp() < expires:
        raise TokenRefused("not valid at this time")
    if not isinstance(pass_id, str) or not pass_id:
        raise TokenRefused("no pass")
    return pass_id
