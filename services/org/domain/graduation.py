"""GRD-02, GRD-03: the graduation month of a branch, who marks it, and what becomes of the branch on its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from services.org.domain.events import BranchKind, Category, OrganizationEvent
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    GraduateBranchRestored,
    GraduationMonthMarked,
)
from services.org.domain.organization import EstablishedOrganization, Organization, established
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal

YEARS_AHEAD = 9
_KINDS = (BranchKind.ORDINARY, BranchKind.GRADUATE)


class NotABranch(Refusal):
    rule = "GRD-02"
    zh = "“{name}”不是团支部，毕业时间只标记在团支部上。"
    en = "{name} is no branch; only branches have a graduation month."
    way_out = "请选择它下面的团支部。"
    way_out_en = "Choose the branches below it."


class SectorMissing(Refusal):
    rule = "GRD-02"
    zh = "“{name}”没有填写单位所属行业类别，不能标记毕业时间。"
    en = "The sector of {name} is not filled, so no graduation month can be marked."
    way_out = "请先在“组织信息”中选择行业类别。"
    way_out_en = "Choose the sector in its information first."


class PrimarySchool(Refusal):
    rule = "GRD-02"
    zh = "“{name}”属于小学，小学的团支部不标记毕业时间。"
    en = "{name} belongs to a primary school, whose branches have no graduation month."
    way_out = "行业类别有误的，请先更正。"
    way_out_en = "If the sector is wrong, correct it first."


class NotASchool(Refusal):
    rule = "GRD-02"
    zh = "“{name}”的行业类别是“{sector}”，不属于学校领域，不标记毕业时间。"
    en = "The sector of {name} ({sector}) is none of schools, so it has no graduation month."
    way_out = "行业类别有误的，请先更正。"
    way_out_en = "If the sector is wrong, correct it first."


class NoClassOfStudents(Refusal):
    rule = "GRD-02"
    zh = "“{name}”是流动、临时、待接转一类的团支部，没有毕业时间。"
    en = "{name} is a floating, temporary or pending branch, which has no graduation month."
    way_out = "请在学生原来的班级团支部上标记。"
    way_out_en = "Mark the class that the students come from."


class MarkedFromAbove(Refusal):
    """`who`: the short names of the organizations whose admins mark it."""

    kind = Kind.FORBIDDEN
    rule = "GRD-02"
    zh = "“{name}”的毕业时间由“{who}”标记，本组织无权标记；团支部自己的管理员不能标记。"
    en = "The graduation month of {name} is marked by {who}; a branch's own admins cannot."
    way_out = "请由“{who}”的管理员标记。"
    way_out_en = "Ask an admin of {who}."


class GraduationYearOutOfRange(Refusal):
    rule = "GRD-02"
    zh = "毕业年份应在 {least} 年至 {most} 年之间。"
    en = "The year of graduation lies between {least} and {most}."
    way_out = "请核对毕业年份；往年已毕业的班级，填写今年。"
    way_out_en = "Check the year; for a class that graduated earlier give the present year."


class MarkGraduationMonth(Command):
    """Of one branch; replaces what was marked before."""

    year: int
    month: Annotated[int, Field(ge=1, le=12)]


@dataclass(frozen=True, slots=True)
class Marker:
    """An organization above a branch, as who marks it is decided by."""

    id: str
    short_name: str
    sector: str
    school: bool


def who_marks(sector: str, above: Sequence[Marker], reference: Reference) -> list[Marker]:
    """ADM-08: those above the branch within its school; where the whole school is one branch, its superior.

    `above`: from the direct superior upwards. None for a branch whose sector has no graduation months.
    """
    own = reference.sectors.get(sector)
    if own is None or not own.graduating or not above:
        return []
    within: list[Marker] = []
    for marker in above:
        at = reference.sectors.get(marker.sector)
        if at is None or not at.school:
            break
        within.append(marker)
        if marker.school:
            break
    return within or [above[0]]


def check_marking(
    command: MarkGraduationMonth,
    state: Organization,
    by: str,
    above: Sequence[Marker],
    reference: Reference,
    today: date,
) -> EstablishedOrganization:
    """`by`: the organization in whose name it is marked. Raises the refusals of this module: which condition fails."""
    branch = established(state)
    information = branch.information
    name, sector = information.short_name, reference.sectors.get(information.sector)
    if branch.category is not Category.BRANCH:
        raise NotABranch(name=name)
    if sector is None:
        raise SectorMissing(name=name)
    if not sector.school:
        raise NotASchool(name=name, sector=sector.name)
    if not sector.graduating:
        raise PrimarySchool(name=name)
    if branch.branch_kind not in _KINDS:
        raise NoClassOfStudents(name=name)
    markers = who_marks(information.sector, above, reference)
    if by not in {marker.id for marker in markers}:
        raise MarkedFromAbove(name=name, who="、".join(marker.short_name for marker in markers))
    if not today.year <= command.year <= today.year + YEARS_AHEAD:
        raise GraduationYearOutOfRange(field="year", least=today.year, most=today.year + YEARS_AHEAD)
    return branch


def mark_graduation_month(
    command: MarkGraduationMonth, branch: EstablishedOrganization, today: date, day: date
) -> list[OrganizationEvent]:
    """Of what `check_marking` lets pass. `day`: when the branches of the command's year become graduate branches."""
    marked = GraduationMonthMarked(year=command.year, month=command.month)
    events: list[OrganizationEvent] = [] if branch.graduates == marked else [marked]
    if branch.graduated not in (None, command.year):
        events.append(GraduateBranchRestored(year=branch.graduated))
    if branch.graduated != command.year and day <= today:
        events.append(BecameGraduateBranch(year=command.year, month=command.month))
    return events


def graduate_branch(state: Organization, year: int, reference: Reference) -> list[OrganizationEvent]:
    """GRD-03: the day of `year` has come. Nothing for another year's, a graduate branch, or no class of a school."""
    if not isinstance(state, EstablishedOrganization) or state.graduates is None or state.graduates.year > year:
        return []
    sector = reference.sectors.get(state.information.sector)
    if sector is None or not sector.graduating or state.branch_kind is not BranchKind.ORDINARY:
        return []
    return [BecameGraduateBranch(year=state.graduates.year, month=state.graduates.month)]
