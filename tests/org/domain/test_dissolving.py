"""An organization ends: by whose decision, when it can, and what ends with it (ORG-09 to ORG-11, ADM-06)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from services.org.domain.dissolving import (
    BranchesOnlyAreRelocated,
    DecisionDateImpossible,
    DissolutionUnderWay,
    DissolveOrganization,
    ListedBodyStays,
    PendingBranchNotEmptied,
    PeopleToConfirm,
    SettleDissolution,
    SuperiorDissolves,
    check_dissolvable,
    dissolve_organization,
    establish_pending,
    settle_dissolution,
)
from services.org.domain.events import (
    AdminAppointed,
    AdminRevoked,
    BranchKind,
    Category,
    DissolutionBegun,
    DissolutionRefused,
    OrganizationDissolved,
    OrganizationEstablished,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRevoked,
    RegistrationLapsed,
)
from services.org.domain.organization import ORGANIZATION, OrganizationGone, RegisterBranchStays
from shared.testing.scenario import Decided, History, given
from tests.org.samples import COUNTY, NOW, PROVINCE, REFERENCE, ROOT, TODAY, facts

BOSS, ADMIN, CADRE, DAY = "person-boss", "person-admin", "person-cadre", timedelta(days=1)
DECISION = {"decided_on": TODAY, "document": "00000000-0000-4000-8000-000000000001"}
BEGUN = DissolutionBegun(dissolution="d-1", pending=None, **DECISION)
GONE = {"superior": COUNTY, **DECISION}

Happened = History[Any, Any]


def superior() -> Any:
    return given(ORGANIZATION, facts(Category.LEADING_BODY, above=(ROOT, PROVINCE)), AdminAppointed(person=BOSS)).state


def standing(category: Category = Category.COMMITTEE, *after: Any, **more: Any) -> Happened:
    made = facts(category, founded_on=TODAY - 9 * DAY)
    return given(ORGANIZATION, made.model_copy(update=more), *after)


def dissolves(
    of: Happened, by: str | None = BOSS, cadres: Collection[str] = (), pending: str | None = None, **more: Any
) -> Decided[Any, Any]:
    command = DissolveOrganization(**DECISION | more)
    return of.when(
        lambda state: dissolve_organization(
            command, check_dissolvable(command, state, superior(), by, cadres, TODAY), "d-1", pending
        )
    )


def settles(of: Happened, members: int | None, dissolution: str = "d-1") -> Decided[Any, Any]:
    command = SettleDissolution(dissolution=dissolution, members=members)
    return of.when(lambda state: settle_dissolution(command, state))


@pytest.mark.rule("ORG-09")
def test_the_superior_s_own_admins_dissolve_and_nobody_else() -> None:
    for by in (BOSS, None):
        dissolves(standing(), by).then(OrganizationDissolved(**GONE))
    dissolves(standing(), ADMIN).refused(SuperiorDissolves, superior="育才中学团委")
    gone = dissolves(standing()).then(OrganizationDissolved(**GONE))
    dissolves(gone).refused(OrganizationGone)


@pytest.mark.rule("ORG-09")
def test_the_decision_was_made_while_it_stood() -> None:
    for day in (TODAY, TODAY - 9 * DAY):
        dissolves(standing(), decided_on=day).then_one(OrganizationDissolved, decided_on=day)
    for day in (TODAY + DAY, TODAY - 10 * DAY):
        dissolves(standing(), decided_on=day).refused(DecisionDateImpossible, field="decided_on")


@pytest.mark.rule("ORG-09", "ADM-06")
def test_whose_positions_and_rights_end_is_confirmed_and_they_end_with_it() -> None:
    of = standing(Category.COMMITTEE, AdminAppointed(person=ADMIN))
    for confirmed, left in (((), 2), ((ADMIN,), 1), ((CADRE,), 1)):
        dissolves(of, cadres=[CADRE], confirmed=confirmed).refused(PeopleToConfirm, count=left)
    over = dissolves(of, cadres=[CADRE], confirmed=(ADMIN, CADRE))
    over.then(AdminRevoked(person=ADMIN, cause="dissolved"), OrganizationDissolved(**GONE))


@pytest.mark.rule("ORG-09", "ADM-06")
def test_its_code_and_who_registers_by_one_end_with_it() -> None:
    coded = RegistrationCodeIssued(code="code-1", code_hash="hash", due_at=NOW + DAY)
    used = RegistrationCodeRedeemed(code="code-1", registration="registration-1", due_at=NOW + DAY)
    live = standing(Category.COMMITTEE, coded)
    dissolves(live).then(RegistrationCodeRevoked(code="code-1"), OrganizationDissolved(**GONE))
    awaited = standing(Category.COMMITTEE, coded, used)
    dissolves(awaited).then(RegistrationLapsed(registration="registration-1"), OrganizationDissolved(**GONE))


@pytest.mark.rule("ORG-09", "TRF-16")
def test_listed_bodies_register_branches_and_what_ends_already_stay() -> None:
    dissolves(standing(ancestors=(ROOT,))).refused(ListedBodyStays)
    dissolves(standing(Category.BRANCH, branch_kind=BranchKind.REGISTER)).refused(RegisterBranchStays)
    dissolves(standing(Category.BRANCH, BEGUN)).refused(DissolutionUnderWay)


@pytest.mark.rule("ORG-09")
def test_a_branch_waits_for_the_word_that_it_is_empty_and_goes_on_where_it_is_not() -> None:
    begun = dissolves(standing(Category.BRANCH)).then(BEGUN)
    settles(begun, None, "d-0").then_nothing()
    settles(begun, None).then(OrganizationDissolved(**GONE))
    kept = settles(begun, 3).then(DissolutionRefused(dissolution="d-1", members=3))
    settles(kept, None).then_nothing()
    dissolves(kept).then(BEGUN)


@pytest.mark.rule("ORG-10")
def test_the_people_of_a_branch_go_to_the_pending_branch_of_its_superior() -> None:
    relocating = BEGUN.model_copy(update={"pending": "pending"})
    begun = dissolves(standing(Category.BRANCH), pending="pending", relocate=True).then(relocating)
    settles(begun, None).then(OrganizationDissolved(**GONE, successor="pending", merged=False))
    dissolves(standing(), relocate=True).refused(BranchesOnlyAreRelocated)
    [made] = establish_pending(superior(), (ROOT, PROVINCE, COUNTY), 4, REFERENCE)
    assert isinstance(made, OrganizationEstablished)
    assert (made.category, made.branch_kind, made.ancestors[-1]) == (Category.BRANCH, BranchKind.PENDING, COUNTY)
    assert made.information.full_name.endswith("待接转团支部")


@pytest.mark.rule("ORG-11")
def test_a_pending_branch_ends_when_it_is_empty_and_its_people_go_nowhere_else_by_that() -> None:
    pending = standing(Category.BRANCH, branch_kind=BranchKind.PENDING)
    dissolves(pending, relocate=True).refused(PendingBranchNotEmptied)
    settles(dissolves(pending).then(BEGUN), None).then(OrganizationDissolved(**GONE))
