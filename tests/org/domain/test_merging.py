"""One organization goes into another, and what a school explained before (ORG-21)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from services.org.domain.dissolving import (
    DecisionDateImpossible,
    PeopleToConfirm,
    SettleDissolution,
    SuperiorDissolves,
    settle_dissolution,
)
from services.org.domain.events import AdminAppointed, BranchKind, Category, DissolutionBegun, OrganizationDissolved
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled
from services.org.domain.merging import (
    ExplanationUnknown,
    FileExplanation,
    MergedAcrossKinds,
    MergedUnderOtherSuperior,
    MergeOrganization,
    SettleExplanation,
    SuperiorSettlesExplanations,
    file_explanation,
    merge_organization,
    settle_explanation,
)
from services.org.domain.moving import NewSuperiorEnding, ProvincialBodyStays
from services.org.domain.organization import ORGANIZATION
from shared.testing.scenario import Decided, History, given
from tests.org.samples import COUNTY, PROVINCE, ROOT, TODAY, facts

BOSS, ADMIN, DAY = "person-boss", "person-admin", timedelta(days=1)
DECISION = {"decided_on": TODAY, "document": "00000000-0000-4000-8000-000000000001"}
BEGUN = DissolutionBegun(dissolution="m-1", pending=None, into="other", **DECISION)
SAID = {"occasion": "merged", "note": "", "document": "00000000-0000-4000-8000-000000000002"}
FILED = ExplanationFiled(explanation="e-1", **SAID)

Happened = History[Any, Any]


def superior() -> Any:
    return given(ORGANIZATION, facts(Category.LEADING_BODY, above=(ROOT, PROVINCE)), AdminAppointed(person=BOSS)).state


def standing(category: Category = Category.COMMITTEE, *after: Any, **more: Any) -> Happened:
    return given(ORGANIZATION, facts(category).model_copy(update=more), *after)


def merges(
    of: Happened,
    into: Happened,
    by: str = BOSS,
    below: Collection[Category] = (),
    people: Collection[str] = (),
    **m: Any,
) -> Decided[Any, Any]:
    command = MergeOrganization(**DECISION | {"into": "other"} | m)
    parties = (superior(), into.state, by)
    return of.when(lambda state: merge_organization(command, state, "m-1", parties, below, people, TODAY))


@pytest.mark.rule("ORG-21")
def test_the_superior_merges_one_of_its_subordinates_into_another() -> None:
    begun = merges(standing(), standing(), below=[Category.BRANCH, Category.GENERAL_BRANCH]).then(BEGUN)
    command = SettleDissolution(dissolution="m-1", members=None)
    over = OrganizationDissolved(superior=COUNTY, successor="other", merged=True, **DECISION)
    begun.when(lambda state: settle_dissolution(command, state)).then(over)
    merges(standing(), standing(), ADMIN).refused(SuperiorDissolves)
    elsewhere = standing(ancestors=(ROOT, PROVINCE, "another"))
    merges(standing(), elsewhere).refused(MergedUnderOtherSuperior)
    merges(standing(), standing(Category.COMMITTEE, BEGUN)).refused(NewSuperiorEnding)


@pytest.mark.rule("ORG-21", "TRF-22")
def test_the_members_of_a_branch_go_into_the_other_branch() -> None:
    merges(standing(Category.BRANCH), standing(Category.BRANCH)).then_one(
        DissolutionBegun, pending="other", into="other"
    )


@pytest.mark.rule("ORG-21", "ORG-04")
def test_what_goes_on_can_hold_what_the_other_had() -> None:
    for of, into in (
        (standing(Category.BRANCH), standing()),
        (standing(), standing(Category.BRANCH)),
        (standing(Category.BRANCH), standing(Category.BRANCH, branch_kind=BranchKind.PENDING)),
        (standing(Category.BRANCH), standing(Category.BRANCH, branch_kind=BranchKind.REGISTER)),
        (standing(Category.BRANCH, branch_kind=BranchKind.PENDING), standing(Category.BRANCH)),
    ):
        merges(of, into).refused(MergedAcrossKinds)
    narrow = standing(Category.GENERAL_BRANCH)
    for below in ([Category.GENERAL_BRANCH], [Category.BRANCH, Category.GENERAL_BRANCH]):
        merges(standing(), narrow, below=below).refused(MergedAcrossKinds)
    merges(standing(), narrow, below=[Category.BRANCH]).then(BEGUN)


@pytest.mark.rule("ORG-21", "ADM-06")
def test_the_decision_and_whose_positions_and_rights_end_are_looked_at_as_when_it_is_dissolved() -> None:
    merges(standing(), standing(), decided_on=TODAY + DAY).refused(DecisionDateImpossible)
    of = standing(Category.COMMITTEE, AdminAppointed(person=ADMIN))
    merges(of, standing(), people=["person-cadre"]).refused(PeopleToConfirm, count=2)
    merges(of, standing(), people=["person-cadre"], confirmed=(ADMIN, "person-cadre")).then(BEGUN)


@pytest.mark.rule("ORG-21")
def test_a_school_explains_and_its_superior_settles_that_once() -> None:
    files, settles = FileExplanation(**SAID), SettleExplanation(explanation="e-1")
    filed = standing().when(lambda state: file_explanation(files, state, "e-1")).then(FILED)
    filed.when(lambda state: settle_explanation(settles, state, superior(), ADMIN)).refused(SuperiorSettlesExplanations)
    settled = filed.when(lambda state: settle_explanation(settles, state, superior(), BOSS))
    over = settled.then(ExplanationSettled(explanation="e-1"))
    over.when(lambda state: settle_explanation(settles, state, superior(), BOSS)).refused(ExplanationUnknown)
    listed = standing(ancestors=(ROOT,))
    listed.when(lambda state: file_explanation(files, state, "e-1")).refused(ProvincialBodyStays)
