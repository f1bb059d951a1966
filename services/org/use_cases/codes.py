"""ADM-02, ADM-03: the superior makes registration codes for its direct subordinates, singly or for all, and revokes."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from services.org.domain.admins import AdminQuotaReached
from services.org.domain.codes import (
    ExpireRegistrationCode,
    MakeRegistrationCode,
    RegistrationCodeLive,
    RegistrationCodeUnknown,
    RevokeRegistrationCode,
    check_superior,
    expire_registration_code,
    make_registration_code,
    revoke_registration_code,
)
from services.org.domain.events import OrganizationEvent, RegistrationCodeIssued
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization, Organization, OrganizationUnknown
from services.org.reference import reference_on
from services.org.use_cases.superiors import Rights, own, require_own
from services.org.use_cases.tree_rows import TreeRows
from shared.contracts.identity import REGISTRATION_CODE
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import ChangedMeanwhile, Refusal
from shared.privacy.lookup import LookupKey

CODE_CHARACTERS = 12
CODE_EXPIRES = "registration-code-expires"
CODE_CLAIM = REGISTRATION_CODE
SELF = Actor("service:org")
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class CodeMade:
    """`code` in clear: in this answer and nowhere else."""

    answer: Answer
    code_id: str
    code: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CodeOf:
    """What came of one direct subordinate: a code, or the refusal that says why there is none."""

    organization: str
    made: CodeMade | None = None
    refused: Refusal | None = None


class CodeKey:
    """Codes follow from the request by a keyed hash: a repeat shows the same, and nothing keeps them (ADR 0019)."""

    def __init__(self, lookup: LookupKey) -> None:
        self._lookup = lookup

    def code(self, code_id: str, request: Request) -> str:
        """Twelve base32 characters, 60 bits; who does not know the idempotency key cannot make it again."""
        source = self._lookup.hash("registration-code-source", ids.derived(code_id, request.key))
        return base64.b32encode(bytes.fromhex(source.partition(".")[2])).decode()[:CODE_CHARACTERS]

    def hash(self, code: str) -> str:
        """As it is stored and claimed."""
        return self._lookup.hash(CODE_CLAIM, code)


class RegistrationCodes:
    """The use cases. `life` is how long a code can be used."""

    def __init__(
        self,
        store: EventStore,
        rows: TreeRows,
        rights: Rights,
        deadlines: Deadlines,
        key: CodeKey,
        life: timedelta,
    ) -> None:
        self._store = store
        self._rows = rows
        self._rights = rights
        self._deadlines = deadlines
        self._key = key
        self._life = life

    async def make(self, principal: Principal, request: Request, organization: str) -> CodeMade:
        """For one direct subordinate. A repeat answers with the same code."""
        above, by = await self._superior(principal, organization)
        return await self._make(request, organization, above, by)

    async def make_for_all(self, principal: Principal, request: Request, organization: str) -> Sequence[CodeOf]:
        """For all direct subordinates that have no live code and room for an admin, in the order of their places.

        A repeat answers with the same codes, and makes those that a crash had left out.
        """
        await require_own(self._rights, principal, organization)
        superior, by = await self._state(organization), await own(self._rows, principal, organization)
        check_superior(superior, by)
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(subordinate: str) -> CodeOf:
            async with slots:
                try:
                    return CodeOf(subordinate, made=await self._make(request, subordinate, superior, by))
                except (RegistrationCodeLive, AdminQuotaReached) as refusal:
                    return CodeOf(subordinate, refused=refusal)

        return await asyncio.gather(*(one(each) for each in await self._rows.subordinates(organization)))

    async def revoke(self, principal: Principal, request: Request, organization: str, code: str) -> Answer:
        """ADM-03: an unused one; its place in the quota is free again."""
        superior, by = await self._superior(principal, organization)
        command = RevokeRegistrationCode(code=code)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: revoke_registration_code(command, state, superior, by),
        )

    async def expire(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends; its key is the deadline's name."""
        command = ExpireRegistrationCode(code=deadline.id)
        request = Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
        await execute(
            self._store,
            ORGANIZATION,
            deadline.stream,
            request,
            lambda state: expire_registration_code(command, state, now),
        )

    async def _make(self, request: Request, organization: str, superior: Organization, by: str | None) -> CodeMade:
        code_id = ids.derived(CODE_CLAIM, request.actor.principal, request.key, organization)
        code = self._key.code(code_id, request)
        command = MakeRegistrationCode(code=code_id, code_hash=self._key.hash(code), life=self._life)
        now = self._store.codec.now()
        reference = reference_on(local_date(now))

        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            made = _made(events)
            deadline = Deadline(code_id, CODE_EXPIRES, organization, made.due_at)
            return [Claim(CODE_CLAIM, made.code_hash), self._deadlines.row(deadline)]

        answer = await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: make_registration_code(command, state, superior, by, reference, now),
            conditions=conditions,
            refuse=lambda _: ChangedMeanwhile(),
        )
        made = _made(answer.events)
        if made.code_hash != command.code_hash:
            raise RegistrationCodeUnknown  # made under another key of the deployment: nobody can show it again
        return CodeMade(answer, code_id, code, made.due_at)

    async def _superior(self, principal: Principal, organization: str) -> tuple[Organization, str | None]:
        """The direct superior's state and whose own right counts there; of what is not there nobody's (X14)."""
        path = await self._rows.path(organization)
        superior = path[-2] if len(path) > 1 else organization
        await require_own(self._rights, principal, superior)
        if superior == organization:
            raise OrganizationUnknown
        return await self._state(superior), await own(self._rows, principal, superior)

    async def _state(self, organization: str) -> Organization:
        commits = await self._store.load(organization)
        state = ORGANIZATION.fold(cast("OrganizationEvent", e) for c in commits for e in c.events)
        if not isinstance(state, EstablishedOrganization):
            raise OrganizationUnknown
        return state


def _made(events: Sequence[Event]) -> RegistrationCodeIssued:
    (made,) = (e for e in events if isinstance(e, RegistrationCodeIssued))
    return made
