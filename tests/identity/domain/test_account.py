"""The account's history: opened by the first code, activated, released."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    AccountAlreadyActivated,
    ActivateAccount,
    InitialSecretLapsed,
    IssueActivationCode,
    ReleaseAccount,
    activate_account,
    initial_secret,
    issue_activation_code,
    release_account,
)
from services.identity.domain.events import (
    AccountActivated,
    AccountEvent,
    AccountOpened,
    AccountReleased,
    ActivationCodeIssued,
)

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PERSON = "person-1"
OPENED = AccountOpened(person=PERSON, initial_until=NOW + timedelta(days=30))
ACTIVATED = AccountActivated(activated_at=NOW)
RELEASED = AccountReleased()
ISSUE = IssueActivationCode(person=PERSON, organization="organization-1", identified_at=NOW, life=timedelta(hours=24))
ACTIVATE = ActivateAccount(person=PERSON)


def issued(at: datetime) -> list[AccountEvent]:
    return issue_activation_code(ISSUE, ACCOUNT.fold([OPENED]), at)


@pytest.mark.rule("IDN-02", "IDN-04")
def test_whoever_was_entered_needs_no_registration_the_first_code_opens_the_account() -> None:
    later = NOW + timedelta(days=3)
    code = ActivationCodeIssued(
        organization="organization-1", expires_at=later + timedelta(days=1), initial_until=OPENED.initial_until
    )
    assert issue_activation_code(ISSUE, ACCOUNT.initial, later) == [OPENED, code]


@pytest.mark.rule("IDN-04")
def test_a_first_code_after_the_initial_password_has_lapsed_vouches_for_it_like_any_other() -> None:
    late = NOW + timedelta(days=45)
    events = issue_activation_code(ISSUE, ACCOUNT.initial, late)
    assert activate_account(ACTIVATE, ACCOUNT.fold(events), late + timedelta(hours=23))
    with pytest.raises(InitialSecretLapsed):
        activate_account(ACTIVATE, ACCOUNT.fold(events), late + timedelta(hours=24))


@pytest.mark.rule("IDN-02")
def test_an_account_is_opened_once() -> None:
    assert [type(e) for e in issued(NOW)] == [ActivationCodeIssued]


@pytest.mark.rule("IDN-04")
@pytest.mark.parametrize(
    ("number", "secret"), [("11010119900307123X", "0307123X"), ("12345678", "12345678"), ("E1234", "E1234")]
)
def test_the_initial_password_is_the_last_eight_characters_or_all_of_a_shorter_number(number: str, secret: str) -> None:
    assert initial_secret(number) == secret


@pytest.mark.rule("IDN-04")
def test_the_initial_password_activates_within_thirty_days_and_not_a_moment_later() -> None:
    state = ACCOUNT.fold([OPENED])
    last = OPENED.initial_until - timedelta(microseconds=1)
    assert activate_account(ACTIVATE, state, last) == [AccountActivated(activated_at=last)]
    with pytest.raises(InitialSecretLapsed):
        activate_account(ACTIVATE, state, OPENED.initial_until)


@pytest.mark.rule("IDN-04")
def test_a_code_lives_a_day_and_vouches_for_an_initial_password_that_had_lapsed() -> None:
    late = NOW + timedelta(days=45)
    events = issued(late)
    day = late + timedelta(hours=24)
    assert events == [ActivationCodeIssued(organization="organization-1", expires_at=day, initial_until=day)]
    assert activate_account(ACTIVATE, ACCOUNT.fold([OPENED, *events]), late + timedelta(hours=23))
    with pytest.raises(InitialSecretLapsed):
        activate_account(ACTIVATE, ACCOUNT.fold([OPENED, *events]), day)


@pytest.mark.rule("IDN-04")
def test_a_code_never_shortens_the_life_of_the_initial_password() -> None:
    [event] = issued(NOW)
    assert isinstance(event, ActivationCodeIssued)
    assert event.initial_until == OPENED.initial_until


@pytest.mark.rule("IDN-04")
def test_an_activated_account_takes_no_code_and_no_second_activation() -> None:
    state = ACCOUNT.fold([OPENED, ACTIVATED])
    with pytest.raises(AccountAlreadyActivated):
        issue_activation_code(ISSUE, state, NOW)
    with pytest.raises(AccountAlreadyActivated):
        activate_account(ACTIVATE, state, NOW)


@pytest.mark.rule("IDN-04", "MEM-27")
@pytest.mark.parametrize("history", [[RELEASED], [OPENED, RELEASED], [OPENED, ACTIVATED, RELEASED]])
def test_a_released_account_is_closed_for_good(history: list[AccountEvent]) -> None:
    state = ACCOUNT.fold(history)
    with pytest.raises(AccountAbsent):
        issue_activation_code(ISSUE, state, NOW)
    with pytest.raises(AccountAbsent):
        activate_account(ACTIVATE, state, NOW)


@pytest.mark.rule("IDN-04")
def test_nothing_is_activated_before_a_code_was_handed_out() -> None:
    with pytest.raises(AccountAbsent):
        activate_account(ACTIVATE, ACCOUNT.initial, NOW)


@pytest.mark.rule("MEM-27")
def test_an_account_is_released_once_also_where_nobody_had_done_anything_about_it() -> None:
    command = ReleaseAccount(person=PERSON)
    assert release_account(command, ACCOUNT.fold([OPENED])) == [RELEASED]
    assert release_account(command, ACCOUNT.fold([OPENED, ACTIVATED])) == [RELEASED]
    assert release_account(command, ACCOUNT.fold([OPENED, RELEASED])) == []
    assert release_account(command, ACCOUNT.initial) == [RELEASED]
    assert release_account(command, ACCOUNT.fold([RELEASED])) == []
