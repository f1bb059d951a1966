"""Who asks: bearer tokens, checked against identity's published keys."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import httpx
import structlog
from fastapi import Depends
from joserfc.jwk import OKPKey
from starlette.requests import Request

from shared.http.passes import PassNeeded, read_pass
from shared.http.refusals import IdentityUnreachable, InvalidField, Unauthenticated
from shared.http.tokens import LIFETIME_SECONDS, Principal, TokenRefused, key_id_of, principal_of, public_keys, signed
from shared.kernel.clock import Clock
from shared.observability.logging import bind
from shared.runtime.cache import AgingCache

log = structlog.get_logger()

ACTING_HEADER = "X-Acting-Organization"
FRESH_SECONDS = 300.0
STALE_SECONDS_MAX = 3_600.0
RETRY_SECONDS = 5.0
REMEMBERED = 4_000
"""Tokens whose signature need not be worked out again: a user's next clicks bring the same one."""

_ACTING = re.compile(r"[a-z]{1,32}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gives identity's JWKS document; raises OSError or httpx.HTTPError when it cannot be had."""


def keys_over_http(client: httpx.AsyncClient, address: str) -> FetchKeys:
    """The keys as identity publishes them; `address` is the settings' `address("identity")`."""

    async def fetch() -> Mapping[str, Any]:
        answer = await client.get(f"{address}/v1/jwks")
        answer.raise_for_status()
        document: Mapping[str, Any] = answer.json()
        return document

    return fetch


class TokenVerifier:
    """Tells who a token speaks of. Keys are fetched once for all waiting requests and kept for five minutes.

    A token with an unknown key id makes it look again, at most every five seconds, so that inventing key ids costs
    the inventor only. While identity is silent the known keys serve for an hour.
    """

    def __init__(self, fetch: FetchKeys, clock: Clock, ticks: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._ticks = ticks
        self._keys: dict[str, OKPKey] = {}
        self._fetched_at = -STALE_SECONDS_MAX
        self._tried_at = -RETRY_SECONDS
        self._fetching = asyncio.Lock()
        self._signed: AgingCache[str, tuple[str, OKPKey, Mapping[str, Any]]] = AgingCache(
            REMEMBERED, LIFETIME_SECONDS, ticks
        )

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated, or IdentityUnreachable when there is no key to check with."""
        try:
            return principal_of(await self._claims(token), self._clock.now())
        except TokenRefused as refused:
            log.info("token.refused", reason=str(refused))
            raise Unauthenticated from refused

    async def pass_of(self, text: str, purpose: str) -> str:
        """The id of a pass given for `purpose`. Raises PassNeeded, or IdentityUnreachable."""
        try:
            key = await self._key(key_id_of(text))
            return read_pass(text, key, purpose, self._clock.now())
        except TokenRefused as refused:
            log.info("pass.refused", reason=str(refused))
            raise PassNeeded(field="captcha") from refused

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """What the token says. Its signature counts as long as the very key that it was checked with is served."""
        known = self._signed.get(token)
        kid = known[0] if known else key_id_of(token)
        key = await self._key(kid)
        if known and known[1] is key:
            return known[2]
        claims = signed(token, key)
        self._signed.put({token: (kid, key, claims)})
        return claims

    async def _key(self, kid: str) -> OKPKey:
        if not self._served(kid, FRESH_SECONDS):
            async with self._fetching:
                if not self._served(kid, FRESH_SECONDS) and self._ticks() - self._tried_at >= RETRY_SECONDS:
                    await self._look_again()
        if self._served(kid, STALE_SECONDS_MAX):
            return self._keys[kid]
        if self._ticks() - self._fetched_at >= STALE_SECONDS_MAX:
            raise IdentityUnreachable
        raise TokenRefused("signed with a key that identity does not publish")

    def _served(self, kid: str, seconds: float) -> bool:
        return kid in self._keys and self._ticks() - self._fetched_at < seconds

    async def _look_again(self) -> None:
        self._tried_at = self._ticks()
        try:
            self._keys = public_keys(await self._fetch())
        except (OSError, httpx.HTTPError, ValueError) as error:
            log.warning("token.keys_unreachable", error=type(error).__name__)
        else:
            self._fetched_at = self._ticks()


async def principal(request: Request) -> Principal:
    """The dependency of every route that is not public. Raises Unauthenticated, IdentityUnreachable."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: TokenVerifier = request.app.state.verifier
    found = await verifier.verify(token.strip())
    acting = request.headers.get(ACTING_HEADER)
    if acting is not None and not _ACTING.fullmatch(acting):
        raise InvalidField(field=ACTING_HEADER, problem="编号不正确", problem_en="This is no id")
    bind(principal=found.id)
    return found.acting_for(acting)


CurrentPrincipal = Annotated[Principal, Depends(principal)]
"""Parameter of a handler: who asks."""
