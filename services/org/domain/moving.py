"""An organization goes with all below it under another superior: when that fits (ORG-04, ORG-17, ORG-21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from services.org.domain.dissolving import DissolutionUnderWay
from services.org.domain.establishing import MAY_HAVE_UNDER_IT, STEPS_MAX, TreeTooDeep
from services.org.domain.events import BranchKind
from services.org.domain.events_of_moves import OrganizationMoved
from services.org.domain.organization import EstablishedOrganization, Organization, check_no_register, established
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal
from shared.kernel.text import clean

Note = Annotated[str, Field(max_length=200), BeforeValidator(clean)]


class ProvincialBodyStays(Refusal):
    rule = "ORG-17"
    zh = "团中央和省级团委不能迁移，只有省级团委以下的组织可以申请迁移。"
    en = "The root and the provincial-level bodies stay where they are; those below them can move."
    way_out = "请选择省级团委以下的组织。"
    way_out_en = "Choose an organization below them."


class PendingBranchStays(Refusal):
    rule = "ORG-10"
    zh = "待接转团支部属于设立它的上级组织，不能单独迁移。"
    en = "A pending branch belongs to the superior it was made for and does not move by itself."
    way_out = "请迁移它的上级组织，或把其中的团员转出。"
    way_out_en = "Move its superior, or transfer its members."


class MoveInCircle(Refusal):
    rule = "ORG-17"
    zh = "“{name}”就是本组织或本组织的下级，不能迁到它之下。"
    en = "{name} is this organization itself or stands below it; nothing moves under itself."
    way_out = "请选择本组织以外的组织作为新的直属上级。"
    way_out_en = "Choose a new superior outside of this organization."


class AlreadyUnderSuperior(Refusal):
    rule = "ORG-17"
    zh = "“{name}”已经是它的直属上级。"
    en = "{name} is its direct superior already."
    way_out = "请选择另一个组织；已经迁移的，无需再次申请。"
    way_out_en = "Choose another one; if it has moved already, nothing is left to do."


class OtherProvince(Refusal):
    rule = "ORG-17"
    zh = "“{name}”在另一个省级团委之下，跨省迁移不能在系统内申请。"
    en = "{name} stands under another provincial-level body; moving there cannot be asked for here."
    way_out = "请由省级团委管理员联系团中央，由团中央办理。"
    way_out_en = "The admins of the provincial-level body turn to the central committee, whose operator does it."


class RootTakesBodiesOnly(Refusal):
    rule = "ORG-01"
    zh = "团中央之下只有省级团委，不能把其他组织迁到团中央之下。"
    en = "Only the provincial-level bodies stand under the root."
    way_out = "请选择省级团委或其下级组织。"
    way_out_en = "Choose a provincial-level body or one below it."


class NewSuperiorEnding(Refusal):
    kind = Kind.CONFLICT
    rule = "ORG-17"
    zh = "“{name}”正在删除或合并，不能接收组织。"
    en = "{name} is being dissolved or merged and takes no organizations."
    way_out = "请选择另一个组织，或等它办结后再试。"
    way_out_en = "Choose another one, or try again when that has come to its end."


class DoesNotFitUnder(Refusal):
    rule = "ORG-04"
    zh = "按照上下级类别规定，“{name}”之下不能设这一类别的组织。"
    en = "An organization of this category does not stand under {name}."
    way_out = "团支部没有下级，团总支下只设团支部，团的领导机关只设在领导机关之下；请另选新的直属上级。"
    way_out_en = "Branches have nothing under them, general branches only branches; choose another new superior."


class NameTakenThere(Refusal):
    rule = "ORG-05"
    zh = "新的直属上级之下已有同名的团组织。"
    en = "There is an organization with the same full name under the new superior already."
    way_out = "请先修改其中一个的全称，再办理迁移。"
    way_out_en = "Give one of them another full name first."


class MoveAcrossProvinces(Command):
    """ORG-17: an operator's act. `reason` is kept."""

    to: str
    reason: Annotated[str, Field(min_length=4, max_length=200), BeforeValidator(clean)]


class MoveOrganization(Command):
    """To under `to`. `by` is the migration or the merger that it comes of; `note` the operator's reason."""

    organization: str
    to: str
    cause: Literal["migration", "merger", "operator"]
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where an organization stands and is to stand, by the rows of the tree: from the root down, both ends included.

    `depth` are the steps down to the lowest below it; `order` is a place kept for it under the new superior.
    """

    present: Sequence[str]
    new: Sequence[str]
    depth: int
    order: int

    @property
    def same_province(self) -> bool:
        return self.present[1:2] == self.new[1:2]


def check_moving(
    command: MoveOrganization, state: Organization, superior: Organization, ways: Ways
) -> EstablishedOrganization:
    """Everything that has to hold, at the request and once more when it moves. Raises the refusals of this module,
    TreeTooDeep, RegisterBranchHasNoAdmins, DissolutionUnderWay, OrganizationUnknown and OrganizationGone.
    """
    organization, above = _movable(state), established(superior)
    name = above.information.short_name
    if command.organization in ways.new:
        raise MoveInCircle(field="to", name=name)
    if len(ways.new) == 1:
        raise RootTakesBodiesOnly(field="to")
    if ways.present[-2] == command.to:
        raise AlreadyUnderSuperior(field="to", name=name)
    if above.closing:
        raise NewSuperiorEnding(field="to", name=name)
    if command.cause == "migration" and not ways.same_province:
        raise OtherProvince(field="to", name=name)
    if organization.category not in MAY_HAVE_UNDER_IT[above.category]:
        raise DoesNotFitUnder(field="to", name=name)
    if len(ways.new) + ways.depth > STEPS_MAX:
        raise TreeTooDeep(field="to", steps_max=STEPS_MAX)
    return organization


def _movable(state: Organization) -> EstablishedOrganization:
    """What can move at all, wherever to."""
    organization = established(state)
    if organization.fixed:
        raise ProvincialBodyStays
    check_no_register(organization)
    if organization.branch_kind is BranchKind.PENDING:
        raise PendingBranchStays
    if organization.closing:
        raise DissolutionUnderWay
    return organization


def move_across_provinces(command: MoveAcrossProvinces, organization: str) -> MoveOrganization:
    """The operator's act as the move that it is."""
    return MoveOrganization(organization=organization, to=command.to, cause="operator", note=command.reason)


def move_organization(
    command: MoveOrganization, state: Organization, superior: Organization, ways: Ways
) -> list[OrganizationMoved]:
    """Raises as `check_moving` does."""
    check_moving(command, state, superior, ways)
    return [
        OrganizationMoved(
            former=ways.present[-2],
            superior=command.to,
            ancestors=tuple(ways.new),
            order=ways.order,
            cause=command.cause,
            by=command.by,
            note=command.note,
        )
    ]
