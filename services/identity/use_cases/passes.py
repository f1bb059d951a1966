"""X20: a pass for what somebody does elsewhere without an account, in exchange for a captcha."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.sign_in import PASS_WINDOW, PASSES_MAX, CaptchaWrong, TooManyTriesFromHere
from services.identity.use_cases.ports import Captchas, Origin, Tokens, Tries
from services.identity.use_cases.sign_in import NOBODY, Answered, minutes
from shared.http.passes import LIFETIME_SECONDS
from shared.kernel.clock import Clock
from shared.privacy.lookup import LookupKey


@dataclass(frozen=True, slots=True)
class PassGiven:
    """`text` is the pass as it is shown to the other service."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GivePass:
    """The use case. How often a pass is used is counted where it is used."""

    clock: Clock
    captchas: Captchas
    tries: Tries
    lookup: LookupKey
    tokens: Tokens

    async def give(self, purpose: str, answered: Answered, origin: Origin) -> PassGiven:
        """At most 60 an hour to an address. Raises CaptchaWrong, TooManyTriesFromHere."""
        now = self.clock.now()
        if not await self.captchas.redeem(answered.captcha, answered.answer, now):
            raise CaptchaWrong(field="captcha")
        bucket = "pass:" + self.lookup.hash("address", origin.address or NOBODY)
        full_until = await self.tries.take(bucket, PASSES_MAX, PASS_WINDOW, now)
        if full_until:
            raise TooManyTriesFromHere(minutes=minutes(full_until - now))
        text = self.tokens.sign_pass(secrets.token_urlsafe(16), purpose, now)
        return PassGiven(text, now + timedelta(seconds=LIFETIME_SECONDS))
