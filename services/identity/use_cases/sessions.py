"""IDN-09, X07: sessions - begun with a new secret each time, exchanged for short tokens, ended one by one or all."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.identity.domain.sessions import ABSOLUTE, agent_of, is_alive, place_of
from services.identity.domain.sign_in import SessionEnded
from services.identity.projections.standings import Standings
from services.identity.use_cases.ports import (
    Credential,
    Credentials,
    LogEntry,
    Origin,
    Outcome,
    Session,
    Sessions,
    SignInLog,
    Tokens,
)
from shared.http.tokens import LIFETIME_SECONDS, Principal
from shared.kernel.clock import Clock

SEEN_EVERY_SECONDS = 20


@dataclass(frozen=True, slots=True)
class SessionBegun:
    """`secret` goes to the browser and is nowhere else; 256 random bits."""

    secret: str
    principal: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Exchanged:
    token: str
    expires_in: int
    principal: str


def is_operator(principal: str) -> bool:
    return principal.startswith("operator-")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeeper:
    """Begins, exchanges and ends sessions."""

    clock: Clock
    sessions: Sessions
    credentials: Credentials
    standings: Standings
    tokens: Tokens
    log: SignInLog

    async def begin(self, credential: Credential, origin: Origin, outcome: Outcome) -> SessionBegun:
        """A session for whoever just proved the credential; logged first, so that none is without its entry.

        It stands or falls with the credential's version: a password changed meanwhile, or an account released, has
        ended it before it is used.
        """
        now = self.clock.now()
        secret = secrets.token_urlsafe(32)
        session = Session(
            id=str(uuid4()),
            principal=credential.principal,
            credential_version=credential.version,
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
            place=place_of(origin.address),
            agent=agent_of(origin.agent),
        )
        await self.log.write(
            LogEntry(now, session.principal, outcome, session.place, session.agent, session=session.id)
        )
        await self.sessions.begin(session, secret)
        return SessionBegun(secret, session.principal, session.expires_at)

    async def exchange(self, secret: str) -> Exchanged:
        """A token of five minutes for a living session. Raises SessionEnded."""
        session = await self._living(await self.sessions.by_secret(secret))
        now = self.clock.now()
        if (now - session.seen_at).total_seconds() >= SEEN_EVERY_SECONDS:
            await self.sessions.seen(session, now)
        principal = Principal(session.principal, session.id, central=is_operator(session.principal))
        return Exchanged(self.tokens.sign(principal, now), LIFETIME_SECONDS, session.principal)

    async def require(self, principal: Principal) -> Session:
        """The living session a token was made from: a token outlives it by minutes, which is too long in here."""
        session = await self._living(await self.sessions.by_id(principal.session))
        if session.principal != principal.id:
            raise SessionEnded
        return session

    async def mine(self, principal: Principal) -> list[Session]:
        """The caller's living sessions, the newest first."""
        current = await self.require(principal)
        admin = await self._strict(principal.id)
        now = self.clock.now()
        return [
            s
            for s in await self.sessions.of(principal.id)
            if s.credential_version == current.credential_version
            and is_alive(s.seen_at, s.expires_at, now, admin=admin)
        ]

    async def end(self, principal: Principal, session_id: str) -> None:
        """Ends one session of the caller's own; one that is not there has ended already."""
        session = await self.require(principal)
        if await self.sessions.end(principal.id, session_id):
            own = session_id == session.id
            await self._note(session, Outcome.SIGNED_OUT if own else Outcome.SESSION_ENDED, session_id)

    async def end_all(self, principal: Principal) -> int:
        """Signs out everywhere, here too; how many sessions that were."""
        session = await self.require(principal)
        ended = await self.sessions.end_all([principal.id])
        await self._note(session, Outcome.SIGNED_OUT_EVERYWHERE, session.id)
        return ended

    async def _living(self, session: Session | None) -> Session:
        if session is None:
            raise SessionEnded
        credential, admin = await asyncio.gather(
            self.credentials.find(session.principal), self._strict(session.principal)
        )
        current = credential is not None and credential.version == session.credential_version
        if current and is_alive(session.seen_at, session.expires_at, self.clock.now(), admin=admin):
            return session
        await self.sessions.end(session.principal, session.id)
        raise SessionEnded

    async def _strict(self, principal: str) -> bool:
        return is_operator(principal) or await self.standings.is_admin(principal)

    async def _note(self, session: Session, outcome: Outcome, session_id: str) -> None:
        entry = LogEntry(self.clock.now(), session.principal, outcome, session.place, session.agent, session_id)
        await self.log.write(entry)
