"""An account application (ADM-07): an organization without an admin asks, its direct superior decides, or it lapses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from services.org.domain.events import (
    AccountApplicationApproved,
    AccountApplicationLapsed,
    AccountApplicationRefused,
    AccountApplicationSubmitted,
    ApplicationDataDestroyed,
    ApplicationEvent,
)
from services.org.domain.organization import EstablishedOrganization, Organization, established
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Kind, Refusal


class AccountApplicationNotPossible(Refusal):
    """One answer whatever stands against it, so that asking tells nothing of an organization (X14)."""

    rule = "ADM-07"
    zh = "这个团组织现在不能申请管理员账号。"
    en = "This organization cannot apply for an admin's account at present."
    way_out = "已有管理员、已有申请正在办理，或者直属上级还没有管理员的团组织不能申请；请直接联系直属上级团组织。"
    way_out_en = (
        "One that has an admin, has an application waiting, or whose direct superior has no admin yet cannot apply; "
        "turn to the direct superior."
    )


class AccountApplicationOver(Refusal):
    kind = Kind.CONFLICT
    rule = "ADM-07"
    zh = "这份账号申请已经办结，或者已经超过办理期限。"
    en = "This application was decided already, or its time is over."
    way_out = "请刷新页面查看结果；逾期的，由申请组织重新提交，也可以直接为它分配管理员注册码。"
    way_out_en = "Reload the page; after its time it has to be sent anew, or make a registration code directly."


class SuperiorDecidesApplications(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ADM-07"
    zh = "只有直属上级“{superior}”自己的管理员可以查看和办理它的下级组织的账号申请，不能隔级操作。"
    en = "Only the own admins of {superior} see and decide the applications of its direct subordinates."
    way_out = "请由“{superior}”的管理员办理。"
    way_out_en = "Ask an admin of {superior}."


class ApplicationFormTooLarge(Refusal):
    kind = Kind.TOO_LARGE
    rule = "ADM-07"
    zh = "申请表文件超过10兆字节。"
    en = "The application form is larger than 10 MiB."
    way_out = "请压缩或降低扫描分辨率后重新上传。"
    way_out_en = "Compress it or scan it with a lower resolution, then upload it again."


class ApplicationFormOfOtherKind(Refusal):
    kind = Kind.INVALID
    rule = "ADM-07"
    zh = "申请表文件的内容不是完整的PDF、JPEG或PNG。"
    en = "The content of the application form is no complete PDF, JPEG or PNG."
    way_out = "请把盖章后的申请表扫描或拍照，存为PDF、JPEG或PNG后上传；只改扩展名没有用。"
    way_out_en = "Scan or photograph the stamped form as PDF, JPEG or PNG; another file extension does not help."


class Outcome(StrEnum):
    """How an application ended."""

    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class AbsentApplication:
    """Nobody sent it."""


@dataclass(frozen=True, slots=True)
class OpenApplication:
    """Waits for the superior until `due_at`; `form` is its file."""

    organization: str
    form: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class EndedApplication:
    """Its personal data are there until `destroy_at`."""

    organization: str
    form: str
    outcome: Outcome
    destroy_at: datetime


@dataclass(frozen=True, slots=True)
class ForgottenApplication:
    """Its personal data were destroyed."""

    organization: str
    outcome: Outcome


Application = AbsentApplication | OpenApplication | EndedApplication | ForgottenApplication


def evolve(state: Application, event: ApplicationEvent) -> Application:
    """The state after one more event of the stream."""
    match event, state:
        case AccountApplicationSubmitted(), AbsentApplication():
            return OpenApplication(event.organization, event.form, event.due_at)
        case AccountApplicationApproved(), OpenApplication():
            return EndedApplication(state.organization, state.form, Outcome.APPROVED, event.destroy_at)
        case AccountApplicationRefused(), OpenApplication():
            return EndedApplication(state.organization, state.form, Outcome.REFUSED, event.destroy_at)
        case AccountApplicationLapsed(), OpenApplication():
            return EndedApplication(state.organization, state.form, Outcome.LAPSED, event.destroy_at)
        case ApplicationDataDestroyed(), EndedApplication():
            return ForgottenApplication(state.organization, state.outcome)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


APPLICATION: Decider[Application, ApplicationEvent] = Decider("application", AbsentApplication(), evolve)


class SubmitAccountApplication(Command):
    """ADM-07. `sealed` holds what is personal; `life` is how long the superior has to decide."""

    organization: str
    form: str
    media_type: str
    sealed: Personal
    life: timedelta


class ApproveAccountApplication(Command):
    """ADM-07: `code` is the registration code made with it. `kept`, here and below: how long its data stay."""

    code: str
    code_due_at: datetime
    kept: timedelta


class RefuseAccountApplication(Command):
    """ADM-07: `reason` is sealed."""

    reason: Personal
    kept: timedelta


class LapseAccountApplication(Command):
    """P8: sent when its deadline has come; decides again."""

    kept: timedelta


class DestroyApplicationData(Command):
    """P11: sent when its data have been kept long enough; decides again."""


def may_apply(organization: Organization, superior: Organization) -> bool:
    """ADM-07: without an admin, and somebody above can decide: the superior's own admins, operators for the root."""
    match organization, superior:
        case EstablishedOrganization(), EstablishedOrganization():
            return not organization.admins and bool(organization.ancestors) and decides(superior)
        case _:
            return False


def decides(superior: EstablishedOrganization) -> bool:
    """Whether there is anybody who can decide the applications of its direct subordinates."""
    return bool(superior.admins) or not superior.ancestors


def submit_account_application(
    command: SubmitAccountApplication, organization: Organization, superior: Organization, now: datetime
) -> list[ApplicationEvent]:
    """Raises AccountApplicationNotPossible; that there is one open application at most, the claim of it sees to."""
    if not may_apply(organization, superior):
        raise AccountApplicationNotPossible(field="organization")
    return [
        AccountApplicationSubmitted(
            organization=command.organization,
            form=command.form,
            media_type=command.media_type,
            due_at=now + command.life,
            personal=command.sealed,
        )
    ]


def approve_account_application(
    command: ApproveAccountApplication, state: Application, now: datetime
) -> list[ApplicationEvent]:
    """Raises AccountApplicationOver. Who may, and whether there is room for a code, its making decides (ADM-02)."""
    check_open(state, now)
    destroy_at = now + command.kept
    return [AccountApplicationApproved(code=command.code, code_due_at=command.code_due_at, destroy_at=destroy_at)]


def refuse_account_application(
    command: RefuseAccountApplication, state: Application, now: datetime
) -> list[ApplicationEvent]:
    """Raises AccountApplicationOver."""
    check_open(state, now)
    return [AccountApplicationRefused(destroy_at=now + command.kept, personal=command.reason)]


def lapse_account_application(
    command: LapseAccountApplication, state: Application, now: datetime
) -> list[ApplicationEvent]:
    """Nothing for one that was decided, and nothing before its time."""
    if not isinstance(state, OpenApplication) or now < state.due_at:
        return []
    return [AccountApplicationLapsed(destroy_at=now + command.kept)]


def destroy_application_data(
    _command: DestroyApplicationData, state: Application, now: datetime
) -> list[ApplicationEvent]:
    """Once, for an ended one, and nothing before its time."""
    if not isinstance(state, EndedApplication) or now < state.destroy_at:
        return []
    return [ApplicationDataDestroyed()]


def organization_of(state: Application) -> str:
    """Whose it is; empty for one that is not there."""
    match state:
        case AbsentApplication():
            return ""
        case OpenApplication() | EndedApplication() | ForgottenApplication():
            return state.organization
        case _:
            assert_never(state)


def check_decides(superior: Organization, by: str | None) -> None:
    """ADM-07: no level is skipped."""
    above = established(superior)
    if by is not None and by not in above.admins:
        raise SuperiorDecidesApplications(superior=above.information.short_name)


def check_open(state: Application, now: datetime) -> None:
    """It waits, and its time is not over. Raises AccountApplicationOver."""
    if not isinstance(state, OpenApplication) or now >= state.due_at:
        raise AccountApplicationOver
