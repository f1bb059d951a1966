"""ORG-17: a migration is asked for, agreed to by the present and the new superior, refused, withdrawn, or lapses."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, cast

from services.org.domain.events import OrganizationEvent
from services.org.domain.events_of_moves import MigrationApproved, MigrationEvent, MigrationRequested
from services.org.domain.migrating import (
    MIGRATION,
    AbsentMigration,
    ApproveMigration,
    Migration,
    MigrationOpen,
    PendingMigration,
    RefuseMigration,
    RequestMigration,
    TimeOutMigration,
    WithdrawMigration,
    approve_migration,
    check_decides,
    check_pending,
    organization_of,
    refuse_migration,
    request_migration,
    time_out_migration,
    withdraw_migration,
)
from services.org.domain.moving import MoveOrganization, check_moving, move_organization
from services.org.domain.organization import ORGANIZATION
from services.org.use_cases.codes import SELF
from services.org.use_cases.moving import OPEN, Moving, TreeMoved, lost_refusal, repeated
from services.org.use_cases.superiors import own, require_own, state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.authority.decide import Duty
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.chunk import Fenced
from shared.eventstore.commits import Commit
from shared.eventstore.conditions import Claim, Condition, Lost, Release
from shared.eventstore.execute import Answer, answered_before, execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.pace import even_pace
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.envelope import Event, Request
from shared.kernel.ids import request_hash

MIGRATION_DUE = "migration-due"
NOT_FOUND_SECONDS = 0.1
"""X14: deciding that somebody may not see a migration takes longer than finding none."""


class Rights(Protocol):
    """ADM-08. The `require`s raise the refusal that names who could."""

    async def may_read(self, principal: Principal, scope: str) -> bool: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...
    async def require_write(self, principal: Principal, scope: str) -> None: ...
    async def require_duty(self, principal: Principal, duty: Duty, scope: str) -> None: ...


class Migrations:
    """The use cases. `life` is how long each superior has to decide."""

    def __init__(
        self, store: EventStore, rows: TreeRows, rights: Rights, moving: Moving, deadlines: Deadlines, life: timedelta
    ) -> None:
        self._store = store
        self._rows = rows
        self._rights = rights
        self._moving = moving
        self._deadlines = deadlines
        self._life = life

    async def request(
        self, principal: Principal, request: Request, organization: str, command: RequestMigration
    ) -> Answer:
        """By who may write there. Raises as `check_moving` does, MigrationOpen."""
        await self._rights.require_write(principal, organization)
        migration = ids.new_stream(MIGRATION.kind, self._store.codec.service, request.actor.principal, request.key)
        if answer := await first_answer(self._store, migration, request):
            return answer
        prepared = await self._moving.prepared(organization, command.to, place=False)
        asked = MoveOrganization(organization=organization, to=command.to, cause="migration")
        check_moving(asked, await state_of(self._store, organization), prepared.superior, prepared.ways)
        superior, due_at = prepared.ways.present[-2], self._store.codec.now() + self._life

        def conditions(_state: Migration, _events: Sequence[Event]) -> Sequence[Condition]:
            return [Claim(OPEN, organization), self._due(migration, "release", due_at)]

        return await execute(
            self._store,
            MIGRATION,
            migration,
            request,
            lambda state: request_migration(command, state, organization, superior, due_at),
            conditions=conditions,
            refuse=lambda _: MigrationOpen(),
        )

    async def approve(self, principal: Principal, request: Request, migration: str) -> Answer:
        """By the own admins of whose step it is. With the last one the organization moves, both or neither.

        Raises SuperiorDecidesMigrations, MigrationOver, and as `check_moving` does.
        """
        command, answer = await self._deciding(principal, request, migration)
        return answer or await repeated(lambda: self._approve(request, migration, command))

    async def _approve(self, request: Request, migration: str, command: ApproveMigration) -> Answer:
        stored = await self._store.load(migration)
        commit_id = ids.commit_id(self._store.codec.service, request.actor.principal, request.key, migration)
        if answer := answered_before(stored, commit_id, request):
            return answer
        state = MIGRATION.fold(cast("MigrationEvent", e) for c in stored for e in c.events)
        now = self._store.codec.now()
        pending = check_pending(state, now)
        events = approve_migration(command, state, now, self._life)
        approval = Commit(
            stream=migration,
            version=stored[-1].version + 1,
            commit_id=commit_id,
            request=request,
            events=tuple(events),
            conditions=tuple(self._conditions(migration, state, events)),
            previous_at=stored[-1].at,
        )
        await self._write(approval, [await self._moved(request, migration, pending)] if pending.released else [])
        return Answer(migration, approval.version, approval.events)

    async def _moved(self, request: Request, migration: str, pending: PendingMigration) -> Commit:
        organization = pending.organization
        prepared = await self._moving.prepared(organization, pending.to)
        stored = await self._store.load(organization)
        state = ORGANIZATION.fold(cast("OrganizationEvent", e) for c in stored for e in c.events)
        move = MoveOrganization(organization=organization, to=pending.to, cause="migration", by=migration)
        events = move_organization(move, state, prepared.superior, prepared.ways)
        return Commit(
            stream=organization,
            version=stored[-1].version + 1,
            commit_id=ids.commit_id(self._store.codec.service, request.actor.principal, request.key, organization),
            request=request,
            events=tuple(events),
            conditions=tuple(self._moving.conditions(organization, prepared, state, events)),
            previous_at=stored[-1].at,
        )

    async def _write(self, approval: Commit, moved: Sequence[Commit]) -> None:
        """Raises TreeMoved if either stream moved on: then neither was written."""

        def fence(lost: Mapping[str, Lost]) -> Commit:
            for each in lost.values():
                raise lost_refusal(each)
            return approval

        try:
            await self._store.append_chunk(moved, fence)
        except Fenced as fenced:
            raise TreeMoved from fenced

    async def refuse(self, principal: Principal, request: Request, migration: str, command: RefuseMigration) -> Answer:
        """By the same. Raises SuperiorDecidesMigrations, MigrationOver."""
        step, answer = await self._deciding(principal, request, migration)
        now = self._store.codec.now()
        return answer or await self._decide(
            request, migration, lambda state: refuse_migration(command, state, step.superior, now)
        )

    async def withdraw(self, principal: Principal, request: Request, migration: str) -> Answer:
        """By who may write for the organization. Raises MigrationOver."""
        state = await self.visible(principal, migration)
        await self._rights.require_write(principal, organization_of(state))
        command, now = WithdrawMigration(), self._store.codec.now()
        return await self._decide(request, migration, lambda state: withdraw_migration(command, state, now))

    async def time_out(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends."""
        command = TimeOutMigration()
        request = Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
        await self._decide(request, deadline.stream, lambda state: time_out_migration(command, state, now))

    async def visible(self, principal: Principal, migration: str) -> Migration:
        """For who may read the organization, its superior at the request, or the new one. Raises NothingHere (X14)."""
        async with even_pace(NOT_FOUND_SECONDS):
            asked, state = await self._asked(migration)
            if asked is None:
                raise NothingHere
            for scope in (asked.organization, asked.superior, asked.to):
                if await self._rights.may_read(principal, scope):
                    return state
            raise NothingHere

    async def _deciding(
        self, principal: Principal, request: Request, migration: str
    ) -> tuple[ApproveMigration, Answer | None]:
        """Whose step it is, to who may decide it; and the first answer, if there was one."""
        state = await self.visible(principal, migration)
        answer = await first_answer(self._store, migration, request)
        if answer:
            return ApproveMigration(superior="", released=False), answer
        pending = check_pending(state, self._store.codec.now())
        path = [] if pending.released else await self._rows.path(pending.organization)
        superior = path[-2] if len(path) > 1 else pending.to
        await require_own(self._rights, principal, superior)
        check_decides(await state_of(self._store, superior), await own(self._rows, principal, superior))
        return ApproveMigration(superior=superior, released=pending.released), None

    async def _decide(
        self, request: Request, migration: str, decide: Callable[[Migration], Sequence[MigrationEvent]]
    ) -> Answer:
        return await execute(
            self._store,
            MIGRATION,
            migration,
            request,
            decide,
            conditions=lambda state, events: self._conditions(migration, state, events),
        )

    def _conditions(self, migration: str, state: Migration, events: Sequence[Event]) -> Sequence[Condition]:
        """The next step has its deadline; of one that ended the organization can ask again."""
        match events[-1]:
            case MigrationApproved(due_at=datetime() as due_at):
                return [self._due(migration, "admit", due_at)]
            case _:
                return [Release(OPEN, organization_of(state))]

    def _due(self, migration: str, step: str, due_at: datetime) -> Condition:
        return self._deadlines.row(
            Deadline(ids.derived(MIGRATION_DUE, migration, step), MIGRATION_DUE, migration, due_at)
        )

    async def _asked(self, migration: str) -> tuple[MigrationRequested | None, Migration]:
        if not migration.startswith(f"{MIGRATION.kind}-"):
            return None, AbsentMigration()
        stored = await self._store.load(migration)
        events = [cast("MigrationEvent", e) for c in stored for e in c.events]
        asked = events[0] if events else None
        return asked if isinstance(asked, MigrationRequested) else None, MIGRATION.fold(events)
