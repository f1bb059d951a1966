"""Registration codes as histories: who makes them, when there is room, how they end (ADM-02 to ADM-04, P8)."""

from datetime import timedelta

import pytest

from services.org.domain.admins import AdminQuotaReached, AppointAdmin, appoint_admin
from services.org.domain.codes import (
    ExpireRegistrationCode,
    MakeRegistrationCode,
    RegistrationCodeLive,
    RegistrationCodeUnknown,
    RevokeRegistrationCode,
    SuperiorMakesCodes,
    expire_registration_code,
    make_registration_code,
    revoke_registration_code,
)
from services.org.domain.events import (
    AdminAppointed,
    Category,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRevoked,
)
from services.org.domain.organization import ORGANIZATION, OrganizationUnknown
from shared.testing.scenario import History, given
from tests.org.samples import NOW, REFERENCE, facts

LIFE = timedelta(days=20)
DUE = NOW + LIFE
MADE = RegistrationCodeIssued(code="code-1", code_hash="hash-1", due_at=DUE)
SUPERIOR = ORGANIZATION.fold([facts(Category.LEADING_BODY, above=()), AdminAppointed(person="person-above")])


def organization(*more, category: Category = Category.COMMITTEE) -> History:
    return given(ORGANIZATION, facts(category), *more)


def make(history: History, by: str | None = "person-above", *, code: str = "code-1", at=NOW, superior=SUPERIOR):
    command = MakeRegistrationCode(code=code, code_hash=code.replace("code", "hash"), life=LIFE)
    return history.when(lambda o: make_registration_code(command, o, superior, by, REFERENCE, at))


def revoke(history: History, code: str = "code-1", by: str | None = "person-above"):
    return history.when(lambda o: revoke_registration_code(RevokeRegistrationCode(code=code), o, SUPERIOR, by))


def expire(history: History, at, code: str = "code-1"):
    return history.when(lambda o: expire_registration_code(ExpireRegistrationCode(code=code), o, at))


@pytest.mark.rule("ADM-02")
@pytest.mark.parametrize("by", ["person-above", None], ids=["an own admin of the superior", "the central operator"])
def test_the_superior_makes_a_code_for_twenty_days(by: str | None) -> None:
    make(organization(), by).then(MADE)


@pytest.mark.rule("ADM-02")
def test_nobody_else_makes_or_revokes_one_not_even_the_organizations_own_admin() -> None:
    own = organization(AdminAppointed(person="person-own"))
    make(own, "person-own").refused(SuperiorMakesCodes, superior="育才中学团委")
    revoke(organization(MADE), by="person-far-above").refused(SuperiorMakesCodes)


@pytest.mark.rule("ADM-03")
def test_while_an_unused_code_is_live_there_is_no_second_one() -> None:
    make(organization(MADE), code="code-2", at=DUE - timedelta(microseconds=1)).refused(RegistrationCodeLive)


@pytest.mark.rule("ADM-03")
def test_after_its_time_a_new_one_is_made_though_nobody_said_that_the_first_had_lapsed() -> None:
    second = RegistrationCodeIssued(code="code-2", code_hash="hash-2", due_at=DUE + LIFE)
    make(organization(MADE), code="code-2", at=DUE).then(RegistrationCodeExpired(code="code-1"), second)


@pytest.mark.rule("ADM-03")
def test_after_a_revocation_a_new_one_is_made_and_the_old_one_is_void() -> None:
    after = revoke(organization(MADE)).then(RegistrationCodeRevoked(code="code-1"))
    revoke(after).refused(RegistrationCodeUnknown)
    second = make(after, code="code-2").then_one(RegistrationCodeIssued, code="code-2")
    revoke(second, "code-1").refused(RegistrationCodeUnknown)


@pytest.mark.rule("ADM-03", "P8")
def test_a_code_expires_at_its_deadline_never_before_and_once() -> None:
    history = organization(MADE)
    expire(history, DUE - timedelta(microseconds=1)).then_nothing()
    expire(history, NOW - timedelta(hours=1)).then_nothing()
    after = expire(history, DUE).then(RegistrationCodeExpired(code="code-1"))
    expire(after, DUE + timedelta(days=1)).then_nothing()


@pytest.mark.rule("P8")
def test_the_deadline_of_a_code_that_ended_does_not_touch_the_next_one() -> None:
    second = RegistrationCodeIssued(code="code-2", code_hash="hash-2", due_at=NOW + timedelta(days=40))
    history = organization(MADE, RegistrationCodeRevoked(code="code-1"), second)
    expire(history, DUE).then_nothing()


@pytest.mark.rule("ADM-04", "ADM-01")
@pytest.mark.parametrize("category", [Category.LEADING_BODY, Category.BRANCH])
def test_the_quota_counts_admins_and_the_live_code_together(category: Category) -> None:
    most = REFERENCE.admins_max[category]
    admins = [AdminAppointed(person=f"person-{n}") for n in range(most)]
    make(organization(*admins, category=category)).refused(AdminQuotaReached, admins_max=most)
    held = organization(*admins[:-1], MADE, category=category)
    last = f"person-{most - 1}"

    def appoint(at):
        return held.when(lambda o: appoint_admin(AppointAdmin(person=last), o, (last,), REFERENCE, at))

    appoint(NOW).refused(AdminQuotaReached)
    appoint(DUE).then(AdminAppointed(person=last))


@pytest.mark.rule("ADM-02")
def test_an_organization_that_is_not_there_gets_no_code() -> None:
    make(given(ORGANIZATION)).refused(OrganizationUnknown)
