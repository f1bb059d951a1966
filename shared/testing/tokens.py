"""Tokens for tests of services: an issuer that signs as identity does, and publishes its key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc.jwk import OKPKey

from shared.http.auth import TokenVerifier
from shared.http.passes import issue_pass
from shared.http.tokens import Principal, issue
from shared.kernel.clock import Clock


class Issuer:
    """Stands for identity in the tests of the others; `published` may be changed to another answer."""

    def __init__(self, clock: Clock, kid: str = "test-1") -> None:
        self._clock = clock
        self.key = OKPKey.generate_key("Ed25519", parameters={"kid": kid})
        self.published: Mapping[str, Any] = {"keys": [self.key.as_dict(private=False)]}
        self.asked = 0

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        return self.published

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.fetch, self._clock)

    def headers(self, principal: str, *, organization: str | None = None, key: str | None = None) -> dict[str, str]:
        """Headers of a request: the token, the acting organization, the idempotency key. Operators are central."""
        who = Principal(principal, "session-1", central=principal.startswith("operator-"))
        headers = {"Authorization": f"Bearer {issue(self.key, who, self._clock.now())}"}
        if organization:
            headers["X-Acting-Organization"] = organization
        if key:
            headers["Idempotency-Key"] = key
        return headers

    def pass_for(self, purpose: str, number: int = 1) -> str:
        return issue_pass(self.key, f"pass-{number}", purpose, self._clock.now())

    def token(self, principal: Principal, at: datetime | None = None) -> str:
        return issue(self.key, principal, at or self._clock.now())
