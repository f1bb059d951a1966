"""GRD-01: which organization is a school of its own, and the institution code that its own admins set."""

from services.org.domain.events import BranchKind, Category, OrganizationEvent, OrganizationInformationChanged
from services.org.domain.events_of_graduation import InstitutionCodeChanged
from services.org.domain.fields import InstitutionCode
from services.org.domain.organization import EstablishedOrganization, Organization, established
from services.org.domain.reference import Reference
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal


class NoSchoolOfItsOwn(Refusal):
    rule = "GRD-01"
    zh = "只有独立的学校团组织才有学校机构编号；学院、班级等校内组织和团的领导机关没有。"
    en = "Only a school of its own has an institution code; colleges, classes and leading bodies have none."
    way_out = "请在学校团组织填写；确为独立学校的，请先在“组织信息”中选择学校类的行业类别并保存。"
    way_out_en = "Set it for the school itself; if this is one, choose a sector of schools in its information first."


class InstitutionCodeTaken(Refusal):
    rule = "GRD-01"
    zh = "学校机构编号“{code}”已被另一个团组织使用。"
    en = "The institution code {code} is used by another organization."
    way_out = "请核对编号；编号无误的，请联系上级组织查明另一个组织。"
    way_out_en = "Check the code; if it is right, ask the superior to find the other organization."


class SetInstitutionCode(Command):
    """Empty clears it."""

    institution_code: InstitutionCode = ""


def set_institution_code(command: SetInstitutionCode, state: Organization) -> list[OrganizationEvent]:
    """Nothing where it is so already. Clearing is always possible. Raises NoSchoolOfItsOwn."""
    organization = established(state)
    if command.institution_code == organization.information.institution_code:
        return []
    if command.institution_code and not organization.school:
        raise NoSchoolOfItsOwn(field="institution_code")
    return [InstitutionCodeChanged(institution_code=command.institution_code)]


class RecheckSchool(Command):
    """The superior's sector changed, or the superior did."""


def recheck_school(
    _command: RecheckSchool, state: Organization, superior: EstablishedOrganization | None, reference: Reference
) -> list[OrganizationEvent]:
    """Nothing where it is as before, or the organization is there no more. Who is no school has no institution code."""
    if not isinstance(state, EstablishedOrganization) or state.branch_kind is BranchKind.REGISTER:
        return []
    school = is_school(state.category, state.information.sector, superior, reference)
    if school == state.school:
        return []
    same = {each: getattr(state, each) for each in ("category", "branch_kind", "information", "missing")}
    changed = OrganizationInformationChanged(**same, school=school)
    coded = state.information.institution_code and not school
    return [changed, InstitutionCodeChanged(institution_code="")] if coded else [changed]


def is_school(category: Category, sector: str, superior: EstablishedOrganization | None, reference: Reference) -> bool:
    """Of the sector of schools, which no leading body has, and not part of one.

    Under another school only a committee of another kind of school is one: the affiliated school of a university.
    """
    own = reference.sectors.get(sector)
    if own is None or not own.school or superior is None:
        return False
    above = reference.sectors.get(superior.information.sector)
    if above is None or not above.school:
        return True
    return category is Category.COMMITTEE and above.code != own.code
