"""Short ways to write the facts that stats hears."""

from collections.abc import Iterable
from typing import Any

from services.stats.counting.recount import Drift, recount, tally
from shared.contracts import member, org
from shared.contracts.org import Category


def established(name: str, superior: str | None = None, category: str = "branch", **more: Any) -> org.Contract:
    return org.OrganizationEstablished(
        organization=name,
        superior=superior,
        category=Category(category),
        full_name=f"共青团{name}",
        short_name=name,
        **more,
    )


def entered(person: str, branch: str, *missing: str) -> member.MemberEntered:
    return member.MemberEntered(person=person, branch=branch, missing=missing)


def moved(person: str, from_branch: str, to_branch: str, *missing: str) -> member.MemberMoved:
    where = {"from_branch": from_branch, "to_branch": to_branch}
    return member.MemberMoved(person=person, transfer="transfer-1", missing=missing, **where)


def ended(person: str, branch: str) -> member.MembershipEnded:
    return member.MembershipEnded(person=person, branch=branch, cause="import_withdrawn")


def appointed(person: str, organization: str, position: str = "书记", *missing: str) -> member.CadreAppointed:
    return member.CadreAppointed(person=person, organization=organization, position=position, missing=missing)


def position_ended(person: str, organization: str, position: str = "书记") -> member.CadrePositionEnded:
    return member.CadrePositionEnded(person=person, organization=organization, position=position, cause="ended")


def mended(person: str, *missing: str) -> member.RecordCompletenessChanged:
    return member.RecordCompletenessChanged(person=person, missing=missing)


def dissolved(name: str, superior: str) -> org.OrganizationDissolved:
    return org.OrganizationDissolved(organization=name, superior=superior)


def reordered(superior: str, *subordinates: str) -> org.SubordinatesReordered:
    return org.SubordinatesReordered(superior=superior, subordinates=subordinates)


def drifts(people: Iterable[Any], nodes: dict[str, Any]) -> list[Drift]:
    """A recount of everything there is."""
    counted: dict[str, Any] = {}
    for person in people:
        tally(counted, person)
    return recount(counted, nodes)
