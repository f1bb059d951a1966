"""ADM-04, IDN-02, P8: how a registration ends. At every end the kept hash and the registration's key are destroyed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    ActivateByRegistration,
    account_of,
    activate_by_registration,
)
from services.identity.domain.events import RegistrationEvent
from services.identity.domain.registration import (
    REGISTRATION,
    CompletedRegistration,
    CompleteRegistration,
    ExpireRegistration,
    LapseRegistration,
    NoRegistration,
    RefusedRegistration,
    RefuseRegistration,
    Registration,
    WaitingRegistration,
    complete_registration,
    expire_registration,
    lapse_registration,
    refuse_registration,
    registration_of,
)
from services.identity.use_cases.ports import Credentials, Kept, KeptPasswords, Tries
from shared.deadlines.rows import Deadline
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.http.refusals import NothingHere
from shared.kernel.clock import Clock
from shared.kernel.envelope import Actor, Command, Request
from shared.kernel.ids import request_hash
from shared.privacy.vault import Vault

SELF = Actor("service:identity")
_Decide = Callable[[Registration], Sequence[RegistrationEvent]]


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """Where it stands; nothing personal. `reason` is the code of what refused it."""

    state: Literal["waiting", "done", "refused", "lapsed"]
    own_password: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """The use cases, sent by the reactions and by the worker of the deadlines; a second time they change nothing.

    Their requests name the fact they follow by what it says, so it may come from several topics or come again.
    """

    store: EventStore
    clock: Clock
    vault: Vault
    kept: KeptPasswords
    credentials: Credentials
    tries: Tries

    async def view(self, ticket: str) -> RegistrationView:
        """Raises NothingHere for a ticket of nothing."""
        state = await self._state(registration_of(ticket))
        match state:
            case NoRegistration():
                raise NothingHere
            case WaitingRegistration():
                return RegistrationView("waiting")
            case CompletedRegistration():
                return RegistrationView("done", own_password=state.own_password)
            case RefusedRegistration():
                return RegistrationView("refused", reason=state.reason)
            case _:
                return RegistrationView("lapsed")

    async def refuse(self, registration: str, command: RefuseRegistration) -> None:
        """Org found no such code, or member did not enter who it is."""
        await self._end(registration, command, lambda state: refuse_registration(command, state))

    async def lapse(self, registration: str) -> None:
        """Org gave the place free."""
        command = LapseRegistration()
        await self._end(registration, command, lambda state: lapse_registration(command, state))

    async def expire(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends."""
        command = ExpireRegistration()
        await self._end(deadline.stream, command, lambda state: expire_registration(command, state, now))

    async def appointed(self, registration: str, person: str) -> None:
        """Org made the registrant an admin. The account comes first, then the outcome, then what is kept: cut anywhere,
        the repeat goes on from there. That member knows the person is true, whether or not it was heard here already.
        """
        kept = await self.kept.find(registration)
        if kept is None:
            return
        try:
            own_password = not await self._activated(kept, person)
        except AccountAbsent:  # the number was given free meanwhile
            await self.lapse(registration)
            return
        command = CompleteRegistration(person=person, own_password=own_password)
        await self.tries.forgive(kept.buckets)
        await self._end(registration, command, lambda state: complete_registration(command, state))

    async def _activated(self, kept: Kept, person: str) -> bool:
        """Whether the account has the kept password, also by an earlier call; an active one keeps its own.

        Raises AccountAbsent.
        """
        command = ActivateByRegistration(person=person)
        request = Request(SELF, kept.registration, request_hash(command.model_dump(mode="json")))
        answer = await execute(
            self.store,
            ACCOUNT,
            account_of(person),
            request,
            lambda state: activate_by_registration(command, state, self.clock.now()),
            conditions=lambda _state, _events: [self.credentials.first(person, kept.hash)],
        )
        return bool(answer.events)

    async def _end(self, registration: str, command: Command, decide: _Decide) -> None:
        body_hash = request_hash(command.model_dump(mode="json"))
        request = Request(SELF, f"{type(command).__name__}:{body_hash}", body_hash)
        await execute(self.store, REGISTRATION, registration, request, decide)
        if not isinstance(await self._state(registration), WaitingRegistration):
            await self.vault.destroy([registration], self.clock.now())
            await self.kept.destroy(registration)  # last: without it a repeat has nothing to do

    async def _state(self, registration: str) -> Registration:
        commits = await self.store.load(registration)
        return REGISTRATION.fold(e for c in commits for e in c.events)  # type: ignore[misc]
