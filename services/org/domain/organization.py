"""An organization: its state, how events change it, and the commands on the order of its subordinates."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from services.org.domain.events import (
    AdminAppointed,
    AdminRevoked,
    BranchKind,
    Category,
    Information,
    OrganizationEstablished,
    OrganizationEvent,
    OrganizationInformationChanged,
    SubordinatesReordered,
)
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal


class OrganizationUnknown(Refusal):
    kind = Kind.ABSENT
    rule = "ORG-22"
    zh = "没有找到这个团组织。"
    en = "There is no such organization."
    way_out = "请从组织树或搜索中重新选择。"
    way_out_en = "Choose it again from the tree or by searching."


class SubordinateUnknown(Refusal):
    rule = "ORG-08"
    zh = "这个团组织不是本组织的直属下级，不能在这里排序；隔级不能调整。"
    en = "That organization is no direct subordinate; another level cannot be reordered from here."
    way_out = "请由它的直属上级组织的管理员调整顺序。"
    way_out_en = "An admin of its direct superior can change the order."


@dataclass(frozen=True, slots=True)
class AbsentOrganization:
    """Nothing was established under this id."""


@dataclass(frozen=True, slots=True)
class EstablishedOrganization:
    """`ancestors` as of the establishing, root first; `sequence` the last order given to the subordinates."""

    ancestors: tuple[str, ...]
    category: Category
    branch_kind: BranchKind
    information: Information
    missing: tuple[str, ...]
    admins: tuple[str, ...] = ()
    sequence: tuple[str, ...] = field(default=())

    @property
    def fixed(self) -> bool:
        """ORG-07: the root and the provincial-level bodies keep names, category and sector."""
        return len(self.ancestors) <= 1


Organization = AbsentOrganization | EstablishedOrganization


def evolve(state: Organization, event: OrganizationEvent) -> Organization:
    """The state after one more event of the stream."""
    match state, event:
        case AbsentOrganization(), OrganizationEstablished():
            return EstablishedOrganization(
                ancestors=event.ancestors,
                category=event.category,
                branch_kind=event.branch_kind,
                information=event.information,
                missing=event.missing,
            )
        case EstablishedOrganization(), OrganizationInformationChanged():
            return replace(state, information=event.information, missing=event.missing)
        case EstablishedOrganization(), SubordinatesReordered():
            return replace(state, sequence=event.subordinates)
        case EstablishedOrganization(), AdminAppointed():
            return replace(state, admins=(*state.admins, event.person))
        case EstablishedOrganization(), AdminRevoked():
            return replace(state, admins=tuple(a for a in state.admins if a != event.person))
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


ORGANIZATION: Decider[Organization, OrganizationEvent] = Decider("organization", AbsentOrganization(), evolve)


def established(state: Organization) -> EstablishedOrganization:
    """The organization that a command is about; raises OrganizationUnknown."""
    match state:
        case EstablishedOrganization():
            return state
        case AbsentOrganization():
            raise OrganizationUnknown
        case _:
            assert_never(state)


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class MoveSubordinate(Command):
    """ORG-08: moves one direct subordinate up or down by one place."""

    subordinate: str
    direction: Direction


def move_subordinate(
    command: MoveSubordinate, state: Organization, subordinates: Sequence[str]
) -> list[OrganizationEvent]:
    """`subordinates`: all direct ones, by the places they were established in. At an end nothing happens."""
    order = in_sequence(established(state).sequence, subordinates)
    if command.subordinate not in order:
        raise SubordinateUnknown(field="subordinate")
    at = order.index(command.subordinate)
    to = at - 1 if command.direction is Direction.UP else at + 1
    if not 0 <= to < len(order):
        return []
    order[at], order[to] = order[to], order[at]
    return [SubordinatesReordered(subordinates=tuple(order))]


def in_sequence(sequence: Sequence[str], subordinates: Sequence[str]) -> list[str]:
    """Subordinates in the order last given; those established since follow in the order they come in."""
    place = {each: at for at, each in enumerate(sequence)}
    return sorted(subordinates, key=lambda each: place.get(each, len(place)))
