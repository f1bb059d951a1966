"""How many a cohort has, from its own facts: in parts, left out, taken in, withdrawn (GRD-03, GRD-04, GRD-06)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.transfer.domain.events import REGISTRY
from services.transfer.domain.events_of_cohorts import (
    CohortEvent,
    CohortFrozen,
    CohortWithdrawn,
    GraduateExcluded,
    GraduateIncluded,
)
from services.transfer.projections.cohorts import Cohorts
from shared.contracts.org import OrganizationMoved
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Actor, Recorded

DAY_1 = datetime(2026, 6, 1, tzinfo=UTC)
WHOSE = {"branch": "b", "year": 2026}


def cohorts() -> Cohorts:
    return Cohorts({"cohorts_v2": None, "copies": None})


def folded(*facts: CohortEvent) -> dict[str, Any] | None:
    document = None
    for number, fact in enumerate(facts):
        type_, data = REGISTRY.type_of(fact), fact.model_dump(mode="json", exclude={"personal"})
        at = DAY_1 + timedelta(days=number)
        event = Recorded(str(number), type_, "cohort-1", number + 1, 0, at, Actor("service:x"), "", "", data)
        document = cohorts().evolve(document, event, "cohort-1")
    return document


def frozen(*members: str) -> CohortFrozen:
    return CohortFrozen(**WHOSE, members=members)


def excluded(person: str, *, after: bool = True) -> GraduateExcluded:
    return GraduateExcluded(**WHOSE, person=person, frozen=after)


def included(person: str, *, after: bool = True) -> GraduateIncluded:
    return GraduateIncluded(**WHOSE, person=person, frozen=after)


@pytest.mark.rule("GRD-06")
def test_the_parts_of_a_large_cohort_add_up_and_the_first_says_when_it_was_frozen() -> None:
    whole = {**WHOSE, "members": 3, "left_out": [], "frozen_at": to_micros(DAY_1)}
    assert folded(frozen("p", "q"), frozen("r")) == whole


@pytest.mark.rule("GRD-04", "GRD-06")
def test_who_is_left_out_afterwards_is_noted_and_who_is_taken_in_counts_once() -> None:
    def counts(*facts: CohortEvent) -> tuple[int, list[str]]:
        found = folded(frozen("p", "q"), *facts)
        assert found is not None
        return found["members"], found["left_out"]

    assert counts(excluded("p")) == (2, ["p"])
    assert counts(excluded("p"), excluded("q"), included("p")) == (2, ["q"])
    assert counts(included("r")) == (3, [])
    assert counts(excluded("p", after=False), included("r", after=False)) == (2, [])


@pytest.mark.rule("GRD-03", "GRD-06")
def test_one_that_is_withdrawn_is_there_no_more_and_can_be_frozen_anew() -> None:
    withdrawn = CohortWithdrawn(**WHOSE, members=("p",))
    assert folded(frozen("p"), withdrawn) is None
    anew = folded(frozen("p"), withdrawn, frozen("p", "q"))
    assert anew is not None
    assert (anew["members"], anew["frozen_at"]) == (2, to_micros(DAY_1 + timedelta(days=2)))


@pytest.mark.rule("GRD-06", "ORG-17")
def test_a_move_of_what_stands_above_a_cohort_is_heard() -> None:
    moved = {"superior": "other", "former_superior": "school", "order": 1, "cause": "migration"}
    fact = OrganizationMoved(organization="b", **moved)
    data, type_ = fact.model_dump(mode="json"), fact.type_name()
    event = Recorded("1", type_, "b", 1, 0, DAY_1, Actor("service:org"), "", "", data)
    assert cohorts().wants(type_, "b")
    assert tuple(cohorts().keys(event)) == ("b",)
    assert cohorts().evolve({"superior": "school"}, event, "b") == {"superior": "other"}
