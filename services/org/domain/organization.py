"""An organization: its state, how events change it, and the commands on the order of its subordinates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.org.domain.events import (
    AdminAppointed,
    AdminRevoked,
    BranchKind,
    Category,
    CodeEvent,
    DissolutionBegun,
    DissolutionRefused,
    Information,
    OrganizationDissolved,
    OrganizationEstablished,
    OrganizationEvent,
    OrganizationInformationChanged,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRevoked,
    RegistrationFailed,
    RegistrationLapsed,
    SubordinatesReordered,
)
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationEvent,
    GraduationMonthMarked,
    InstitutionCodeChanged,
)
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled, OrganizationMoved
from shared.kernel.decider import Decider
from shared.kernel.refusals import Kind, Refusal


class OrganizationUnknown(Refusal):
    kind = Kind.ABSENT
    rule = "ORG-22"
    zh = "没有找到这个团组织。"
    en = "There is no such organization."
    way_out = "请从组织树或搜索中重新选择。"
    way_out_en = "Choose it again from the tree or by searching."


class OrganizationGone(Refusal):
    kind = Kind.ABSENT
    rule = "ORG-09"
    zh = "这个团组织已经删除，不能再办理。"
    en = "This organization was dissolved; nothing can be done for it any more."
    way_out = "请从组织树或搜索中选择现有的团组织。"
    way_out_en = "Choose one that exists from the tree or by searching."


class SubordinateUnknown(Refusal):
    rule = "ORG-08"
    zh = "这个团组织不是本组织的直属下级，不能在这里排序；隔级不能调整。"
    en = "That organization is not a direct subordinate; another level cannot be reordered from here."
    way_out = "请由它的直属上级组织的管理员调整顺序。"
    way_out_en = "An admin of its direct superior can change the order."


class DirectSuperiorOnly(Refusal):
    kind = Kind.FORBIDDEN
    rule = "ORG-03"
    zh = "只有直属上级“{superior}”自己的管理员可以创建和排列它的下级团组织，不能隔级操作。"
    en = "Only admins of {superior} itself create and order its direct subordinates; no level is skipped."
    way_out = "请由“{superior}”的管理员操作，或先为它添加管理员；您也是它的管理员的，请先切换组织。"
    way_out_en = "Ask an admin of {superior}, or appoint one for it first; if you are one, switch to it."


class RegisterBranchHasNoAdmins(Refusal):
    rule = "TRF-16"
    zh = "登记支部（特殊单位、北京系统、广东系统、福建系统）不设管理员，由省级团委管理。"
    en = "A register branch has no admins; the provincial body looks after it."
    way_out = "请由它所属的省级团委的管理员办理。"
    way_out_en = "Have an admin of its provincial body do it."


class RegisterBranchStays(Refusal):
    rule = "TRF-16"
    zh = "登记支部由系统设置，每个省级团委各一个，不能修改或删除。"
    en = "A register branch is made by the system, one of each for a provincial body, and is not changed or dissolved."
    way_out = "需要转出其中团员的，请由省级团委发起转接。"
    way_out_en = "To move somebody out of it, start a transfer from the provincial body."


@dataclass(frozen=True, slots=True)
class AbsentOrganization:
    """Nothing was established under this id."""


@dataclass(frozen=True, slots=True)
class UnusedCode:
    """ADM-03: a registration code that nobody has used; no use from `due_at` on."""

    code: str
    code_hash: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DissolvedOrganization:
    """ORG-09."""


@dataclass(frozen=True, slots=True)
class EstablishedOrganization:
    """`ancestors`, root first, as of the establishing or its own last move: the last one is its superior, those above
    may have moved since. `sequence` is the last order given to the subordinates.

    `edition` counts how often the information was given, so that an edit says which one it was made from (ORG-06).
    `awaited` are the registrations that redeemed a code and have until then to become admins, by their ids.
    `code` may have lapsed without anybody having said so: `live_code` is the one that can be used at an instant.
    `closing` is the dissolution of a branch that member has not answered yet, or a merger that is not done yet.
    `explanations` are those that the superior has not settled. `school` is a school of its own (GRD-01).
    `graduates`: the month marked last (GRD-02); `graduated`: the year of which the branch is a graduate branch.
    """

    ancestors: tuple[str, ...]
    category: Category
    branch_kind: BranchKind
    information: Information
    missing: tuple[str, ...]
    admins: tuple[str, ...] = ()
    sequence: tuple[str, ...] = field(default=())
    edition: int = 1
    code: UnusedCode | None = None
    awaited: Mapping[str, datetime] = field(default_factory=dict)
    closing: DissolutionBegun | None = None
    explanations: tuple[str, ...] = ()
    school: bool = False
    graduates: GraduationMonthMarked | None = None
    graduated: int | None = None

    @property
    def fixed(self) -> bool:
        """ORG-07: the root and the provincial-level bodies keep names, category and sector."""
        return len(self.ancestors) <= 1

    def live_code(self, now: datetime) -> UnusedCode | None:
        """ADM-03."""
        return self.code if self.code and now < self.code.due_at else None


Organization = AbsentOrganization | EstablishedOrganization | DissolvedOrganization


def evolve(state: Organization, event: OrganizationEvent) -> Organization:
    """The state after one more event of the stream."""
    if isinstance(event, OrganizationEstablished) is not isinstance(state, AbsentOrganization):
        raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")
    match event:
        case OrganizationEstablished():
            return EstablishedOrganization(
                ancestors=event.ancestors,
                category=event.category,
                branch_kind=event.branch_kind,
                information=event.information,
                missing=event.missing,
                school=event.school,
            )
        case OrganizationInformationChanged():
            held = established(state)
            edited = replace(held, information=event.information, missing=event.missing, school=event.school)
            return replace(edited, edition=held.edition + 1)
        case AdminAppointed() | AdminRevoked():
            return _with_admins(established(state), event)
        case DissolutionBegun() | DissolutionRefused():
            return replace(established(state), closing=event if isinstance(event, DissolutionBegun) else None)
        case OrganizationDissolved():
            return DissolvedOrganization()
        case SubordinatesReordered() | OrganizationMoved() | ExplanationFiled() | ExplanationSettled():
            return _changing(established(state), event)
        case InstitutionCodeChanged() | GraduationMonthMarked() | BecameGraduateBranch() | GraduateBranchRestored():
            return _with_graduation(established(state), event)
        case (
            RegistrationCodeIssued()
            | RegistrationCodeRedeemed()
            | RegistrationCodeRevoked()
            | RegistrationCodeExpired()
            | RegistrationLapsed()
            | RegistrationFailed()
        ):
            return _with_code(established(state), event)
        case _:
            assert_never(event)


def _changing(
    held: EstablishedOrganization,
    event: SubordinatesReordered | OrganizationMoved | ExplanationFiled | ExplanationSettled,
) -> EstablishedOrganization:
    if isinstance(event, SubordinatesReordered):
        return replace(held, sequence=event.subordinates)
    if isinstance(event, OrganizationMoved):
        return replace(held, ancestors=event.ancestors)
    others = tuple(each for each in held.explanations if each != event.explanation)
    filed = isinstance(event, ExplanationFiled)
    return replace(held, explanations=(*others, event.explanation) if filed else others)


def _with_admins(held: EstablishedOrganization, event: AdminAppointed | AdminRevoked) -> EstablishedOrganization:
    others = tuple(a for a in held.admins if a != event.person)
    if isinstance(event, AdminRevoked):
        return replace(held, admins=others)
    admins = held.admins if event.person in held.admins else (*held.admins, event.person)
    return replace(_without(held, event.registration), admins=admins)


def _with_graduation(held: EstablishedOrganization, event: GraduationEvent) -> EstablishedOrganization:
    match event:
        case InstitutionCodeChanged():
            code = {"institution_code": event.institution_code}
            return replace(held, information=held.information.model_copy(update=code))
        case GraduationMonthMarked():
            return replace(held, graduates=event)
        case BecameGraduateBranch():
            return replace(held, branch_kind=BranchKind.GRADUATE, graduated=event.year)
        case GraduateBranchRestored():
            return replace(held, branch_kind=BranchKind.ORDINARY, graduated=None)
        case _:
            assert_never(event)


def _with_code(held: EstablishedOrganization, event: CodeEvent) -> EstablishedOrganization:
    match event:
        case RegistrationCodeIssued():
            return replace(held, code=UnusedCode(event.code, event.code_hash, event.due_at))
        case RegistrationCodeRedeemed():
            return replace(held, code=None, awaited={**held.awaited, event.registration: event.due_at})
        case RegistrationCodeRevoked() | RegistrationCodeExpired():
            return replace(held, code=None)
        case RegistrationLapsed() | RegistrationFailed():
            return _without(held, event.registration)
        case _:
            assert_never(event)


def _without(held: EstablishedOrganization, registration: str | None) -> EstablishedOrganization:
    return replace(held, awaited={r: due_at for r, due_at in held.awaited.items() if r != registration})


ORGANIZATION: Decider[Organization, OrganizationEvent] = Decider("organization", AbsentOrganization(), evolve)


def established(state: Organization) -> EstablishedOrganization:
    """The organization that a command is about; raises OrganizationUnknown, OrganizationGone."""
    match state:
        case EstablishedOrganization():
            return state
        case AbsentOrganization():
            raise OrganizationUnknown
        case DissolvedOrganization():
            raise OrganizationGone
        case _:
            assert_never(state)


def check_no_register(organization: EstablishedOrganization) -> None:
    """Raises RegisterBranchHasNoAdmins."""
    if organization.branch_kind is BranchKind.REGISTER:
        raise RegisterBranchHasNoAdmins


def check_own_admin(organization: EstablishedOrganization, by: str | None) -> None:
    """ORG-03, ORG-08: `by` is one of the organization's own admins, or None for whoever needs no appointment there."""
    if by is not None and by not in organization.admins:
        raise DirectSuperiorOnly(superior=organization.information.short_name)
