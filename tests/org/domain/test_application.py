"""Applications for an account as histories: who may send one, how it is decided, how it ends (ADM-07, P8, P11)."""

from datetime import datetime, timedelta

import pytest

from services.org.domain.application import (
    APPLICATION,
    AccountApplicationNotPossible,
    AccountApplicationOver,
    ApproveAccountApplication,
    DestroyApplicationData,
    ForgottenApplication,
    LapseAccountApplication,
    Outcome,
    RefuseAccountApplication,
    SubmitAccountApplication,
    SuperiorDecidesApplications,
    approve_account_application,
    check_decides,
    destroy_application_data,
    lapse_account_application,
    refuse_account_application,
    submit_account_application,
)
from services.org.domain.events import (
    AccountApplicationApproved,
    AccountApplicationLapsed,
    AccountApplicationRefused,
    AccountApplicationSubmitted,
    AdminAppointed,
    AdminRevoked,
    ApplicationDataDestroyed,
    Category,
)
from services.org.domain.organization import ORGANIZATION, Organization
from shared.kernel.envelope import Personal
from shared.testing.scenario import Decided, History, given
from tests.org.samples import NOW, ROOT, UNIT, facts

LIFE, KEPT = timedelta(days=10), timedelta(days=30)
DUE, CODE_DUE = NOW + LIFE, NOW + timedelta(days=20)
SECRET = Personal(person="application-1", values={"responsible": "欧阳测试"})
REASON = Personal(person="application-1", values={"reason": "申请表没有盖章"})
SUBMITTED = AccountApplicationSubmitted(organization=UNIT, form="form-1", media_type="application/pdf", due_at=DUE)
SENT = SUBMITTED.model_copy(update={"personal": SECRET})
APPROVED = AccountApplicationApproved(code="code-1", code_due_at=CODE_DUE, destroy_at=NOW + KEPT)
REFUSED = AccountApplicationRefused(destroy_at=NOW + KEPT)
LAPSED = AccountApplicationLapsed(destroy_at=DUE + KEPT)
ADMIN = AdminAppointed(person="person-1")
SUPERIOR = ORGANIZATION.fold([facts(Category.LEADING_BODY, above=(ROOT,)), ADMIN])
UNADMINISTERED = ORGANIZATION.fold([facts()])


def submit(organization: Organization = UNADMINISTERED, superior: Organization = SUPERIOR) -> Decided:
    command = SubmitAccountApplication(
        organization=UNIT, form="form-1", media_type="application/pdf", sealed=SECRET, life=LIFE
    )
    return given(APPLICATION).when(lambda _: submit_account_application(command, organization, superior, NOW))


def approve(history: History, at: datetime = NOW) -> Decided:
    command = ApproveAccountApplication(code="code-1", code_due_at=CODE_DUE, kept=KEPT)
    return history.when(lambda a: approve_account_application(command, a, at))


def refuse(history: History, at: datetime = NOW) -> Decided:
    command = RefuseAccountApplication(reason=REASON, kept=KEPT)
    return history.when(lambda a: refuse_account_application(command, a, at))


def lapse(history: History, at: datetime) -> Decided:
    return history.when(lambda a: lapse_account_application(LapseAccountApplication(kept=KEPT), a, at))


def destroy(history: History, at: datetime) -> Decided:
    return history.when(lambda a: destroy_application_data(DestroyApplicationData(), a, at))


@pytest.mark.rule("ADM-07")
def test_an_organization_without_an_admin_applies_and_its_superior_has_ten_days() -> None:
    submit().then(SENT)


@pytest.mark.rule("ADM-07", "X14")
@pytest.mark.parametrize(
    ("organization", "superior"),
    [
        (ORGANIZATION.fold([facts(), ADMIN]), SUPERIOR),
        (UNADMINISTERED, UNADMINISTERED),
        (ORGANIZATION.fold([facts(above=())]), SUPERIOR),
        (ORGANIZATION.initial, SUPERIOR),
        (UNADMINISTERED, ORGANIZATION.initial),
    ],
    ids=["has an admin", "nobody above decides", "is the root", "is not there", "nothing above is there"],
)
def test_whatever_stands_against_it_has_one_answer(organization: Organization, superior: Organization) -> None:
    submit(organization, superior).refused(AccountApplicationNotPossible)


@pytest.mark.rule("ADM-07")
def test_it_applies_again_once_its_admin_was_revoked_and_under_the_root_the_operators_decide() -> None:
    revoked = AdminRevoked(person="person-1", cause="revoked")
    submit(ORGANIZATION.fold([facts(), ADMIN, revoked])).then(SENT)
    submit(ORGANIZATION.fold([facts(above=(ROOT,))]), ORGANIZATION.fold([facts(above=())])).then(SENT)


@pytest.mark.rule("ADM-07", "P8")
def test_it_is_decided_once_and_only_before_its_time_is_over() -> None:
    waiting, last = given(APPLICATION, SUBMITTED), DUE - timedelta(microseconds=1)
    ended = approve(waiting).then(APPROVED)
    approve(waiting, last).then_one(AccountApplicationApproved, code="code-1")
    refuse(waiting, last).then(
        AccountApplicationRefused(destroy_at=last + KEPT).model_copy(update={"personal": REASON})
    )
    for over in (ended, given(APPLICATION, SUBMITTED, REFUSED), given(APPLICATION, SUBMITTED, LAPSED)):
        approve(over).refused(AccountApplicationOver)
        refuse(over).refused(AccountApplicationOver)
    approve(waiting, DUE).refused(AccountApplicationOver)
    refuse(waiting, DUE).refused(AccountApplicationOver)
    approve(given(APPLICATION)).refused(AccountApplicationOver)


@pytest.mark.rule("P8", "ADM-07")
def test_it_lapses_at_its_deadline_never_before_and_once() -> None:
    waiting = given(APPLICATION, SUBMITTED)
    lapse(waiting, DUE - timedelta(microseconds=1)).then_nothing()
    lapse(waiting, NOW - timedelta(days=1)).then_nothing()
    lapsed = lapse(waiting, DUE).then(LAPSED)
    lapse(lapsed, DUE + timedelta(days=1)).then_nothing()
    lapse(given(APPLICATION, SUBMITTED, APPROVED), DUE).then_nothing()


@pytest.mark.rule("P11", "ADM-07")
@pytest.mark.parametrize("end", [APPROVED, REFUSED, LAPSED], ids=lambda e: type(e).__name__)
def test_its_data_are_destroyed_once_thirty_days_after_it_ended_however_it_did(
    end: AccountApplicationApproved | AccountApplicationRefused | AccountApplicationLapsed,
) -> None:
    ended = given(APPLICATION, SUBMITTED, end)
    destroy(ended, end.destroy_at - timedelta(microseconds=1)).then_nothing()
    forgotten = destroy(ended, end.destroy_at).then(ApplicationDataDestroyed())
    destroy(forgotten, end.destroy_at + timedelta(days=1)).then_nothing()
    destroy(given(APPLICATION, SUBMITTED), DUE + KEPT).then_nothing()
    outcome = Outcome(type(end).__name__.removeprefix("AccountApplication").lower())
    assert forgotten.state == ForgottenApplication(UNIT, outcome)


@pytest.mark.rule("ADM-07")
def test_only_the_superiors_own_admins_decide() -> None:
    check_decides(SUPERIOR, "person-1")
    check_decides(SUPERIOR, None)
    for by in ("person-2", ""):
        with pytest.raises(SuperiorDecidesApplications) as refused:
            check_decides(SUPERIOR, by)
        assert refused.value.params == {"superior": "育才中学团委"}


@pytest.mark.rule("ADM-07")
def test_facts_that_cannot_follow_are_not_folded() -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        APPLICATION.fold([SUBMITTED, APPROVED, REFUSED])
