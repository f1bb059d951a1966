"""Dissolving an organization: by its superior, once it is empty or its people go to a pending branch (ORG-09 to 11)."""

from collections.abc import Collection
from datetime import date
from typing import Annotated

from pydantic import Field

from services.org.domain.events import (
    AdminRevoked,
    BranchKind,
    Category,
    DissolutionBegun,
    DissolutionRefused,
    Information,
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationEvent,
    RegistrationCodeRevoked,
    RegistrationLapsed,
)
from services.org.domain.fields import DocumentId
from services.org.domain.information import missing_fields
from services.org.domain.organization import EstablishedOrganization, Organization, RegisterBranchStays, established
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal, raise_all

DISSOLVED = "dissolved"
PENDING_NAME = "待接转团支部"


class SuperiorDissolves(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ORG-09"
    zh = "只有直属上级“{superior}”自己的管理员可以删除它的下级团组织。"
    en = "Only the own admins of {superior} dissolve its direct subordinates."
    way_out = "请由“{superior}”的管理员操作，或先为它添加管理员；您也是它的管理员的，请先切换组织。"
    way_out_en = "Ask an admin of {superior}, or appoint one for it first; if you are one, switch to it."


class ListedBodyStays(Refusal):
    rule = "ORG-01"
    zh = "团中央和省级团委按名单设置，不能删除。"
    en = "The root and the provincial-level bodies are on a list and are not dissolved."
    way_out = "名单有变动的，请联系团中央。"
    way_out_en = "If the list has changed, contact the central committee."


class StillHasSubordinates(Refusal):
    rule = "ORG-09"
    zh = "这个团组织还有 {count} 个直属下级组织，不能删除。"
    en = "This organization has {count} direct subordinates, so it cannot be dissolved."
    way_out = "请先删除它的下级组织。"
    way_out_en = "Dissolve its subordinates first."


class DissolutionUnderWay(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-09"
    zh = "这个团支部正在删除，请勿重复提交。"
    en = "This branch is being dissolved already."
    way_out = "请稍候刷新页面查看结果。"
    way_out_en = "Reload the page in a moment to see what came of it."


class DecisionDateImpossible(Refusal):
    rule = "ORG-09"
    zh = "撤销决定的日期应在组织成立之后、今天或以前。"
    en = "The decision was made after the organization was founded, and not later than today."
    way_out = "请核对批准撤销的日期。"
    way_out_en = "Check the date of the decision."


class PeopleToConfirm(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-09"
    zh = "有 {count} 名团干部或管理员的职务和权限将随组织删除而结束，尚未确认。"
    en = "The positions or rights of {count} people end with the organization, which was not confirmed."
    way_out = "请重新核对名单后确认。"
    way_out_en = "Look at the list again and confirm it."


class PendingBranchNotEmptied(Refusal):
    rule = "ORG-11"
    zh = "待接转团支部只能在人员全部转出后删除。"
    en = "A pending branch is dissolved only when everybody has left it."
    way_out = "请先把其中的团员转出。"
    way_out_en = "Transfer its members first."


class BranchesOnlyAreRelocated(Refusal):
    rule = "ORG-10"
    zh = "只有团支部的人员可以转入待接转团支部。"
    en = "Only a branch has people who can go to a pending branch."
    way_out = "请取消“转入待接转团支部”后再提交。"
    way_out_en = "Submit again without it."


class Decision(Command):
    """`document` proves it; `confirmed`: the cadres and admins whose positions and rights end."""

    decided_on: date
    document: Annotated[DocumentId, Field(min_length=1)]
    confirmed: tuple[str, ...] = ()


class DissolveOrganization(Decision):
    """ORG-09. `relocate`: ORG-10."""

    relocate: bool = False


class SettleDissolution(Command):
    """What member answered: the branch is sealed (`members` is None), or it has members; or why a merger stops."""

    dissolution: str
    members: int | None
    cause: str = ""


def check_dissolvable(
    command: DissolveOrganization,
    state: Organization,
    superior: EstablishedOrganization,
    by: str | None,
    cadres: Collection[str],
    today: date,
) -> EstablishedOrganization:
    """`by` as in `check_own_admin`; `cadres` hold a position in the organization."""
    organization = check_ending(state, superior, by)
    raise_all(_faults(command, organization, {*cadres, *organization.admins}, today))
    return organization


def check_ending(state: Organization, superior: EstablishedOrganization, by: str | None) -> EstablishedOrganization:
    """What can be dissolved or merged at all, and by whom. Raises SuperiorDissolves, ListedBodyStays and
    DissolutionUnderWay.
    """
    if by is not None and by not in superior.admins:
        raise SuperiorDissolves(superior=superior.information.short_name)
    organization = established(state)
    if organization.fixed:
        raise ListedBodyStays
    if organization.branch_kind is BranchKind.REGISTER:
        raise RegisterBranchStays
    if organization.closing:
        raise DissolutionUnderWay
    return organization


def dissolve_organization(
    command: DissolveOrganization, organization: EstablishedOrganization, dissolution: str, pending: str | None
) -> list[OrganizationEvent]:
    """Of what `check_dissolvable` lets pass. A branch waits for member, which has nobody in any other."""
    begun = DissolutionBegun(
        dissolution=dissolution, decided_on=command.decided_on, document=command.document, pending=pending
    )
    return [begun] if organization.category is Category.BRANCH else _ended(organization, begun)


def settle_dissolution(command: SettleDissolution, state: Organization) -> list[OrganizationEvent]:
    """Nothing where that dissolution is not waited for (any more)."""
    if not isinstance(state, EstablishedOrganization) or state.closing is None:
        return []
    closing = state.closing
    if closing.dissolution != command.dissolution:
        return []
    if command.members is not None:
        return [DissolutionRefused(dissolution=command.dissolution, members=command.members, cause=command.cause)]
    return _ended(state, closing)


def establish_pending(
    superior: EstablishedOrganization, ancestors: Collection[str], order: int, reference: Reference
) -> list[OrganizationEvent]:
    """ORG-10: the branch that takes whoever was in a dissolved one, named after its superior."""
    above = superior.information
    kept = above.model_dump(include={"sector", "region", "phone", "address", "contact"})
    information = Information(full_name=f"{above.full_name}{PENDING_NAME}", short_name=PENDING_NAME, **kept)
    return [
        OrganizationEstablished(
            ancestors=tuple(ancestors),
            category=Category.BRANCH,
            branch_kind=BranchKind.PENDING,
            order=order,
            information=information,
            missing=missing_fields(information, Category.BRANCH, reference),
        )
    ]


def _ended(organization: EstablishedOrganization, begun: DissolutionBegun) -> list[OrganizationEvent]:
    """Whoever waits for the organization is told; its admins' rights end; then it is gone."""
    code, superior = organization.code, organization.ancestors[-1]
    decision = {"decided_on": begun.decided_on, "document": begun.document}
    went_on = {"successor": begun.into or begun.pending, "merged": begun.into is not None}
    return [
        *(RegistrationLapsed(registration=registration) for registration in organization.awaited),
        *([RegistrationCodeRevoked(code=code.code)] if code else []),
        *(AdminRevoked(person=person, cause=DISSOLVED) for person in organization.admins),
        OrganizationDissolved(superior=superior, **decision, **went_on),
    ]


def _faults(
    command: DissolveOrganization, organization: EstablishedOrganization, people: Collection[str], today: date
) -> list[Refusal]:
    faults = decision_faults(command, organization, people, today)
    if command.relocate and organization.category is not Category.BRANCH:
        faults.append(BranchesOnlyAreRelocated(field="relocate"))
    elif command.relocate and organization.branch_kind is BranchKind.PENDING:
        faults.append(PendingBranchNotEmptied(field="relocate"))
    return faults


def decision_faults(
    decision: Decision, organization: EstablishedOrganization, people: Collection[str], today: date
) -> list[Refusal]:
    """Of the day of a decision, and of whose positions and rights end with the organization."""
    faults: list[Refusal] = []
    founded = organization.information.founded_on
    if decision.decided_on > today or (founded and decision.decided_on < founded):
        faults.append(DecisionDateImpossible(field="decided_on"))
    if unconfirmed := set(people) - set(decision.confirmed):
        faults.append(PeopleToConfirm(field="confirmed", count=len(unconfirmed)))
    return faults
