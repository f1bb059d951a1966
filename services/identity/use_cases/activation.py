"""IDN-04, X01: the first password. The initial one opens this step only, with a code that an admin handed out."""

import hmac
import secrets
from dataclasses import dataclass

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    ActivateAccount,
    account_of,
    activate_account,
    initial_secret,
)
from services.identity.domain.passwords import Owner, check_own_data, check_password_form, normalised_password
from services.identity.domain.sessions import agent_of, place_of
from services.identity.domain.sign_in import ActivationRefused
from services.identity.projections.people import KnownPerson, People
from services.identity.use_cases.passwords import owner_of
from services.identity.use_cases.ports import (
    Codes,
    Credential,
    Credentials,
    Hasher,
    LogEntry,
    Origin,
    Outcome,
    SignInLog,
    Tries,
)
from services.identity.use_cases.sessions import SessionBegun, SessionKeeper
from services.identity.use_cases.sign_in import NOBODY, Answered, Gatekeeper, Subjects, number_bucket
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.http.pace import even_pace
from shared.kernel.clock import Clock
from shared.kernel.envelope import Actor, Request
from shared.kernel.refusals import Refusal
from shared.privacy.lookup import normalised


@dataclass(frozen=True, slots=True)
class ActivationTry:
    """What is typed at the first sign-in. `document_kind` is one of DOCUMENT_LOOKUPS."""

    document_kind: str
    number: str
    initial_password: str
    code: str
    new_password: str
    answered: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """The use case. `stems` are those of common passwords, `pace` the least time a refusal takes, in seconds."""

    store: EventStore
    clock: Clock
    subjects: Subjects
    gatekeeper: Gatekeeper
    people: People
    codes: Codes
    credentials: Credentials
    hasher: Hasher
    tries: Tries
    keeper: SessionKeeper
    log: SignInLog
    stems: frozenset[str]
    pace: float

    async def activate(self, attempt: ActivationTry, origin: Origin) -> SessionBegun:
        """Raises ActivationRefused, alike for whatever does not fit, or a refusal of X02 about the new password."""
        check_password_form(attempt.new_password, self.stems)
        check_own_data(attempt.new_password, Owner(number=normalised(attempt.number)))
        async with even_pace(self.pace):
            address = await self.gatekeeper.pass_(attempt.answered, origin)
            known, code = await self._proved(attempt, origin)
            await self.gatekeeper.was_right(address, self.clock.now())
            try:
                credential = await self._activated(known, attempt.new_password)
            except Refusal:
                await self.codes.give_try_back(known.person, code)
                raise
        await self.codes.delete([known.person])
        await self.tries.forgive([number_bucket(known.number_hash)])
        return await self.keeper.begin(credential, origin, Outcome.ACTIVATED)

    async def _proved(self, attempt: ActivationTry, origin: Origin) -> tuple[KnownPerson, str]:
        """The person and the code's hash, after the same work whoever asks; a wrong try counts against the code.

        The initial password is compared with the number that was typed: its keyed hash found the person, so it is the
        number on file, and nothing sealed has to be opened for a stranger.
        """
        now = self.clock.now()
        subject = self.subjects.of(attempt.document_kind, attempt.number)
        known = await self.people.by_number(subject)
        code = await self.codes.take_try(known.person if known else NOBODY, now)
        code_right = await self.hasher.verify(code, normalised_code(attempt.code))
        wanted, typed = initial_secret(normalised(attempt.number)), normalised(attempt.initial_password)
        initial_right = hmac.compare_digest(wanted.encode(), typed.encode())
        if known is None or code is None or not (code_right and initial_right):
            place, agent = place_of(origin.address), agent_of(origin.agent)
            entry = LogEntry(now, known.person if known else subject, Outcome.ACTIVATION_REFUSED, place, agent)
            await self.log.write(entry)
            raise ActivationRefused
        return known, code

    async def _activated(self, known: KnownPerson, password: str) -> Credential:
        """The account activated and the credential made in one transaction: of two at once, one."""
        check_own_data(password, owner_of(known, await self.people.opened(known)))
        hashed = await self.hasher.hash(normalised_password(password))
        await execute(
            self.store,
            ACCOUNT,
            account_of(known.person),
            Request(Actor(known.person), key=secrets.token_urlsafe(16), body_hash=""),
            lambda state: activate_account(ActivateAccount(person=known.person), state, self.clock.now()),
            conditions=lambda _state, _events: [self.credentials.first(known.person, hashed)],
        )
        credential = await self.credentials.find(known.person)
        if credential is None:
            raise AccountAbsent
        return credential


def normalised_code(code: str) -> str:
    """A code as it is hashed: no spaces or hyphens, upper case, and look-alikes of base32 (0, 1, 8) as its letters."""
    return normalised(code).replace("-", "").translate(str.maketrans("018", "OIB"))
