"""Short ways to write the facts that stats hears."""

from collections.abc import Iterable
from typing import Any

from services.stats.counting.recount import Drift, Tally, recount
from shared.contracts import member, org, transfer
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


def moved(person: str, from_branch: str, to_branch: str, *missing: str, by: str = "transfer-1") -> member.MemberMoved:
    where = {"from_branch": from_branch, "to_branch": to_branch}
    return member.MemberMoved(person=person, transfer=by, missing=missing, **where)


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


def relocated(name: str, superior: str, former: str = "", order: int = 1) -> org.OrganizationMoved:
    """An organization that moves under another superior (ORG-17)."""
    above = {"superior": superior, "former_superior": former}
    return org.OrganizationMoved(organization=name, **above, order=order, cause="migration")


def reordered(superior: str, *subordinates: str) -> org.SubordinatesReordered:
    return org.SubordinatesReordered(superior=superior, subordinates=subordinates)


def frozen(branch: str, *people: str, year: int = 2026) -> transfer.CohortFrozen:
    return transfer.CohortFrozen(branch=branch, year=year, members=people)


def withdrawn_cohort(branch: str, *people: str, year: int = 2026) -> transfer.CohortWithdrawn:
    return transfer.CohortWithdrawn(branch=branch, year=year, members=people)


def left_out(person: str, branch: str, year: int = 2026) -> transfer.GraduateExcluded:
    return transfer.GraduateExcluded(branch=branch, year=year, person=person)


def taken_in(person: str, branch: str, year: int = 2026) -> transfer.GraduateIncluded:
    return transfer.GraduateIncluded(branch=branch, year=year, person=person)


def asked(name: str, person: str, from_branch: str, to: str = "e") -> transfer.TransferRequested:
    return transfer.TransferRequested(transfer=name, person=person, from_branch=from_branch, to=to)


def became_late(name: str, person: str, organization: str, side: str = "in") -> transfer.TransferBecameLate:
    about = {"transfer": name, "person": person, "side": side, "organization": organization}
    return transfer.TransferBecameLate(**about, since=None, due_at=None)


def agreed(
    name: str, person: str, organization: str, side: str = "in", *, late: bool = False, automatic: bool = False
) -> transfer.TransferStepApproved:
    about = {"transfer": name, "person": person, "side": side, "organization": organization, "since": None}
    return transfer.TransferStepApproved(**about, late=late, automatic=automatic)


def assigned(name: str, person: str, organization: str, *, late: bool = False) -> transfer.DestinationAssigned:
    about = {"transfer": name, "person": person, "organization": organization, "since": None}
    return transfer.DestinationAssigned(**about, to_branch="x", late=late)


def turned_down(name: str, person: str, organization: str = "", *, late: bool = False) -> transfer.TransferRefused:
    return transfer.TransferRefused(
        transfer=name, person=person, side="in", organization=organization, ground="wrong_person", late=late
    )


def timed_out(name: str, person: str, organization: str = "") -> transfer.TransferTimedOut:
    return transfer.TransferTimedOut(transfer=name, person=person, side="in", organization=organization, late=False)


def taken_back(name: str, person: str) -> transfer.TransferWithdrawn:
    return transfer.TransferWithdrawn(transfer=name, person=person)


def complete(name: str, person: str, a: str, b: str, destination: str = "employer") -> transfer.TransferCompleted:
    where = {"from_branch": a, "to_branch": b}
    return transfer.TransferCompleted(transfer=name, person=person, **where, reason="other", destination=destination)


def drifts(people: Iterable[Any], nodes: dict[str, Any], transfers: Iterable[Any] = ()) -> list[Drift]:
    """A recount of everything there is."""
    tally = Tally()
    for person in people:
        tally.person(person)
    for each in transfers:
        tally.transfer(each)
    return recount(tally, nodes)
