"""The account's history: opened, code issued, activated, released."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.account import (
    ACCOUNT,
    AccountAbsent,
    AccountAlreadyActivated,
    ActivateAccount,
    InitialSecretLapsed,
    IssueActivationCode,
    OpenAccount,
    ReleaseAccount,
    activate_account,
    initial_secret,
    issue_activation_code,
    open_account,
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
OPEN = OpenAccount(person=PERSON, identified_at=NOW)
ISSUE = IssueActivationCode(person=PERSON, organization="organization-1")
ACTIVATE = ActivateAccount(person=PERSON)


def issued(at: datetime) -> list[AccountEvent]:
    return issue_activation_code(ISSUE, ACCOUNT.fold([OPENED]), at)


@pytest.mark.rule("IDN-02")
def test_a_person_entered_by_an_admin_has_an_inactive_account_at_once() -> None:
    assert open_account(OPEN, ACCOUNT.initial) == [OPENED]


@pytest.mark.rule("IDN-02")
@pytest.mark.parametrize("history", [[OPENED], [OPENED, ACTIVATED]])
def test_an_account_is_opened_once(history: list[AccountEvent]) -> None:
    assert open_account(OPEN, ACCOUNT.fold(history)) == []


@pytest.mark.rule("IDN-02", "MEM-27")
def test_a_person_who_was_released_and_entered_again_starts_again_inactive() -> None:
    state = ACCOUNT.fold([OPENED, ACTIVATED, RELEASED])
    events = open_account(OPEN, state)
    assert events == [OPENED]
    assert activate_account(ACTIVATE, ACCOUNT.fold([OPENED, ACTIVATED, RELEASED, *events]), NOW)


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
@pytest.mark.parametrize("history", [[], [OPENED, RELEASED], [OPENED, ACTIVATED, RELEASED]])
def test_where_no_account_is_nothing_is_issued_or_activated(history: list[AccountEvent]) -> None:
    state = ACCOUNT.fold(history)
    with pytest.raises(AccountAbsent):
        issue_activation_code(ISSUE, state, NOW)
    with pytest.raises(AccountAbsent):
        activate_account(ACTIVATE, state, NOW)


@pytest.mark.rule("MEM-27")
def test_an_account_is_released_once() -> None:
    command = ReleaseAccount(person=PERSON)
    assert release_account(command, ACCOUNT.fold([OPENED])) == [RELEASED]
    assert release_account(command, ACCOUNT.fold([OPENED, ACTIVATED])) == [RELEASED]
    assert release_account(command, ACCOUNT.fold([OPENED, RELEASED])) == []
    assert release_account(command, ACCOUNT.initial) == []
