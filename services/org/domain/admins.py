"""Appointing and revoking the admins of an organization (ADM-01, ADM-04, ADM-05)."""

from collections.abc import Collection
from datetime import datetime

from services.org.domain.events import AdminAppointed, AdminRevoked, OrganizationEvent
from services.org.domain.organization import EstablishedOrganization, Organization, check_no_register, established
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal


class AdminQuotaReached(Refusal):
    rule = "ADM-01"
    zh = "本组织最多设 {admins_max} 名管理员，连同未使用的管理员注册码，现在已满。"
    en = "This organization may have at most {admins_max} admins and, with its unused registration code, has that many."
    way_out = "请先撤销一名管理员，或由直属上级组织撤销未使用的注册码，再添加。"
    way_out_en = "Revoke one admin first, or let the direct superior revoke the unused code."


class NoCadreToAppoint(Refusal):
    rule = "ADM-04"
    zh = "本组织还没有团干部，管理员只能从本组织的团干部中添加。"
    en = "This organization has no cadre yet, and admins are appointed from its cadres."
    way_out = "请先在“团干部管理”中录入或导入本级团干部，再添加管理员。"
    way_out_en = "Enter or import the organization's cadres first, then appoint one of them."


class AdminNotCadre(Refusal):
    rule = "ADM-04"
    zh = "这个人不是本组织的团干部，不能添加为管理员。"
    en = "That person is not a cadre of this organization and cannot be its admin."
    way_out = "请先把他录入为本组织团干部，或从团干部列表中选择。"
    way_out_en = "Enter the person as a cadre of this organization first, or choose from its cadres."


class OwnAdminRight(Refusal):
    rule = "ADM-05"
    zh = "不能撤销自己的管理员权限。"
    en = "You cannot revoke your own admin right."
    way_out = "请由本组织另一名管理员或直属上级组织的管理员撤销。"
    way_out_en = "Another admin of this organization or of its superior can do it."


class AppointAdmin(Command):
    """ADM-04."""

    person: str


def appoint_admin(
    command: AppointAdmin, state: Organization, cadres: Collection[str], reference: Reference, now: datetime
) -> list[OrganizationEvent]:
    """`cadres` are the people who hold a position in this organization. An admin already: nothing to do."""
    organization = established(state)
    check_no_register(organization)
    if command.person in organization.admins:
        return []
    if not cadres:
        raise NoCadreToAppoint
    if command.person not in cadres:
        raise AdminNotCadre(field="person")
    check_quota(organization, reference, now)
    return [AdminAppointed(person=command.person)]


def check_quota(organization: EstablishedOrganization, reference: Reference, now: datetime) -> None:
    """ADM-01, ADM-04: room for one more beside the admins, the live code and who redeemed one. Or AdminQuotaReached."""
    admins_max = reference.admins_max[organization.category]
    kept = bool(organization.live_code(now)) + len(organization.awaited)
    if len(organization.admins) + kept >= admins_max:
        raise AdminQuotaReached(admins_max=admins_max, rule_version=reference.version)


class RevokeAdmin(Command):
    """ADM-05."""

    person: str


def revoke_admin(command: RevokeAdmin, state: Organization, by: str) -> list[OrganizationEvent]:
    """`by` is the principal who revokes. Somebody who is no admin: nothing to do."""
    organization = established(state)
    if command.person == by:
        raise OwnAdminRight(field="person")
    if command.person not in organization.admins:
        return []
    return [AdminRevoked(person=command.person, cause="revoked")]
