"""ADM-07 for the direct superior: applications are opened, approved with a code, refused; they lapse, are forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from services.org.domain.application import (
    APPLICATION,
    Application,
    ApproveAccountApplication,
    DestroyApplicationData,
    EndedApplication,
    LapseAccountApplication,
    RefuseAccountApplication,
    approve_account_application,
    check_decides,
    check_open,
    destroy_application_data,
    lapse_account_application,
    organization_of,
    refuse_account_application,
)
from services.org.domain.events import (
    AccountApplicationApproved,
    AccountApplicationLapsed,
    AccountApplicationRefused,
    ApplicationEvent,
)
from services.org.domain.organization import Organization
from services.org.use_cases.applying import OPEN, Forms
from services.org.use_cases.codes import SELF, CodeMade, RegistrationCodes
from services.org.use_cases.dossiers import Dossier, Dossiers
from services.org.use_cases.superiors import Superiors
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.chunk import Fenced
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Condition, Lost, Release
from shared.eventstore.execute import ATTEMPTS, Answer, answered_before, execute
from shared.eventstore.store import EventStore
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.envelope import Command, Event, Personal, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import ChangedMeanwhile
from shared.privacy.sealing import open_blob
from shared.privacy.vault import ERASED, Vault

DATA_DESTROYED = "application-data-destroyed"


@dataclass(frozen=True, slots=True)
class Form:
    """A stamped form, opened."""

    file_name: str
    media_type: str
    content: bytes


class _CodeLost(Exception):
    """The organization's stream moved on while both commits were on their way: nothing was written."""


class Deciding:
    """The use cases. `kept` is how long the personal data of an ended application stay."""

    def __init__(
        self,
        store: EventStore,
        superiors: Superiors,
        codes: RegistrationCodes,
        forms: Forms,
        vault: Vault,
        deadlines: Deadlines,
        kept: timedelta,
    ) -> None:
        self._store = store
        self._superiors = superiors
        self._codes = codes
        self._forms = forms
        self._vault = vault
        self._deadlines = deadlines
        self._kept = kept
        self._dossiers = Dossiers(store, vault)

    async def dossier(self, principal: Principal, application: str) -> Dossier:
        """For the direct superior's own admins. Raises what `Superiors.of` raises, SuperiorDecidesApplications."""
        await self._allowed(principal, application)
        found = await self._dossiers.of(application)
        if found is None:
            raise NothingHere
        return found

    async def form(self, principal: Principal, application: str) -> Form:
        """The same; raises NothingHere once it was destroyed."""
        dossier = await self.dossier(principal, application)
        sealed = await self._forms.content(dossier.submitted.form)
        key = (await self._vault.keys([application]))[application]
        if sealed is None or key is ERASED:
            raise NothingHere
        content = open_blob(key, application, dossier.submitted.form, sealed)
        return Form(dossier.personal["file_name"], dossier.submitted.media_type, content)

    async def approve(self, principal: Principal, request: Request, application: str) -> CodeMade:
        """The application ends and its organization gets a registration code, both or neither. A repeat shows it again.

        Raises AccountApplicationOver, and whatever the making of a code raises.
        """
        organization, superior, by = await self._allowed(principal, application)
        commit_id = ids.commit_id(self._store.codec.service, request.actor.principal, request.key, application)
        for _ in range(ATTEMPTS):
            stored = await self._store.load(application)
            if repeated := answered_before(stored, commit_id, request):
                return await self._codes.shown_again(repeated, request, organization)
            state = APPLICATION.fold(cast("ApplicationEvent", e) for c in stored for e in c.events)
            check_open(state, self._store.codec.now())
            making = await self._codes.making(request, organization, superior, by)
            if making is None:
                continue  # the same request is just being answered: the next look finds its answer
            code, made = making
            command = ApproveAccountApplication(code=made.code_id, code_due_at=made.due_at, kept=self._kept)
            events = approve_account_application(command, state, self._store.codec.now())
            commit = Commit(
                stream=application,
                version=stored[-1].version + 1,
                commit_id=commit_id,
                request=request,
                events=tuple(events),
                conditions=tuple(self._ended(application, state, events)),
                previous_at=stored[-1].at,
            )
            if await self._both(commit, code):
                answer = Answer(application, commit.version, commit.events)
                return CodeMade(answer, made.code_id, made.code, made.due_at)
        raise ChangedMeanwhile

    async def _both(self, approval: Commit, code: Commit) -> bool:
        """False if either stream moved on: then neither was written."""

        def fence(lost: Mapping[str, Lost]) -> Commit:
            if lost:
                raise _CodeLost
            return approval

        try:
            await self._store.append_chunk([code], fence)
        except (_CodeLost, Fenced):
            return False
        return True

    async def refuse(self, principal: Principal, request: Request, application: str, reason: str) -> Answer:
        """Raises AccountApplicationOver."""
        await self._allowed(principal, application)
        sealed = Personal(person=application, values={"reason": reason})
        command = RefuseAccountApplication(reason=sealed, kept=self._kept)

        async def keys(_: Sequence[Event]) -> dict[str, bytes]:
            held = await self._vault.keys([application])
            return {owner: key for owner, key in held.items() if key is not ERASED}

        return await execute(
            self._store,
            APPLICATION,
            application,
            request,
            lambda state: refuse_account_application(command, state, self._store.codec.now()),
            conditions=lambda state, events: self._ended(application, state, events),
            keys=keys,
        )

    async def lapse(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends."""
        command, application = LapseAccountApplication(kept=self._kept), deadline.stream
        await execute(
            self._store,
            APPLICATION,
            application,
            _reminded(deadline, command),
            lambda state: lapse_account_application(command, state, now),
            conditions=lambda state, events: self._ended(application, state, events),
        )

    async def destroy(self, deadline: Deadline, now: datetime) -> None:
        """P11: key first, then the form, then the fact; stopped in between, the deadline comes again."""
        command, application = DestroyApplicationData(), deadline.stream
        stored = await self._store.load(application)
        state = APPLICATION.fold(cast("ApplicationEvent", e) for c in stored for e in c.events)
        if not destroy_application_data(command, state, now) or not isinstance(state, EndedApplication):
            return
        await self._vault.destroy([application], now)
        await self._forms.delete(state.form)
        await execute(
            self._store,
            APPLICATION,
            application,
            _reminded(deadline, command),
            lambda state: destroy_application_data(command, state, now),
        )

    def _ended(self, application: str, state: Application, events: Sequence[Event]) -> Sequence[Condition]:
        """The organization can apply again, and the data have their deadline."""
        ends = (AccountApplicationApproved, AccountApplicationRefused, AccountApplicationLapsed)
        (event,) = (e for e in events if isinstance(e, ends))
        deadline = Deadline(ids.derived("destroyed", application), DATA_DESTROYED, application, event.destroy_at)
        return [Release(OPEN, organization_of(state)), self._deadlines.row(deadline)]

    async def _allowed(self, principal: Principal, application: str) -> tuple[str, Organization, str | None]:
        """The organization, its superior's state and whose own right counts there."""
        commits = await self._store.load(application)
        state = APPLICATION.fold(cast("ApplicationEvent", e) for c in commits for e in c.events)
        organization = organization_of(state)
        superior, by = await self._superiors.of(principal, organization)
        check_decides(superior, by)
        return organization, superior, by


def _reminded(deadline: Deadline, command: Command) -> Request:
    return Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
