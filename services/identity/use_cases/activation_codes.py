"""IDN-04: the second item - a code that an admin hands to the person - and what an admin sees of an account."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, assert_never

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    ActiveAccount,
    InactiveAccount,
    IssueActivationCode,
    NoAccount,
    ReleasedAccount,
    account_of,
    issue_activation_code,
)
from services.identity.domain.events import ActivationCodeIssued
from services.identity.domain.sign_in import CodeShownBefore
from services.identity.projections.people import People
from services.identity.projections.standings import Standings
from services.identity.use_cases.activation import normalised_code
from services.identity.use_cases.ports import Code, Codes, Hasher, SignInLog, Tries
from services.identity.use_cases.sign_in import number_bucket
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.clock import Clock
from shared.kernel.envelope import Request

CODE_BYTES = 5


class Scopes(Protocol):
    """Who may do what for people of these organizations; raises the refusals of ADM-08 and X14."""

    async def require_write(self, principal: Principal, organizations: list[str]) -> None: ...

    async def require_read(self, principal: Principal, organizations: list[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class CodeIssued:
    """`code` is shown once and kept nowhere."""

    stream: str
    version: int
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """`state`: `none`, `inactive`, `active` or `locked` (too many wrong tries at the moment)."""

    state: str
    activated_at: datetime | None = None
    last_sign_in_at: datetime | None = None


class ActivationCodes:
    """The use case."""

    def __init__(
        self,
        *,
        store: EventStore,
        clock: Clock,
        scopes: Scopes,
        people: People,
        standings: Standings,
        codes: Codes,
        hasher: Hasher,
        tries: Tries,
        log: SignInLog,
    ) -> None:
        self._store = store
        self._clock = clock
        self._scopes = scopes
        self._people = people
        self._standings = standings
        self._codes = codes
        self._hasher = hasher
        self._tries = tries
        self._log = log

    async def issue(self, principal: Principal, request: Request, person: str) -> CodeIssued:
        """A new code of eight base32 characters for 24 hours; earlier ones are void.

        By an admin of an organization the person belongs to or of its superior. Raises AccountAbsent,
        AccountAlreadyActivated, CodeShownBefore, or a refusal of ADM-08.
        """
        await self._scopes.require_write(principal, await self._organizations(person))
        command = IssueActivationCode(person=person, organization=principal.organization)
        answer = await execute(
            self._store,
            ACCOUNT,
            account_of(person),
            request,
            lambda state: issue_activation_code(command, state, self._clock.now()),
        )
        [event] = answer.events
        if answer.repeated or not isinstance(event, ActivationCodeIssued):
            raise CodeShownBefore
        code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
        await self._codes.put(Code(person, await self._hasher.hash(normalised_code(code)), event.expires_at))
        return CodeIssued(answer.stream, answer.version, code, event.expires_at)

    async def account(self, principal: Principal, person: str) -> AccountView:
        """What an admin who may read the person sees of the account."""
        await self._scopes.require_read(principal, await self._organizations(person))
        commits = await self._store.load(account_of(person))
        state = ACCOUNT.fold(e for c in commits for e in c.events)  # type: ignore[misc]
        match state:
            case NoAccount() | ReleasedAccount():
                return AccountView("none")
            case InactiveAccount():
                return AccountView("inactive")
            case ActiveAccount():
                known = await self._people.by_id(person)
                now = self._clock.now()
                locked = known and await self._tries.locked_until(number_bucket(known.number_hash), now)
                last = await self._log.last_sign_in(person)
                return AccountView("locked" if locked else "active", state.activated_at, last)
            case _:
                assert_never(state)

    async def _organizations(self, person: str) -> list[str]:
        """Where the person belongs: member, position, admin. Raises AccountAbsent where nowhere."""
        organizations = list(await self._standings.roles(person))
        if not organizations:
            raise AccountAbsent
        return organizations
