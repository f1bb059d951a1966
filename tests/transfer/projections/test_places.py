"""What sort of place an organization is, as org says it: at first, after a change, and of register branches (TRF-19)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.transfer.projections.places import Places
from shared.contracts.org import BranchKind, Category, OrganizationEstablished, OrganizationInformationChanged, Register
from shared.kernel.envelope import Actor, Recorded

BRANCH = "branch"
NAMES = {"organization": BRANCH, "category": Category.BRANCH, "full_name": "团支部", "short_name": "团支部"}


def told(*facts: OrganizationEstablished | OrganizationInformationChanged) -> dict[str, Any]:
    document, places = None, Places({"places_v1": None, "copies": None})
    for number, fact in enumerate(facts, start=1):
        type_, at = fact.type_name(), datetime(2026, 11, number, tzinfo=UTC)
        data = fact.model_dump(mode="json")
        event = Recorded(str(number), type_, BRANCH, number, 0, at, Actor("service:org"), "", "", data)
        assert places.wants(event.type, event.stream)
        assert tuple(places.keys(event)) == (BRANCH,)
        document = places.evolve(document, event, BRANCH)
    return document or {}


@pytest.mark.rule("TRF-19", "TRF-20", "GRD-08")
@pytest.mark.parametrize("kind", [BranchKind.FLOATING, BranchKind.BRIDGING, BranchKind.ORDINARY])
def test_a_branch_is_of_the_kind_that_it_was_established_as_or_changed_into(kind: BranchKind) -> None:
    at_first = OrganizationEstablished(**NAMES, superior="town", branch_kind=kind, sector="15")
    assert told(at_first) == {"kind": kind, "sector": "15", "school": False}
    changed = OrganizationInformationChanged(**NAMES, branch_kind=BranchKind.TEMPORARY, sector="10")
    assert told(at_first, changed) == {"kind": BranchKind.TEMPORARY, "sector": "10", "school": False}


@pytest.mark.rule("TRF-16", "TRF-17", "GRD-06")
@pytest.mark.parametrize(
    ("register", "kind"),
    [
        (Register.SPECIAL_UNITS, "special"),
        (Register.BEIJING, "outside"),
        (Register.GUANGDONG, "outside"),
        (Register.FUJIAN, "outside"),
    ],
)
def test_a_register_branch_is_what_it_registers(register: Register, kind: str) -> None:
    assert told(OrganizationEstablished(**NAMES, superior="province", registers=register))["kind"] == kind


@pytest.mark.rule("GRD-01", "GRD-06")
def test_a_school_of_its_own_is_known_as_one() -> None:
    school = NAMES | {"category": Category.COMMITTEE, "sector": "5"}
    at_first = OrganizationEstablished(**school, superior="county", school=True)
    assert told(at_first)["school"] is True
    assert told(at_first, OrganizationInformationChanged(**school, school=False))["school"] is False
