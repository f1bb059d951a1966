"""Which branches are graduate branches, and of which year, as member knows it from org (GRD-03, GRD-04)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.member.projections.graduate_branches import GraduateBranches
from shared.contracts.org import BecameGraduateBranch, GraduateBranchRestored
from shared.kernel.envelope import Actor, Recorded

BRANCH = "branch"
BECAME = BecameGraduateBranch(branch=BRANCH, year=2026, month=6)


def told(*facts: BecameGraduateBranch | GraduateBranchRestored) -> dict[str, Any] | None:
    document, branches = None, GraduateBranches({"graduate_branches_v1": None, "copies": None})
    for number, fact in enumerate(facts, start=1):
        at, data = datetime(2026, 6, number, tzinfo=UTC), fact.model_dump(mode="json")
        event = Recorded(str(number), fact.type_name(), BRANCH, number, 0, at, Actor("service:org"), "", "", data)
        assert branches.wants(event.type, event.stream)
        assert tuple(branches.keys(event)) == (BRANCH,)
        document = branches.evolve(document, event, BRANCH)
    return document


@pytest.mark.rule("GRD-03", "GRD-04")
def test_a_branch_is_one_of_the_year_it_became_one_until_it_is_an_ordinary_one_again() -> None:
    restored = GraduateBranchRestored(branch=BRANCH, year=2026)
    assert told(BECAME) == {"year": 2026}
    assert told(BECAME, restored) is None
    assert told(BECAME, restored, BECAME.model_copy(update={"year": 2027})) == {"year": 2027}
