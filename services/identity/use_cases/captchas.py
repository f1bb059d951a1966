"""IDN-01: captchas. A cost for machines, never the only control (X20)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.sign_in import CAPTCHA_WINDOW, CAPTCHAS_MAX, TooManyTriesFromHere
from services.identity.use_cases.ports import Captchas, Origin, Pictures, Sounds, Tries
from services.identity.use_cases.sign_in import NOBODY, minutes
from shared.kernel.clock import Clock
from shared.privacy.lookup import LookupKey

CHARACTERS = "ACDEFHJKLMNPRTUVWXY34679"
LENGTH = 5
SPOKEN_CHARACTERS = "0123456789"
SPOKEN_LENGTH = 6
LIFE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class CaptchaMade:
    """`shown` is a PNG, or a WAV where it was asked for as a sound."""

    id: str
    shown: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCaptcha:
    """The use case. `fixed_answer` is for tests and demonstrations; the settings refuse it in production."""

    clock: Clock
    captchas: Captchas
    pictures: Pictures
    sounds: Sounds
    tries: Tries
    lookup: LookupKey
    fixed_answer: str

    async def make(self, origin: Origin, *, spoken: bool = False) -> CaptchaMade:
        """A captcha for one answer within two minutes. Raises TooManyTriesFromHere before anything is made.

        ``spoken`` is for who cannot see a picture: digits only, since letters are hard to tell by ear.
        """
        now = self.clock.now()
        bucket = "captcha:" + self.lookup.hash("address", origin.address or NOBODY)
        full_until = await self.tries.take(bucket, CAPTCHAS_MAX, CAPTCHA_WINDOW, now)
        if full_until:
            raise TooManyTriesFromHere(minutes=minutes(full_until - now))
        characters, length = (SPOKEN_CHARACTERS, SPOKEN_LENGTH) if spoken else (CHARACTERS, LENGTH)
        answer = self.fixed_answer or "".join(secrets.choice(characters) for _ in range(length))
        shown = await (self.sounds.speak(answer) if spoken else self.pictures.draw(answer))
        captcha = CaptchaMade(secrets.token_urlsafe(16), shown, now + LIFE)
        await self.captchas.put(captcha.id, answer, captcha.expires_at)
        return captcha
