"""Establishing an organization under another: the tree grows top-down (ORG-01 to ORG-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.org.domain.events import BranchKind, Category, OrganizationEstablished, OrganizationEvent
from services.org.domain.information import InformationFields, information_faults, missing_fields
from services.org.domain.organization import EstablishedOrganization, Organization, check_own_admin, established
from services.org.domain.reference import SCHOOLS, Reference, Sector
from services.org.domain.schools import is_school
from shared.kernel.refusals import Refusal, raise_all

BASIC = (Category.COMMITTEE, Category.WORKING_COMMITTEE, Category.GENERAL_BRANCH, Category.BRANCH)
MAY_HAVE_UNDER_IT: dict[Category, tuple[Category, ...]] = {
    Category.LEADING_BODY: (Category.LEADING_BODY, *BASIC),
    Category.COMMITTEE: BASIC,
    Category.WORKING_COMMITTEE: BASIC,
    Category.GENERAL_BRANCH: (Category.BRANCH,),
    Category.BRANCH: (),
}
"""ORG-04: category -> the categories of its direct subordinates."""

STEPS_MAX = 10
_TOWNS_AND_STREETS = ("城市社区", "农村")
_NO_PARKS = (SCHOOLS, "机关事业单位")
_MADE_BY_THE_SYSTEM = (BranchKind.GRADUATE, BranchKind.PENDING, BranchKind.REGISTER)


class BranchWithSubordinates(Refusal):
    rule = "ORG-04"
    zh = "团支部不能有下级团组织。"
    en = "A branch has no subordinates."
    way_out = "请在它的直属上级组织下创建。"
    way_out_en = "Create the organization under the branch's superior."


class GeneralBranchHoldsBranchesOnly(Refusal):
    rule = "ORG-04"
    zh = "团总支下只能设团支部。"
    en = "A general branch has branches under it and nothing else."
    way_out = "请把类别改为团支部，或在团委、团工委下创建。"
    way_out_en = "Choose the category branch, or create it under a committee or working committee."


class LeadingBodyUnderBasic(Refusal):
    rule = "ORG-04"
    zh = "团的领导机关只能设在团的领导机关之下。"
    en = "A leading body stands under leading bodies only."
    way_out = "请核对类别；单位、学校的团组织应选团委、团工委、团总支或团支部。"
    way_out_en = "Check the category; units and schools have committees, general branches or branches."


class RootExists(Refusal):
    rule = "ORG-01"
    zh = "全国只有一棵组织树，团中央已经存在。"
    en = "There is one national tree, and its root is there already."
    way_out = "初始数据只写入空的数据库；请先确认所连接的数据库。"
    way_out_en = "Seeding is for an empty store; see which database this is."


class ProvincialBodyUnlisted(Refusal):
    rule = "ORG-01"
    zh = "“{name}”不在省级团委名单中（目录版本 {rule_version}），不能直接设在团中央之下。"
    en = "{name} is not on the list of provincial-level bodies ({rule_version}) and cannot stand under the root."
    way_out = "请在它所属的省级团委之下创建。"
    way_out_en = "Create it under the provincial-level body it belongs to."


class TreeTooDeep(Refusal):
    rule = "ORG-01"
    zh = "这个组织距团中央超过 {steps_max} 级，上级将无法管理它。"
    en = "This organization would be more than {steps_max} levels below the root, beyond the reach of its superiors."
    way_out = "请减少中间层级，在更高一级组织下创建。"
    way_out_en = "Create it one level higher."


class KindOfBranchOnly(Refusal):
    rule = "ORG-02"
    zh = "只有团支部可以是流动、学社衔接临时或临时团支部。"
    en = "Only a branch can be a floating, bridging or temporary one."
    way_out = "请把类别改为团支部，或不选特殊类型。"
    way_out_en = "Choose the category branch, or no special kind."


class KindMadeBySystem(Refusal):
    rule = "ORG-02"
    zh = "毕业生团组织、待接转团支部和登记支部由系统生成，不能直接创建。"
    en = "Graduate, pending and register branches come into being by the system and are not created by hand."
    way_out = "请创建普通团支部。"
    way_out_en = "Create an ordinary branch."


class TemporaryBranchWithoutEmployer(Refusal):
    rule = "ORG-02"
    zh = "临时团支部只能由用人单位的团组织设立。"
    en = "Only an employer's organization sets up a temporary branch."
    way_out = "请在用人单位的团组织下创建；该组织未填行业类别的，请先填写。"
    way_out_en = "Create it under the employer's organization; fill in that organization's sector first if it is empty."


class BridgingBranchElsewhere(Refusal):
    rule = "GRD-08"
    zh = "学社衔接临时团支部只能由大型园区的团工委，或者乡镇、街道的团组织设立。"
    en = "Only the working committee of a park, or the organization of a town or street, sets up a bridging branch."
    way_out = "请在所在园区团工委或乡镇、街道团组织下创建；用人单位可在本单位下设临时团支部。"
    way_out_en = "Create it under that of the park, town or street; an employer's organization has temporary branches."


class EstablishOrganization(InformationFields):
    """ORG-03: `superior` is the direct one."""

    superior: str
    category: Category
    branch_kind: BranchKind = BranchKind.ORDINARY


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new organization will stand: its superior's state, the way to it from the root, the place given."""

    superior: Organization
    ancestors: Sequence[str]
    order: int


def establish_organization(
    command: EstablishOrganization, place: Place, by: str | None, reference: Reference, today: date
) -> list[OrganizationEvent]:
    """`place.ancestors` ends with the superior; `by` as in `check_own_admin`."""
    superior = established(place.superior)
    check_own_admin(superior, by)
    information = command.information()
    raise_all(
        [
            *_standing_faults(command.category, superior),
            *_kind_faults(command, superior, reference),
            *information_faults(information, command.category, reference, today),
            *_place_faults(information.full_name, place, reference),
        ]
    )
    return [
        OrganizationEstablished(
            ancestors=tuple(place.ancestors),
            category=command.category,
            branch_kind=command.branch_kind,
            order=place.order,
            information=information,
            missing=missing_fields(information, command.category, reference),
            school=is_school(command.category, information.sector, superior, reference),
        )
    ]


def establish_root(fields: InformationFields, reference: Reference) -> list[OrganizationEvent]:
    """ORG-01: the one node without a superior, made when a deployment begins."""
    information = fields.information()
    return [
        OrganizationEstablished(
            ancestors=(),
            category=Category.LEADING_BODY,
            branch_kind=BranchKind.ORDINARY,
            order=1,
            information=information,
            missing=missing_fields(information, Category.LEADING_BODY, reference),
        )
    ]


def _standing_faults(category: Category, superior: EstablishedOrganization) -> list[Refusal]:
    if category in MAY_HAVE_UNDER_IT[superior.category]:
        return []
    if superior.category is Category.BRANCH:
        return [BranchWithSubordinates(field="superior")]
    if category is Category.LEADING_BODY:
        return [LeadingBodyUnderBasic(field="category")]
    return [GeneralBranchHoldsBranchesOnly(field="category")]


def _kind_faults(
    command: EstablishOrganization, superior: EstablishedOrganization, reference: Reference
) -> list[Refusal]:
    if command.branch_kind is BranchKind.ORDINARY:
        return []
    if command.branch_kind in _MADE_BY_THE_SYSTEM:
        return [KindMadeBySystem(field="branch_kind")]
    if command.category is not Category.BRANCH:
        return [KindOfBranchOnly(field="branch_kind")]
    sector = reference.sectors.get(superior.information.sector)
    if command.branch_kind is BranchKind.BRIDGING and not _bridges(superior, sector):
        return [BridgingBranchElsewhere(field="branch_kind")]
    if command.branch_kind is BranchKind.TEMPORARY and (sector is None or not sector.employer):
        return [TemporaryBranchWithoutEmployer(field="branch_kind")]
    return []


def _bridges(superior: EstablishedOrganization, sector: Sector | None) -> bool:
    """GRD-08: an organization of a town or street, or the working committee of a park."""
    if superior.category is Category.WORKING_COMMITTEE:
        return sector is None or sector.tab not in _NO_PARKS
    return superior.category is Category.COMMITTEE and sector is not None and sector.tab in _TOWNS_AND_STREETS


def _place_faults(full_name: str, place: Place, reference: Reference) -> list[Refusal]:
    faults: list[Refusal] = []
    if len(place.ancestors) == 1 and full_name not in {body.full_name for body in reference.provincial_bodies}:
        faults.append(ProvincialBodyUnlisted(field="full_name", name=full_name, rule_version=reference.version))
    if len(place.ancestors) > STEPS_MAX:
        faults.append(TreeTooDeep(field="superior", steps_max=STEPS_MAX))
    return faults
