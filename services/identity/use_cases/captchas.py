"""IDN-01: captchas. A cost for machines, never the only control (X20)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.sign_in import CAPTCHA_WINDOW, CAPTCHAS_MAX, TooManyTriesFromHere
from services.identity.use_cases.ports import Captchas, Origin, Pictures, Tries
from services.identity.use_cases.sign_in import NOBODY, minutes
from shared.kernel.clock import Clock
from shared.privacy.lookup import LookupKey

CHARACTERS = "ACDEFHJKLMNPRTUVWXY34679"
LENGTH = 5
LIFE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class CaptchaMade:
    """`picture` is a PNG."""

    id: str
    picture: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCaptcha:
    """The use case. `fixed_answer` is for tests and demonstrations; the settings refuse it in production."""

    clock: Clock
    captchas: Captchas
    pictures: Pictures
    tries: Tries
    lookup: LookupKey
    fixed_answer: str

    async def make(self, origin: Origin) -> CaptchaMade:
        """A captcha for one answer within two minutes. Raises TooManyTriesFromHere before anything is drawn."""
        now = self.clock.now()
        bucket = "captcha:" + self.lookup.hash("address", origin.address or NOBODY)
        full_until = await self.tries.take(bucket, CAPTCHAS_MAX, CAPTCHA_WINDOW, now)
        if full_until:
            raise TooManyTriesFromHere(minutes=minutes(full_until - now))
        answer = self.fixed_answer or "".join(secrets.choice(CHARACTERS) for _ in range(LENGTH))
        captcha = CaptchaMade(secrets.token_urlsafe(16), await self.pictures.draw(answer), now + LIFE)
        await self.captchas.put(captcha.id, answer, captcha.expires_at)
        return captcha
