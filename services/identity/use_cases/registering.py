"""ADM-03, IDN-02: the form of who registers as an admin by a code. It only waits from here; others decide."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from services.identity.domain.passwords import Owner, check_own_data, check_password_form, normalised_password
from services.identity.domain.registrant import Registrant, slips
from services.identity.domain.registration import (
    REGISTRATION,
    Registration,
    RegistrationLocked,
    RequestRegistration,
    registration_of,
    request_registration,
)
from services.identity.use_cases.activation import normalised_code
from services.identity.use_cases.ports import Hasher, Kept, KeptPasswords, Origin, Tries
from services.identity.use_cases.sign_in import Answered, Gatekeeper, Subjects, minutes
from shared.contracts.identity import REGISTRATION_CODE
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.pace import even_pace
from shared.kernel.clock import Clock
from shared.kernel.envelope import Actor, Event, Personal, Request
from shared.kernel.refusals import IdempotencyKeyReused, Refusal, raise_all
from shared.privacy.lookup import LookupKey, normalised
from shared.privacy.vault import Vault

REGISTRATION_ENDS = "registration-ends"
VISITOR = Actor("visitor")
"""Whoever has no account yet: nothing but the key, which the ticket follows from, tells one from another."""


@dataclass(frozen=True, slots=True)
class RegistrationTry:
    """What is typed. `document_kind` is one of DOCUMENT_LOOKUPS."""

    code: str
    name: str
    document_kind: str
    number: str
    mobile: str
    password: str
    answered: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Registering:
    """The use case. `stems` are those of common passwords, `pace` the least time a refusal takes, in seconds."""

    store: EventStore
    clock: Clock
    vault: Vault
    lookup: LookupKey
    subjects: Subjects
    gatekeeper: Gatekeeper
    hasher: Hasher
    kept: KeptPasswords
    deadlines: Deadlines
    tries: Tries
    stems: frozenset[str]
    pace: float

    async def register(self, attempt: RegistrationTry, key: str, correlation: str, origin: Origin) -> str:
        """The ticket by which the outcome is asked for; the same key gives the same one.

        Nobody is looked up: the answer tells neither whether the number is known nor whether the code is right. Raises
        FormFaulty or a single slip of the form, CaptchaWrong, TooManyTriesFromHere, RegistrationLocked,
        IdempotencyKeyReused.
        """
        who, code = _read(attempt)
        ticket = self.lookup.hash("registration-ticket", key).partition(".")[2]
        registration = registration_of(ticket)
        request = Request(VISITOR, key, self._fingerprint(who, code), correlation)
        if await self._repeated(registration, request, attempt.password):
            return ticket
        self._check(who, code, attempt.password)
        code_hash = self.lookup.hash(REGISTRATION_CODE, code)
        async with even_pace(self.pace):
            await self.gatekeeper.pass_(attempt.answered, origin)
            buckets = self._buckets(who, code_hash)
            await self._count(buckets)
            hashed = await self.hasher.hash(normalised_password(attempt.password))
            personal = Personal(person=registration, values=asdict(who))
            command = RequestRegistration(code_hash=code_hash, personal=personal)
            await self._request(registration, request, command, Kept(registration, hashed, buckets))
        return ticket

    async def _repeated(self, registration: str, request: Request, password: str) -> bool:
        """The password is in no hash that stays: while it is kept, another one is told apart by the kept one."""
        if not await first_answer(self.store, registration, request):
            return False
        kept = await self.kept.find(registration)
        if kept and not await self.hasher.verify(kept.hash, normalised_password(password)):
            raise IdempotencyKeyReused
        return True

    def _fingerprint(self, who: Registrant, code: str) -> str:
        """Tells requests apart by a keyed hash: a plain one of these few values could be guessed (X34)."""
        return self.lookup.hash("registration-request", orjson.dumps([asdict(who), code]).decode())

    def _check(self, who: Registrant, code: str, password: str) -> None:
        faults: list[Refusal] = list(slips(who, code))
        try:
            check_password_form(password, self.stems)
            check_own_data(password, Owner(number=who.number, mobile=who.mobile, name=who.name))
        except Refusal as fault:
            faults.append(fault)
        raise_all(faults)

    def _buckets(self, who: Registrant, code_hash: str) -> tuple[str, ...]:
        """Apart from those of signing in: a stranger's tries at registering keep nobody from signing in."""
        return (f"registering:{self.subjects.of(who.document_kind, who.number)}", f"registration-code:{code_hash}")

    async def _count(self, buckets: Sequence[str]) -> None:
        """Every try counts until one comes to a good end: whether a code was right is known only later."""
        now = self.clock.now()
        for bucket in buckets:
            locked_until = await self.tries.begin(bucket, now)
            if locked_until:
                raise RegistrationLocked(minutes=minutes(locked_until - now))

    async def _request(self, registration: str, request: Request, command: RequestRegistration, kept: Kept) -> None:
        """The fact, the registration's key, the kept hash and the deadline, in one transaction."""
        now = self.clock.now()
        key, key_row = self.vault.new_key(registration, now)

        def conditions(_state: Registration, events: Sequence[Event]) -> Sequence[Condition]:
            due_at: datetime = events[0].due_at  # type: ignore[attr-defined]
            deadline = Deadline(registration, REGISTRATION_ENDS, registration, due_at)
            return [key_row, self.kept.first(kept), self.deadlines.row(deadline)]

        async def keys(_events: Sequence[Event]) -> dict[str, bytes]:
            return {registration: key}

        await execute(
            self.store,
            REGISTRATION,
            registration,
            request,
            lambda state: request_registration(command, state, now),
            conditions=conditions,
            keys=keys,
        )


def _read(attempt: RegistrationTry) -> tuple[Registrant, str]:
    """Without what people and keyboards put into it: width, case, blanks, hyphens of a code or a phone."""
    name = " ".join(unicodedata.normalize("NFKC", attempt.name).split())
    mobile = normalised(attempt.mobile).translate(str.maketrans("", "", "-()"))
    mainland = mobile.removeprefix("+86").removeprefix("0086")
    who = Registrant(name, attempt.document_kind, normalised(attempt.number), mainland)
    return who, normalised_code(attempt.code)
