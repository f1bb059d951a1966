"""A code is used up once, by one registration, whose place waits for its admin until its deadline (ADM-03, P8)."""

from datetime import timedelta

import pytest

from services.org.domain.admins import AdminQuotaReached
from services.org.domain.events import (
    AdminAppointed,
    Category,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRefused,
    RegistrationCodeRevoked,
    RegistrationFailed,
    RegistrationLapsed,
)
from services.org.domain.redeeming import (
    REGISTRATION_LIFE,
    AppointRegistrant,
    FailRegistration,
    LapseRegistration,
    RedeemRegistrationCode,
    RegistrationCodeVoid,
    appoint_registrant,
    fail_registration,
    lapse_registration,
    redeem_registration_code,
)
from services.org.domain.redemption import REDEMPTION, RefuseRegistrationCode, refuse_registration_code
from shared.testing.scenario import History, given
from tests.org.domain.test_codes import DUE, MADE, make, organization
from tests.org.samples import NOW

REDEEMED = RegistrationCodeRedeemed(code="code-1", registration="registration-1", due_at=NOW + REGISTRATION_LIFE)


def redeem(history: History, registration: str = "registration-1", code_hash: str = "hash-1", at=NOW):
    command = RedeemRegistrationCode(registration=registration, code_hash=code_hash)
    return history.when(lambda o: redeem_registration_code(command, o, at))


def lapse(history: History, at):
    return history.when(lambda o: lapse_registration(LapseRegistration(registration="registration-1"), o, at))


def appoint(history: History, person: str = "person-9", at=NOW):
    command = AppointRegistrant(registration="registration-1", person=person)
    return history.when(lambda o: appoint_registrant(command, o, at))


def fail(history: History):
    return history.when(lambda o: fail_registration(FailRegistration(registration="registration-1"), o))


@pytest.mark.rule("ADM-03")
def test_a_code_registers_one_admin_once() -> None:
    after = redeem(organization(MADE)).then(REDEEMED)
    redeem(after, "registration-2").refused(RegistrationCodeVoid)


@pytest.mark.rule("ADM-03")
@pytest.mark.parametrize(
    ("facts", "code_hash", "at"),
    [
        ((), "hash-1", NOW),
        ((MADE,), "hash-2", NOW),
        ((MADE,), "hash-1", DUE),
        ((MADE, RegistrationCodeRevoked(code="code-1")), "hash-1", NOW),
    ],
    ids=["none was made", "another one", "its time is over", "revoked"],
)
def test_what_is_no_live_code_is_refused_with_one_answer(facts, code_hash, at) -> None:
    redeem(organization(*facts), code_hash=code_hash, at=at).refused(RegistrationCodeVoid)


@pytest.mark.rule("ADM-03")
def test_a_code_can_be_redeemed_to_the_last_moment_before_its_deadline() -> None:
    redeem(organization(MADE), at=DUE - timedelta(microseconds=1)).then_one(RegistrationCodeRedeemed, code="code-1")


@pytest.mark.rule("ADM-03", "ADM-04")
def test_after_its_use_a_new_one_is_made_while_the_quota_has_room() -> None:
    make(organization(MADE, REDEEMED), code="code-2").then_one(RegistrationCodeIssued, code="code-2")
    full = organization(AdminAppointed(person="person-1"), MADE, REDEEMED, category=Category.LEADING_BODY)
    make(full, code="code-2").refused(AdminQuotaReached, admins_max=2)


@pytest.mark.rule("P8", "ADM-04")
def test_the_place_of_a_registration_that_comes_to_nothing_is_free_again_at_its_deadline_not_before() -> None:
    history = organization(AdminAppointed(person="person-1"), MADE, REDEEMED, category=Category.LEADING_BODY)
    lapse(history, REDEEMED.due_at - timedelta(microseconds=1)).then_nothing()
    after = lapse(history, REDEEMED.due_at).then(RegistrationLapsed(registration="registration-1"))
    lapse(after, REDEEMED.due_at + timedelta(days=1)).then_nothing()
    make(after, code="code-2").then_one(RegistrationCodeIssued, code="code-2")


@pytest.mark.rule("ADM-04", "ADM-01")
def test_who_redeemed_a_code_becomes_admin_in_the_kept_place_and_the_quota_is_full() -> None:
    history = organization(AdminAppointed(person="person-1"), MADE, REDEEMED, category=Category.LEADING_BODY)
    after = appoint(history).then(AdminAppointed(person="person-9", registration="registration-1"))
    make(after, code="code-2").refused(AdminQuotaReached, admins_max=2)
    appoint(after).then_nothing()
    fail(after).then_nothing()
    lapse(after, REDEEMED.due_at).then_nothing()


@pytest.mark.rule("P8", "ADM-04")
def test_a_registration_answered_at_its_deadline_or_later_lapses_and_makes_no_admin() -> None:
    history = organization(MADE, REDEEMED)
    last = REDEEMED.due_at - timedelta(microseconds=1)
    appoint(history, at=last).then_one(AdminAppointed, registration="registration-1")
    after = appoint(history, at=REDEEMED.due_at).then(RegistrationLapsed(registration="registration-1"))
    appoint(after).then_nothing()


@pytest.mark.rule("ADM-04", "ADM-03")
def test_a_registration_that_member_refused_gives_its_place_back_and_its_code_stays_used() -> None:
    history = organization(AdminAppointed(person="person-1"), MADE, REDEEMED, category=Category.LEADING_BODY)
    after = fail(history).then(RegistrationFailed(registration="registration-1"))
    fail(after).then_nothing()
    appoint(after).then_nothing()
    redeem(after, "registration-2").refused(RegistrationCodeVoid)
    make(after, code="code-2").then_one(RegistrationCodeIssued, code="code-2")


@pytest.mark.rule("ADM-04")
def test_an_admin_who_registers_again_is_said_to_be_one_and_counts_once() -> None:
    history = organization(AdminAppointed(person="person-9"), MADE, REDEEMED, category=Category.LEADING_BODY)
    after = appoint(history).then(AdminAppointed(person="person-9", registration="registration-1"))
    assert after.state.admins == ("person-9",)
    make(after, code="code-2").then_one(RegistrationCodeIssued, code="code-2")


@pytest.mark.rule("ADM-03")
def test_a_refusal_is_told_once() -> None:
    command = RefuseRegistrationCode(registration="registration-1")
    after = given(REDEMPTION).when(lambda r: refuse_registration_code(command, r))
    history = after.then(RegistrationCodeRefused(registration="registration-1"))
    history.when(lambda r: refuse_registration_code(command, r)).then_nothing()
