"""IDN-09, X02: a new password for the old one; every session ends, and one begins anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.identity.domain.passwords import Owner, check_own_data, check_password_form, normalised_password
from services.identity.domain.sessions import agent_of, place_of
from services.identity.domain.sign_in import OldPasswordWrong, SessionEnded, SignInLocked
from services.identity.projections.people import KnownPerson, People
from services.identity.use_cases.ports import (
    Credential,
    Credentials,
    Hasher,
    LogEntry,
    Origin,
    Outcome,
    Sessions,
    SignInLog,
    Tries,
)
from services.identity.use_cases.sessions import SessionBegun, SessionKeeper
from services.identity.use_cases.sign_in import minutes
from shared.http.pace import even_pace
from shared.http.tokens import Principal
from shared.kernel.clock import Clock
from shared.kernel.refusals import ChangedMeanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """The use case. `stems` are those of common passwords, `pace` the least time a refusal takes, in seconds."""

    clock: Clock
    people: People
    credentials: Credentials
    hasher: Hasher
    tries: Tries
    sessions: Sessions
    keeper: SessionKeeper
    log: SignInLog
    stems: frozenset[str]
    pace: float

    async def change(self, principal: Principal, old: str, new: str, origin: Origin) -> SessionBegun:
        """Raises OldPasswordWrong, SignInLocked, SessionEnded or a refusal of X02."""
        check_password_form(new, self.stems)
        async with even_pace(self.pace):
            await self.keeper.require(principal)
            credential = await self._proved(principal.id, old, origin)
            known = await self.people.by_id(principal.id)
            if known is not None:
                check_own_data(new, owner_of(known, await self.people.opened(known)))
            hashed = await self.hasher.hash(normalised_password(new))
            if not await self.credentials.change(credential, hashed, self._entry(principal.id, origin)):
                raise ChangedMeanwhile
            await self.sessions.end_all([principal.id])
            renewed = Credential(credential.principal, credential.version + 1, hashed)
            return await self.keeper.begin(renewed, origin, Outcome.SIGNED_IN)

    async def _proved(self, principal: str, old: str, origin: Origin) -> Credential:
        now = self.clock.now()
        bucket = f"password:{principal}"
        locked_until = await self.tries.begin(bucket, now)
        if locked_until:
            raise SignInLocked(minutes=minutes(locked_until - now))
        credential = await self.credentials.find(principal)
        if credential is None:
            raise SessionEnded
        if not await self.hasher.verify(credential.hash, normalised_password(old)):
            await self.log.write(self._entry(principal, origin, Outcome.PASSWORD_REFUSED))
            raise OldPasswordWrong(field="old_password")
        await self.tries.forgive([bucket])
        return credential

    def _entry(self, principal: str, origin: Origin, outcome: Outcome = Outcome.PASSWORD_CHANGED) -> LogEntry:
        return LogEntry(self.clock.now(), principal, outcome, place_of(origin.address), agent_of(origin.agent))


def owner_of(known: KnownPerson, opened: Mapping[str, str]) -> Owner:
    """X02: what of a person a new password must not be made of."""
    return Owner(number=opened.get("number", ""), mobile=opened.get("mobile", ""), name=known.name)
