"""IDN-01, IDN-09: signing in with document kind, number, password and captcha."""

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.operator import DOCUMENT_KIND as OPERATOR_KIND
from services.identity.domain.operator import operator_of
from services.identity.domain.passwords import normalised_password
from services.identity.domain.sessions import agent_of, place_of
from services.identity.domain.sign_in import (
    ADDRESS_TRIES_MAX,
    ADDRESS_WINDOW,
    CaptchaWrong,
    SignInLocked,
    SignInRefused,
    TooManyTriesFromHere,
)
from services.identity.projections.people import People
from services.identity.use_cases.ports import (
    Captchas,
    Credential,
    Credentials,
    Devices,
    Hasher,
    LogEntry,
    Origin,
    Outcome,
    SignInLog,
    Tries,
)
from services.identity.use_cases.sessions import SessionBegun, SessionKeeper
from shared.contracts.document_kinds import DOCUMENT_LOOKUPS
from shared.http.pace import even_pace
from shared.kernel.clock import Clock
from shared.privacy.lookup import LookupKey, normalised

NOBODY = "nobody"
"""Looked up in place of a principal that does not exist, so that the work is the same."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A captcha and what was typed for it."""

    captcha: str
    answer: str


@dataclass(frozen=True, slots=True)
class SignInTry:
    """`document_kind` is one of DOCUMENT_LOOKUPS or 操作员; `device` what an earlier sign-in left in the browser."""

    document_kind: str
    number: str
    password: str
    answered: Answered
    device: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`device` is new and to be kept by the browser, or None if the one it has stays."""

    session: SessionBegun
    device: str | None


class Subjects:
    """What stands for a number in buckets and logs: a keyed hash, whether somebody has the number or not."""

    def __init__(self, lookup: LookupKey) -> None:
        self._lookup = lookup

    def of(self, document_kind: str, number: str) -> str:
        kind = "operator-login" if document_kind == OPERATOR_KIND else DOCUMENT_LOOKUPS[document_kind]
        return self._lookup.hash(kind, number if normalised(number) else NOBODY)


class Gatekeeper:
    """What stands before every secret that is typed in: the captcha and the bounds by address."""

    def __init__(self, clock: Clock, captchas: Captchas, tries: Tries, lookup: LookupKey) -> None:
        self._clock = clock
        self._captchas = captchas
        self._tries = tries
        self._lookup = lookup

    async def pass_(self, answered: Answered, origin: Origin) -> str:
        """The address' bucket, in which this try now counts. Raises CaptchaWrong or TooManyTriesFromHere."""
        now = self._clock.now()
        if not await self._captchas.redeem(answered.captcha, answered.answer, now):
            raise CaptchaWrong(field="captcha")
        bucket = "address:" + self._lookup.hash("address", origin.address or NOBODY)
        full_until = await self._tries.take(bucket, ADDRESS_TRIES_MAX, ADDRESS_WINDOW, now)
        if full_until:
            raise TooManyTriesFromHere(minutes=minutes(full_until - now))
        return bucket

    async def was_right(self, bucket: str, at: datetime) -> None:
        """Only wrong tries count against an address: a school shares one."""
        await self._tries.give_back(bucket, ADDRESS_WINDOW, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The use case. `pace` is the least time a refusal takes, in seconds."""

    clock: Clock
    subjects: Subjects
    gatekeeper: Gatekeeper
    people: People
    credentials: Credentials
    hasher: Hasher
    tries: Tries
    devices: Devices
    keeper: SessionKeeper
    log: SignInLog
    pace: float

    async def sign_in(self, attempt: SignInTry, origin: Origin) -> SignedIn:
        """Raises SignInRefused, alike for whatever is wrong, SignInLocked, CaptchaWrong or TooManyTriesFromHere."""
        async with even_pace(self.pace):
            return await self._sign_in(attempt, origin)

    async def _sign_in(self, attempt: SignInTry, origin: Origin) -> SignedIn:
        address = await self.gatekeeper.pass_(attempt.answered, origin)
        now = self.clock.now()
        subject = self.subjects.of(attempt.document_kind, attempt.number)
        familiar = bool(attempt.device) and await self.devices.knows(subject, attempt.device or "", now)
        bucket = device_bucket(subject, attempt.device or "") if familiar else number_bucket(subject)
        locked_until = await self.tries.begin(bucket, now)
        principal = await self._principal(attempt, subject)
        if locked_until:
            await self._note(Outcome.LOCKED, principal or subject, origin)
            raise SignInLocked(minutes=minutes(locked_until - now))
        credential = await self.credentials.find(principal or NOBODY)
        password = normalised_password(attempt.password)
        right = await self.hasher.verify(credential.hash if credential else None, password)
        if credential is None or not right:
            await self._note(Outcome.REFUSED, principal or subject, origin)
            raise SignInRefused
        await self.tries.forgive([bucket])
        await self.gatekeeper.was_right(address, now)
        await self._strengthen(credential, password)
        device = None if familiar else secrets.token_urlsafe(32)
        if device:
            await self.devices.remember(subject, device, now)
        return SignedIn(await self.keeper.begin(credential, origin, Outcome.SIGNED_IN), device)

    async def _principal(self, attempt: SignInTry, subject: str) -> str | None:
        """People are looked up for operators too, in vain: the work is the same."""
        known = await self.people.by_number(subject)
        if attempt.document_kind == OPERATOR_KIND:
            return operator_of(normalised(attempt.number))
        return known.person if known else None

    async def _strengthen(self, credential: Credential, password: str) -> None:
        if self.hasher.outdated(credential.hash):
            await self.credentials.strengthen(credential, await self.hasher.hash(password))

    async def _note(self, outcome: Outcome, subject: str, origin: Origin) -> None:
        place, agent = place_of(origin.address), agent_of(origin.agent)
        await self.log.write(LogEntry(self.clock.now(), subject, outcome, place, agent))


def number_bucket(subject: str) -> str:
    return f"number:{subject}"


def device_bucket(subject: str, device: str) -> str:
    return f"device:{hashlib.sha256(f'{subject} {device}'.encode()).hexdigest()}"


def minutes(span: timedelta) -> int:
    return max(1, math.ceil(span / timedelta(minutes=1)))
