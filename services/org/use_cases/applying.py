"""ADM-07 for who has no account: an application is sent, and followed by a ticket that nobody can guess."""

import base64
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

import orjson

from services.org.domain.application import (
    APPLICATION,
    AccountApplicationNotPossible,
    Application,
    ApplicationFormOfOtherKind,
    ApplicationFormTooLarge,
    SubmitAccountApplication,
    may_apply,
    submit_account_application,
)
from services.org.domain.documents import kind_of_document
from services.org.domain.events import AccountApplicationSubmitted
from services.org.domain.organization import Organization
from services.org.use_cases.documents import safe_name
from services.org.use_cases.dossiers import Dossier, Dossiers
from services.org.use_cases.superiors import state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition, Gate
from shared.eventstore.execute import Answer, execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.refusals import NothingHere
from shared.kernel import ids
from shared.kernel.envelope import Actor, Event, Personal, Request
from shared.privacy.lookup import LookupKey
from shared.privacy.sealing import fingerprint, seal_blob
from shared.privacy.vault import Vault

VISITOR = Actor("visitor")
"""Who has no account."""
OPEN = "open-account-application"
APPLICATION_LAPSES = "account-application-lapses"
TICKET = "application-ticket"
TICKET_CHARACTERS = 26
"""Of base32: 130 bits."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What is filled in; all but `organization` is personal."""

    organization: str
    responsible: str
    phone: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Sent:
    """`ticket` follows it: in this answer and its repeats only."""

    ticket: str
    due_at: datetime


class Forms(Protocol):
    """Where the sealed forms lie. One that no application took is removed within a day."""

    async def add(self, form: str, sealed: bytes) -> None: ...
    def taken(self, form: str) -> Gate: ...
    async def content(self, form: str) -> bytes | None: ...
    async def delete(self, form: str) -> None: ...


class TicketKey:
    """Tickets follow from the request by a keyed hash, the stream from the ticket: nothing keeps them (ADR 0019)."""

    def __init__(self, lookup: LookupKey) -> None:
        self._lookup = lookup

    def ticket(self, key: str) -> str:
        """Who does not know the idempotency key cannot make it again."""
        source = self._lookup.hash(TICKET, ids.derived(TICKET, key))
        return base64.b32encode(bytes.fromhex(source.partition(".")[2])).decode()[:TICKET_CHARACTERS]

    def fingerprint(self, submission: Submission, content: bytes) -> str:
        """Tells requests apart by a keyed hash: a plain one of a name and a number could be guessed (X34)."""
        parts = [*astuple(submission), sha256(content).hexdigest()]
        return self._lookup.hash("application-request", orjson.dumps(parts).decode())


def application_of(service: str, ticket: str) -> str:
    """The stream that a ticket follows; the way back is closed."""
    return ids.new_stream(APPLICATION.kind, service, VISITOR.principal, ticket)


class Applying:
    """The use cases. `life` is how long the superior has to decide."""

    def __init__(
        self,
        store: EventStore,
        rows: TreeRows,
        forms: Forms,
        vault: Vault,
        deadlines: Deadlines,
        key: TicketKey,
        life: timedelta,
    ) -> None:
        self._store = store
        self._rows = rows
        self._forms = forms
        self._vault = vault
        self._deadlines = deadlines
        self._key = key
        self._life = life
        self._dossiers = Dossiers(store, vault)

    async def submit(self, key: str, correlation: str, submission: Submission, content: bytes) -> Sent:
        """A repeat answers with the same ticket.

        Raises AccountApplicationNotPossible, ApplicationFormTooLarge, ApplicationFormOfOtherKind.
        """
        media_type, extension = kind_of_document(content, ApplicationFormTooLarge, ApplicationFormOfOtherKind)
        request = Request(VISITOR, key, self._key.fingerprint(submission, content), correlation)
        ticket = self._key.ticket(key)
        application = application_of(self._store.codec.service, ticket)
        answer = await first_answer(self._store, application, request)
        if answer is None:
            states = await self._possible(submission.organization)
            answer = await self._submit(request, application, submission, content, (media_type, extension), states)
        (event,) = answer.events
        if not isinstance(event, AccountApplicationSubmitted):
            raise TypeError(f"{application} begins with {type(event).__name__}")
        return Sent(ticket, event.due_at)

    async def follow(self, ticket: str) -> Dossier:
        """What became of it. Raises NothingHere for a ticket that nobody was given."""
        dossier = await self._dossiers.of(application_of(self._store.codec.service, ticket))
        if dossier is None:
            raise NothingHere
        return dossier

    async def waiting(self, organizations: Sequence[str]) -> set[str]:
        """Those of them that have an open application."""
        claims = {Claim(OPEN, each).id: each for each in organizations}
        found = self._store.database["claims"].find({"_id": {"$in": list(claims)}}, {"_id": 1})
        return {claims[row["_id"]] for row in await found.to_list(None)}

    async def _possible(self, organization: str) -> tuple[Organization, Organization]:
        """The states it is decided from, its own and its superior's, before anything is kept of it."""
        path = await self._rows.path(organization)
        if len(path) > 1 and not await self.waiting([organization]):
            above, own = await state_of(self._store, path[-2]), await state_of(self._store, organization)
            if may_apply(own, above):
                return own, above
        raise AccountApplicationNotPossible(field="organization")

    async def _submit(
        self,
        request: Request,
        application: str,
        submission: Submission,
        content: bytes,
        kind: tuple[str, str],
        states: tuple[Organization, Organization],
    ) -> Answer:
        """The form is named by its key: a try that was cut off leaves one that nothing names and nothing opens."""
        key, key_row = self._vault.new_key(application, self._store.codec.now())
        form = ids.derived("application-form", application, fingerprint(key))
        await self._forms.add(form, seal_blob(key, application, form, content))
        command = self._command(application, submission, form, kind)

        def conditions(_: Application, events: Sequence[Event]) -> Sequence[Condition]:
            (event,) = (e for e in events if isinstance(e, AccountApplicationSubmitted))
            deadline = Deadline(ids.derived("lapses", application), APPLICATION_LAPSES, application, event.due_at)
            return [Claim(OPEN, event.organization), key_row, self._deadlines.row(deadline), self._forms.taken(form)]

        async def keys(_: Sequence[Event]) -> dict[str, bytes]:
            return {application: key}

        return await execute(
            self._store,
            APPLICATION,
            application,
            request,
            lambda _: submit_account_application(command, *states, self._store.codec.now()),
            conditions=conditions,
            keys=keys,
            refuse=lambda _: AccountApplicationNotPossible(field="organization"),
        )

    def _command(
        self, application: str, submission: Submission, form: str, kind: tuple[str, str]
    ) -> SubmitAccountApplication:
        media_type, extension = kind
        values = {
            "responsible": submission.responsible,
            "phone": submission.phone,
            "file_name": safe_name(submission.file_name, extension, "申请表"),
        }
        return SubmitAccountApplication(
            organization=submission.organization,
            form=form,
            media_type=media_type,
            sealed=Personal(person=application, values=values),
            life=self._life,
        )
