"""IDN-04: the second item - a code that an admin hands to the person - and what an admin sees of an account."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from shared.authority.refusals import OutsideAuthority
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.clock import Clock
from shared.kernel.envelope import Request

CODE_BYTES = 5


class Rights(Protocol):
    """Authority, as far as needed here. Raises OutsideAuthority and AuthorityTooOld."""

    async def require_write_to_one(self, principal: Principal, scopes: Sequence[str]) -> None: ...

    async def may_read(self, principal: Principal, scope: str) -> bool: ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCodes:
    """The use case. `life` is how long a code can be used."""

    store: EventStore
    clock: Clock
    rights: Rights
    people: People
    standings: Standings
    codes: Codes
    hasher: Hasher
    tries: Tries
    log: SignInLog
    life: timedelta

    async def issue(self, principal: Principal, request: Request, person: str) -> CodeIssued:
        """A new code of eight base32 characters; earlier ones are void.

        By an admin of an organization the person belongs to or of its superior, and only once it can be used: the
        person can be found by number. Raises AccountAbsent, AccountAlreadyActivated, CodeShownBefore, OutsideAuthority
        or AuthorityTooOld.
        """
        places = await self.standings.roles(person)
        await self.rights.require_write_to_one(principal, tuple(places))  # nobody belongs nowhere: outside, too (X14)
        known = await self.people.by_id(person)
        if known is None:
            raise AccountAbsent
        command = IssueActivationCode(
            person=person, organization=principal.organization, identified_at=known.identified_at, life=self.life
        )
        answer = await execute(
            self.store,
            ACCOUNT,
            account_of(person),
            request,
            lambda state: issue_activation_code(command, state, self.clock.now()),
        )
        event = answer.events[-1]
        if answer.repeated or not isinstance(event, ActivationCodeIssued):
            raise CodeShownBefore
        code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
        await self.codes.put(Code(person, await self.hasher.hash(normalised_code(code)), event.expires_at))
        return CodeIssued(answer.stream, answer.version, code, event.expires_at)

    async def account(self, principal: Principal, person: str) -> AccountView:
        """What an admin who may read the person sees of the account."""
        places = await self.standings.roles(person)
        if not any([await self.rights.may_read(principal, place) for place in places]):
            raise OutsideAuthority
        commits = await self.store.load(account_of(person))
        state = ACCOUNT.fold(e for c in commits for e in c.events)  # type: ignore[misc]
        known = await self.people.by_id(person)
        match state:
            case NoAccount() | InactiveAccount():
                return AccountView("inactive" if known else "none")
            case ReleasedAccount():
                return AccountView("none")
            case ActiveAccount():
                now = self.clock.now()
                locked = known and await self.tries.locked_until(number_bucket(known.number_hash), now)
                last = await self.log.last_sign_in(person)
                return AccountView("locked" if locked else "active", state.activated_at, last)
            case _:
                assert_never(state)
