"""An account: opened by the first code that is handed out for it, activated once, released with the person's number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from services.identity.domain.events import (
    AccountActivated,
    AccountEvent,
    AccountOpened,
    AccountReleased,
    ActivationCodeIssued,
)
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import Kind, Refusal

INITIAL_SECRET_LIFE = timedelta(days=30)
INITIAL_SECRET_CHARACTERS = 8


class IssueActivationCode(Command):
    """IDN-04: asked from the person's record by an admin of `organization` (None: a central operator).

    `identified_at` is the instant of the fact that the person became known, `life` how long the code can be used.
    """

    person: str
    organization: str | None
    identified_at: datetime
    life: timedelta


class ActivateAccount(Command):
    """IDN-04: initial password and second item were right and a new password passed; this uses them up."""

    person: str


class ActivateByRegistration(Command):
    """ADM-04, IDN-02: the person registered as an admin by a code, and is one."""

    person: str


class ReleaseAccount(Command):
    """MEM-27: the person's number was given free."""

    person: str


class AccountAbsent(Refusal):
    kind = Kind.ABSENT
    rule = "IDN-02"
    zh = "没有找到此人的账号。"
    en = "There is no account of this person."
    way_out = "刚录入的人员请稍候几秒再试；否则请核对成员列表。"
    way_out_en = "If the person was entered just now, try again in a few seconds; otherwise check the list of members."


class AccountAlreadyActivated(Refusal):
    kind = Kind.CONFLICT
    rule = "IDN-04"
    zh = "此人的账号已经激活，不需要激活码。"
    en = "This person's account is activated already and needs no activation code."
    way_out = "请本人用自己设置的密码登录。"
    way_out_en = "The person signs in with the password they set."


class InitialSecretLapsed(Refusal):
    rule = "IDN-04"
    zh = "初始密码已经失效。"
    en = "The initial password has lapsed."
    way_out = "请联系本组织或上级组织的管理员，重新获取激活码。"
    way_out_en = "Ask an admin of your organization or of its superior for a new activation code."


@dataclass(frozen=True, slots=True)
class NoAccount:
    """Nobody has done anything about it yet: whoever was entered by an admin waits for a code (ADR 0021)."""


@dataclass(frozen=True, slots=True)
class InactiveAccount:
    person: str
    initial_until: datetime


@dataclass(frozen=True, slots=True)
class ActiveAccount:
    person: str
    activated_at: datetime


@dataclass(frozen=True, slots=True)
class ReleasedAccount:
    """For good: who is entered again is another person to the system, with an account of their own."""


Account = NoAccount | InactiveAccount | ActiveAccount | ReleasedAccount


def account_of(person: str) -> str:
    """The stream of a person's account."""
    return f"account-{ids.derived('account', person)}"


def initial_secret(number: str) -> str:
    """IDN-04: the last eight characters of a normalised document number, or all of a shorter one."""
    return number[-INITIAL_SECRET_CHARACTERS:]


def issue_activation_code(command: IssueActivationCode, state: Account, now: datetime) -> list[AccountEvent]:
    """The first code opens the account. May raise AccountAbsent or AccountAlreadyActivated."""
    match state:
        case NoAccount():
            until = command.identified_at + INITIAL_SECRET_LIFE
            opened = AccountOpened(person=command.person, initial_until=until)
            return [opened, _code(command, until, now)]
        case InactiveAccount():
            return [_code(command, state.initial_until, now)]
        case ActiveAccount():
            raise AccountAlreadyActivated
        case ReleasedAccount():
            raise AccountAbsent
        case _:
            assert_never(state)


def _code(command: IssueActivationCode, initial_until: datetime, now: datetime) -> ActivationCodeIssued:
    expires_at = now + command.life
    renewed = max(initial_until, expires_at)
    return ActivationCodeIssued(organization=command.organization, expires_at=expires_at, initial_until=renewed)


def activate_account(_command: ActivateAccount, state: Account, now: datetime) -> list[AccountEvent]:
    """Once only. May raise InitialSecretLapsed, AccountAlreadyActivated or AccountAbsent."""
    match state:
        case InactiveAccount():
            if now >= state.initial_until:
                raise InitialSecretLapsed
            return [AccountActivated(activated_at=now)]
        case ActiveAccount():
            raise AccountAlreadyActivated
        case NoAccount() | ReleasedAccount():
            raise AccountAbsent
        case _:
            assert_never(state)


def activate_by_registration(command: ActivateByRegistration, state: Account, now: datetime) -> list[AccountEvent]:
    """Nothing for an active account: a code takes no account over. Raises AccountAbsent for one that is over."""
    match state:
        case NoAccount():
            return [AccountOpened(person=command.person, initial_until=now), AccountActivated(activated_at=now)]
        case InactiveAccount():
            return [AccountActivated(activated_at=now)]
        case ActiveAccount():
            return []
        case ReleasedAccount():
            raise AccountAbsent
        case _:
            assert_never(state)


def release_account(_command: ReleaseAccount, state: Account) -> list[AccountEvent]:
    """Also where nothing was done about it yet, so that a code asked for at that very moment opens nothing."""
    return [] if isinstance(state, ReleasedAccount) else [AccountReleased()]


def evolve(state: Account, event: AccountEvent) -> Account:
    person = state.person if isinstance(state, InactiveAccount | ActiveAccount) else ""
    match event:
        case AccountOpened():
            return InactiveAccount(event.person, event.initial_until)
        case ActivationCodeIssued():
            return InactiveAccount(person, event.initial_until)
        case AccountActivated():
            return ActiveAccount(person, event.activated_at)
        case AccountReleased():
            return ReleasedAccount()
        case _:
            assert_never(event)


ACCOUNT: Decider[Account, AccountEvent] = Decider("account", NoAccount(), evolve)
