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
from services.org.domain.organization import ORGANIZATION, Organization, RegisterBranchHasNoAdmins
from services.org.reference import reference_on
from services.org.use_cases.superiors import Rights, Superiors, own, require_own, state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.contracts.identity import REGISTRATION_CODE
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Claim, Condition
from shared.eventstore.execute import Answer, answered_before, execute
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
        self._superiors = Superiors(store, rows, rights)
        self._deadlines = deadlines
        self._key = key
        self._life = life

    async def make(self, principal: Principal, request: Request, organization: str) -> CodeMade:
        """For one direct subordinate. A repeat answers with the same code."""
        above, by = await self._superiors.of(principal, organization)
        return await self._make(request, organization, above, by)

    async def make_for_all(self, principal: Principal, request: Request, organization: str) -> Sequence[CodeOf]:
        """For all direct subordinates that have no live code and room for an admin, in the order of their places.

        A repeat answers with the same codes, and makes those that a crash had left out.
        """
        await require_own(self._rights, principal, organization)
        superior, by = await state_of(self._store, organization), await own(self._rows, principal, organization)
        check_superior(superior, by)
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(subordinate: str) -> CodeOf:
            async with slots:
                try:
                    return CodeOf(subordinate, made=await self._make(request, subordinate, superior, by))
                except (RegisterBranchHasNoAdmins, RegistrationCodeLive, AdminQuotaReached) as refusal:
                    return CodeOf(subordinate, refused=refusal)

        return await asyncio.gather(*(one(each) for each in await self._rows.subordinates(organization)))

    async def revoke(self, principal: Principal, request: Request, organization: str, code: str) -> Answer:
        """ADM-03: an unused one; its place in the quota is free again."""
        superior, by = await self._superiors.of(principal, organization)
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

    async def making(
        self, request: Request, organization: str, superior: Organization, by: str | None
    ) -> tuple[Commit, CodeMade] | None:
        """The commit of a code, for who writes it together with another (ADM-07); None if it is there by this request.

        Raises what `make` raises.
        """
        code, command = self._asked(request, organization)
        now = self._store.codec.now()
        stored = await self._store.load(organization)
        commit_id = ids.commit_id(self._store.codec.service, request.actor.principal, request.key, organization)
        if answered_before(stored, commit_id, request):
            return None
        state = ORGANIZATION.fold(cast("OrganizationEvent", e) for c in stored for e in c.events)
        events = make_registration_code(command, state, superior, by, reference_on(local_date(now)), now)
        commit = Commit(
            stream=organization,
            version=stored[-1].version + 1,
            commit_id=commit_id,
            request=request,
            events=tuple(events),
            conditions=tuple(self._conditions(organization, events)),
            previous_at=stored[-1].at,
        )
        answer = Answer(organization, commit.version, commit.events)
        return commit, CodeMade(answer, command.code, code, _made(events).due_at)

    async def shown_again(self, answer: Answer, request: Request, organization: str) -> CodeMade:
        """What a repeat of that answers. Raises RegistrationCodeUnknown if the deployment has another key by now."""
        code, command = self._asked(request, organization)
        stored = await self._store.load(organization)
        hashes = {e.code_hash: e for c in stored for e in c.events if isinstance(e, RegistrationCodeIssued)}
        if command.code_hash not in hashes:
            raise RegistrationCodeUnknown
        return CodeMade(answer, command.code, code, hashes[command.code_hash].due_at)

    def _asked(self, request: Request, organization: str) -> tuple[str, MakeRegistrationCode]:
        code_id = ids.derived(CODE_CLAIM, request.actor.principal, request.key, organization)
        code = self._key.code(code_id, request)
        return code, MakeRegistrationCode(code=code_id, code_hash=self._key.hash(code), life=self._life)

    def _conditions(self, organization: str, events: Sequence[Event]) -> Sequence[Condition]:
        made = _made(events)
        deadline = Deadline(made.code, CODE_EXPIRES, organization, made.due_at)
        return [Claim(CODE_CLAIM, made.code_hash), self._deadlines.row(deadline)]

    async def _make(self, request: Request, organization: str, superior: Organization, by: str | None) -> CodeMade:
        code, command = self._asked(request, organization)
        now = self._store.codec.now()
        reference = reference_on(local_date(now))
        answer = await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: make_registration_code(command, state, superior, by, reference, now),
            conditions=lambda _, events: self._conditions(organization, events),
            refuse=lambda _: ChangedMeanwhile(),
        )
        made = _made(answer.events)
        if made.code_hash != command.code_hash:
            raise RegistrationCodeUnknown  # made under another key of the deployment: nobody can show it again
        return CodeMade(answer, command.code, code, made.due_at)


def _made(events: Sequence[Event]) -> RegistrationCodeIssued:
    (made,) = (e for e in events if isinstance(e, RegistrationCodeIssued))
    return made
