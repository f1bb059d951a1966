"""The order of the direct subordinates (ORG-08)."""

from collections.abc import Sequence
from enum import StrEnum

from services.org.domain.events import OrganizationEvent, SubordinatesReordered
from services.org.domain.organization import Organization, SubordinateUnknown, check_own_admin, established
from shared.kernel.envelope import Command


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class MoveSubordinate(Command):
    """ORG-08: moves one direct subordinate up or down by one place."""

    subordinate: str
    direction: Direction


def move_subordinate(
    command: MoveSubordinate, state: Organization, subordinates: Sequence[str], by: str | None
) -> list[OrganizationEvent]:
    """`subordinates`: all direct ones, by the places they were established in. At an end nothing happens."""
    organization = established(state)
    check_own_admin(organization, by)
    order = in_sequence(organization.sequence, subordinates)
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
