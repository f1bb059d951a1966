"""What an organization says of itself: the fields, what is required, and the command that changes them."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from services.org.domain.events import (
    BranchKind,
    Category,
    Information,
    OrganizationEvent,
    OrganizationInformationChanged,
)
from services.org.domain.fields import (
    Address,
    Contact,
    DocumentId,
    Email,
    FullName,
    PastDate,
    Phone,
    RegionCode,
    SectorCode,
    ShortName,
)
from services.org.domain.organization import EstablishedOrganization, Organization, RegisterBranchStays, established
from services.org.domain.reference import Reference
from services.org.domain.schools import is_school
from services.org.names import name_key, odd_characters
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal, raise_all


class OutsideLeague(Refusal):
    rule = "ORG-02"
    zh = "“{name}”属于{term}，{term}不是团的组织，不能录入系统。"
    en = "The name {name} is that of a body ({term}) which is not a League organization and cannot be entered."
    way_out = "请录入它所在单位的团委、团工委、团总支或团支部。"
    way_out_en = "Enter the committee, working committee, general branch or branch of its unit instead."


class NameCharacters(Refusal):
    rule = "ORG-05"
    zh = "名称中不能有“{found}”。"
    en = "The name must not contain {found}."
    way_out = "请按批准文件上的名称填写，去掉表情和特殊符号。"
    way_out_en = "Write the name as the approval has it, without pictures and special signs."


class NameTaken(Refusal):
    rule = "ORG-05"
    zh = "同一上级下已有全称为“{name}”的团组织。"
    en = "There is already an organization with the full name {name} under the same superior."
    way_out = "请核对是否重复录入；确是两个组织的，请用能区分的全称。"
    way_out_en = "See whether it was entered twice; if there are two, give them names that tell them apart."


class InformationChangedMeanwhile(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-06"
    zh = "您打开表单以后，组织信息已被其他管理员修改，这次没有保存。"
    en = "Another admin has changed this information since you opened the form, so nothing was saved."
    way_out = "请核对对方的改动，再提交一次。"
    way_out_en = "Look at what was changed, then submit again."


class NamesFixed(Refusal):
    rule = "ORG-07"
    zh = "团中央和省级团委的组织类别、简称、全称、行业类别不可修改。"
    en = "The root and the provincial-level bodies keep their names, category and sector."
    way_out = "其他信息可以修改；确需更名的，请联系团中央。"
    way_out_en = "Other information can be changed; for a new name contact the central committee."


class SectorUnknown(Refusal):
    rule = "ORG-05"
    zh = "没有代码为“{sector}”的行业类别（目录版本 {rule_version}）。"
    en = "There is no sector with the code {sector} (list of {rule_version})."
    way_out = "请从行业类别列表中选择。"
    way_out_en = "Choose one from the list of sectors."


class SectorOfLeadingBody(Refusal):
    rule = "ORG-05"
    zh = "团的领导机关不填写行业类别。"
    en = "A leading body has no sector."
    way_out = "请清空行业类别后再提交。"
    way_out_en = "Leave the sector empty and submit again."


class RegionUnknown(Refusal):
    rule = "ORG-05"
    zh = "没有代码为“{region}”的行政区划（目录版本 {rule_version}）。"
    en = "There is no division with the code {region} (list of {rule_version})."
    way_out = "请从所在地区列表中选择。"
    way_out_en = "Choose one from the list of regions."


class DateInFuture(Refusal):
    rule = "ORG-05"
    zh = "日期不能晚于今天。"
    en = "The date cannot lie in the future."
    way_out = "请核对日期。"
    way_out_en = "Check the date."


class InstitutionCodeOutsideSchools(Refusal):
    rule = "GRD-01"
    zh = "本组织填有学校机构编号，只有学校的团组织才有编号。"
    en = "This organization has an institution code, which only organizations of schools have."
    way_out = "请先在“学校团组织关系梳理及录入专区”清空编号，或仍选择学校类的行业类别。"
    way_out_en = "Clear the code in the schools zone first, or keep a sector of schools."


class ApprovalDocumentUnknown(Refusal):
    rule = "ORG-05"
    zh = "没有找到所引用的批复文件，可能上传已超过一天没有提交。"
    en = "The approval document is not there; an upload that is not submitted within a day is removed."
    way_out = "请重新上传批复文件后提交。"
    way_out_en = "Upload the document again and submit."


class InformationFields(Command):
    """ORG-05 as a form gives it: a field that is empty, null or not given is one and the same."""

    full_name: FullName
    short_name: ShortName
    sector: SectorCode = ""
    region: RegionCode = ""
    founded_on: PastDate = None
    phone: Phone = ""
    email: Email = ""
    address: Address = ""
    contact: Contact = ""
    approval_date: PastDate = None
    approval_document: DocumentId = ""

    @model_validator(mode="before")
    @classmethod
    def _without_empty_fields(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None and value != ""}

    def information(self) -> Information:
        return Information.model_validate(self.model_dump(include=set(Information.model_fields)))


class ChangeInformation(InformationFields):
    """ORG-06: replaces the whole information; the category is not part of it (ORG-07).

    `edition` is that of the information the change was made from.
    """

    edition: Annotated[int, Field(ge=1)]


def change_information(
    command: ChangeInformation,
    state: Organization,
    reference: Reference,
    today: date,
    superior: EstablishedOrganization | None = None,
) -> list[OrganizationEvent]:
    """Takes effect at once; the same information again changes nothing; what another changed is never overwritten.

    `superior`: None for the root. The institution code stays: it has a command of its own (GRD-01).
    """
    organization = established(state)
    if organization.branch_kind is BranchKind.REGISTER:
        raise RegisterBranchStays
    before = organization.information
    after = command.information().model_copy(update={"institution_code": before.institution_code})
    school = is_school(organization.category, after.sector, superior, reference)
    if (after, school) == (before, organization.school):
        return []
    if command.edition != organization.edition:
        raise InformationChangedMeanwhile
    if organization.fixed and (before.full_name, before.short_name, before.sector) != (
        after.full_name,
        after.short_name,
        after.sector,
    ):
        raise NamesFixed
    raise_all(information_faults(after, organization.category, reference, today))
    return [
        OrganizationInformationChanged(
            category=organization.category,
            branch_kind=organization.branch_kind,
            information=after,
            missing=missing_fields(after, organization.category, reference),
            school=school,
        )
    ]


def information_faults(
    information: Information, category: Category, reference: Reference, today: date
) -> list[Refusal]:
    """Everything that is wrong with it, in the order of the form."""
    faults: list[Refusal] = []
    for field in ("full_name", "short_name"):
        name = getattr(information, field)
        if odd := odd_characters(name):
            faults.append(NameCharacters(field=field, found=odd))
        if term := outside_league(name, reference):
            faults.append(OutsideLeague(field=field, name=name, term=term, rule_version=reference.version))
    faults += _sector_faults(information, category, reference)
    if information.region and information.region not in reference.divisions:
        faults.append(RegionUnknown(field="region", region=information.region, rule_version=reference.version))
    for field in ("founded_on", "approval_date"):
        day = getattr(information, field)
        if day is not None and day > today:
            faults.append(DateInFuture(field=field))
    return faults


def _sector_faults(information: Information, category: Category, reference: Reference) -> list[Refusal]:
    faults: list[Refusal] = []
    sector = reference.sectors.get(information.sector)
    if information.sector and category is Category.LEADING_BODY:
        faults.append(SectorOfLeadingBody(field="sector"))
    elif information.sector and sector is None:
        faults.append(SectorUnknown(field="sector", sector=information.sector, rule_version=reference.version))
    if information.institution_code and (sector is None or not sector.school):
        faults.append(InstitutionCodeOutsideSchools(field="sector"))
    return faults


def outside_league(name: str, reference: Reference) -> str | None:
    """ORG-02: the kind of body outside the league that a name ends with, brackets behind it left out; else None."""
    key = name_key(name)
    while key.endswith(")") and "(" in key:
        key = key[: key.rindex("(")]
    return next((term for term in reference.outside_league if key.endswith(term)), None)


def missing_fields(information: Information, category: Category, reference: Reference) -> tuple[str, ...]:
    """ORG-05: the required fields of this category that are empty, by name."""
    return tuple(field for field in reference.required[category] if not getattr(information, field))
