"""A migration as a process (ORG-17): asked for, agreed to by the present superior, then by the new one, or ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from pydantic import model_validator

from services.org.domain.events_of_moves import (
    Ground,
    MigrationApproved,
    MigrationEvent,
    MigrationRefused,
    MigrationRequested,
    MigrationTimedOut,
    MigrationWithdrawn,
)
from services.org.domain.moving import Note
from services.org.domain.organization import EstablishedOrganization
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import ChangedMeanwhile, Kind, Refusal


class MigrationOpen(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-17"
    zh = "这个组织已有一份迁移申请正在办理，同一时间只能有一份。"
    en = "This organization has a migration that is not decided yet; there is one at a time."
    way_out = "请等待办结，或先撤回原来的申请。"
    way_out_en = "Wait until it is decided, or withdraw it first."


class MigrationOver(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-17"
    zh = "这份迁移申请已经办结，或者已经超过办理期限。"
    en = "This migration was decided already, or its time is over."
    way_out = "请刷新页面查看结果；仍需迁移的，由申请组织重新提交。"
    way_out_en = "Reload the page; if it is still needed, the organization asks again."


class SuperiorDecidesMigrations(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ORG-17"
    zh = "这一步由“{superior}”自己的管理员办理，不能隔级操作。"
    en = "This step is up to the own admins of {superior}; no level is skipped."
    way_out = "请由“{superior}”的管理员办理，或先为它添加管理员；您也是它的管理员的，请先切换组织。"
    way_out_en = "Ask an admin of {superior}, or appoint one for it first; if you are one, switch to it."


class GroundWantsNote(Refusal):
    rule = "ORG-17"
    zh = "选择“其他”的，须写明原因。"
    en = "Another reason has to be told."
    way_out = "请在说明中写明原因。"
    way_out_en = "Tell it in the note."


class Outcome(StrEnum):
    """How a migration ended."""

    MOVED = "moved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class AbsentMigration:
    """Nobody asked for it."""


@dataclass(frozen=True, slots=True)
class PendingMigration:
    """Waits until `due_at` for the present superior, or, once that is `released`, for the new one."""

    organization: str
    to: str
    due_at: datetime
    released: bool = False


@dataclass(frozen=True, slots=True)
class EndedMigration:
    organization: str
    outcome: Outcome


Migration = AbsentMigration | PendingMigration | EndedMigration


def evolve(state: Migration, event: MigrationEvent) -> Migration:
    """The state after one more event of the stream."""
    match event, state:
        case MigrationRequested(), AbsentMigration():
            return PendingMigration(event.organization, event.to, event.due_at)
        case MigrationApproved(due_at=datetime() as due_at), PendingMigration():
            return replace(state, due_at=due_at, released=True)
        case MigrationApproved(), PendingMigration():
            return EndedMigration(state.organization, Outcome.MOVED)
        case MigrationRefused(), PendingMigration():
            return EndedMigration(state.organization, Outcome.REFUSED)
        case MigrationWithdrawn(), PendingMigration():
            return EndedMigration(state.organization, Outcome.WITHDRAWN)
        case MigrationTimedOut(), PendingMigration():
            return EndedMigration(state.organization, Outcome.TIMED_OUT)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


MIGRATION: Decider[Migration, MigrationEvent] = Decider("migration", AbsentMigration(), evolve)


class RequestMigration(Command):
    """`to` is the new direct superior."""

    to: str
    note: Note = ""


class ApproveMigration(Command):
    """Of the step that waited when it was looked at who decides: `superior`, the new one where it is `released`."""

    superior: str
    released: bool


class RefuseMigration(Command):
    """`note` tells the ground `other`."""

    ground: Ground
    note: Note = ""

    @model_validator(mode="after")
    def _told(self) -> "RefuseMigration":
        if self.ground == "other" and not self.note:
            raise GroundWantsNote(field="note")
        return self


class WithdrawMigration(Command):
    """By who may act for the organization."""


class TimeOutMigration(Command):
    """Sent when a deadline has come; decides again."""


def request_migration(
    command: RequestMigration, state: Migration, organization: str, superior: str, due_at: datetime
) -> list[MigrationEvent]:
    """That it may move there is checked before, that it is the only one, the claim of it sees to."""
    if not isinstance(state, AbsentMigration):
        return []
    return [
        MigrationRequested(
            organization=organization, superior=superior, to=command.to, note=command.note, due_at=due_at
        )
    ]


def approve_migration(
    command: ApproveMigration, state: Migration, now: datetime, life: timedelta
) -> list[MigrationEvent]:
    """The new superior's step begins, or nothing is left and the organization moves.

    Raises MigrationOver, and ChangedMeanwhile where the step was taken by somebody else.
    """
    pending = check_pending(state, now)
    if pending.released is not command.released:
        raise ChangedMeanwhile
    return [MigrationApproved(superior=command.superior, due_at=None if pending.released else now + life)]


def refuse_migration(command: RefuseMigration, state: Migration, superior: str, now: datetime) -> list[MigrationEvent]:
    """Raises MigrationOver."""
    check_pending(state, now)
    return [MigrationRefused(superior=superior, ground=command.ground, note=command.note)]


def withdraw_migration(_command: WithdrawMigration, state: Migration, now: datetime) -> list[MigrationEvent]:
    """Raises MigrationOver."""
    check_pending(state, now)
    return [MigrationWithdrawn()]


def time_out_migration(_command: TimeOutMigration, state: Migration, now: datetime) -> list[MigrationEvent]:
    """Nothing for one that was decided, and nothing before its time."""
    if not isinstance(state, PendingMigration) or now < state.due_at:
        return []
    return [MigrationTimedOut()]


def check_pending(state: Migration, now: datetime) -> PendingMigration:
    """It waits, and its time is not over. Raises MigrationOver."""
    if not isinstance(state, PendingMigration) or now >= state.due_at:
        raise MigrationOver
    return state


def check_decides(superior: EstablishedOrganization, by: str | None) -> None:
    """ORG-17: `by` as in `check_own_admin`."""
    if by is not None and by not in superior.admins:
        raise SuperiorDecidesMigrations(superior=superior.information.short_name)


def organization_of(state: Migration) -> str:
    """Whose it is; empty for one that is not there."""
    match state:
        case AbsentMigration():
            return ""
        case PendingMigration() | EndedMigration():
            return state.organization
        case _:
            assert_never(state)
