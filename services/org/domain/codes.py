"""Registration codes of an organization: made and revoked by its superior, redeemed once, lapsing (ADM-02, ADM-03)."""

from datetime import datetime, timedelta

from services.org.domain.admins import check_quota
from services.org.domain.events import (
    OrganizationEvent,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRevoked,
)
from services.org.domain.organization import DissolvedOrganization, Organization, check_no_register, established
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal


class SuperiorMakesCodes(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ADM-02"
    zh = "只有直属上级“{superior}”自己的管理员可以分配和撤销它的下级组织的管理员注册码，不能隔级操作。"
    en = "Only the own admins of {superior} make and revoke registration codes for its direct subordinates."
    way_out = "请由“{superior}”的管理员操作，或先为它添加管理员；您也是它的管理员的，请先切换组织。"
    way_out_en = "Ask an admin of {superior}, or appoint one for it first; if you are one, switch to it."


class RegistrationCodeLive(Refusal):
    kind = Kind.CONFLICT
    rule = "ADM-03"
    zh = "本组织已有一个未使用的管理员注册码，在它被使用、撤销或过期之前不能再分配。"
    en = (
        "This organization has an unused registration code; there is no second one until it is used, revoked or lapsed."
    )
    way_out = "请让对方使用已有的注册码；如已遗失，先撤销它，再重新分配。"
    way_out_en = "Let it be used; if it was lost, revoke it first and make a new one."


class RegistrationCodeUnknown(Refusal):
    kind = Kind.ABSENT
    rule = "ADM-03"
    zh = "没有找到这个未使用的管理员注册码，它可能已被使用、撤销或过期。"
    en = "There is no such unused registration code; it may have been used, revoked or have lapsed."
    way_out = "请刷新页面，查看注册码现在的状态。"
    way_out_en = "Reload the page and look at the code's present state."


class MakeRegistrationCode(Command):
    """ADM-02. `code` is its id, `code_hash` the keyed hash of what is typed; `life` how long it can be used."""

    code: str
    code_hash: str
    life: timedelta


class RevokeRegistrationCode(Command):
    """ADM-03."""

    code: str


class ExpireRegistrationCode(Command):
    """ADM-03: sent when a code's deadline has come; decides again."""

    code: str


def make_registration_code(
    command: MakeRegistrationCode,
    state: Organization,
    superior: Organization,
    by: str | None,
    reference: Reference,
    now: datetime,
) -> list[OrganizationEvent]:
    """`by` is one of the superior's own admins, or None for whoever acts for the whole system.

    Raises SuperiorMakesCodes, RegisterBranchHasNoAdmins, RegistrationCodeLive, AdminQuotaReached.
    """
    check_superior(superior, by)
    organization = established(state)
    check_no_register(organization)
    if organization.live_code(now):
        raise RegistrationCodeLive
    check_quota(organization, reference, now)
    lapsed = [RegistrationCodeExpired(code=organization.code.code)] if organization.code else []
    made = RegistrationCodeIssued(code=command.code, code_hash=command.code_hash, due_at=now + command.life)
    return [*lapsed, made]


def revoke_registration_code(
    command: RevokeRegistrationCode, state: Organization, superior: Organization, by: str | None
) -> list[OrganizationEvent]:
    """Raises SuperiorMakesCodes, RegistrationCodeUnknown (also for one that is used)."""
    check_superior(superior, by)
    organization = established(state)
    if organization.code is None or organization.code.code != command.code:
        raise RegistrationCodeUnknown
    return [RegistrationCodeRevoked(code=command.code)]


def expire_registration_code(
    command: ExpireRegistrationCode, state: Organization, now: datetime
) -> list[OrganizationEvent]:
    """Nothing for a code that is used, revoked or lapsed already, and nothing before its time (P8)."""
    code = None if isinstance(state, DissolvedOrganization) else established(state).code
    if code is None or code.code != command.code or now < code.due_at:
        return []
    return [RegistrationCodeExpired(code=command.code)]


def check_superior(superior: Organization, by: str | None) -> None:
    """ADM-02: no level is skipped."""
    above = established(superior)
    if by is not None and by not in above.admins:
        raise SuperiorMakesCodes(superior=above.information.short_name)
