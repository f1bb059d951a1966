"""Registering as an admin by a code: what waits for org and member, and how it ends (ADM-03, ADM-04, IDN-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from services.identity.domain.events import (
    RegistrationCompleted,
    RegistrationEvent,
    RegistrationLapsed,
    RegistrationRefused,
    RegistrationRequested,
)
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command, Personal
from shared.kernel.refusals import Kind, Refusal

REGISTRATION_LIFE = timedelta(days=2)
"""Longer than org keeps a place for who redeemed a code (a day), so that its word comes first where it comes at all."""


class RequestRegistration(Command):
    """ADM-03: what was typed; `personal` holds what member judges and enters."""

    code_hash: str
    personal: Personal


class CompleteRegistration(Command):
    """ADM-04: the registrant is an admin with an active account; with `own_password` it was active before."""

    person: str
    own_password: bool


class RefuseRegistration(Command):
    """ADM-03, ADM-04: by org or member; `reason` is the code of their refusal."""

    reason: str


class LapseRegistration(Command):
    """P8: org gave the place free that was kept for it."""


class ExpireRegistration(Command):
    """P8: sent when the deadline has come; decides again."""


class RegistrationLocked(Refusal):
    kind = Kind.THROTTLED
    rule = "ADM-03"
    zh = "这个证件号码或注册码的尝试次数过多，请在 {minutes} 分钟后再试。"
    en = "Too many tries with this number or this code; try again in {minutes} minutes."
    way_out = "请先核对注册码，必要时请上级组织的管理员撤销后重新分配。"
    way_out_en = "Check the code first; an admin of the superior can revoke it and make a new one."


@dataclass(frozen=True, slots=True)
class NoRegistration:
    pass


@dataclass(frozen=True, slots=True)
class WaitingRegistration:
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CompletedRegistration:
    own_password: bool


@dataclass(frozen=True, slots=True)
class RefusedRegistration:
    reason: str


@dataclass(frozen=True, slots=True)
class LapsedRegistration:
    pass


Registration = NoRegistration | WaitingRegistration | CompletedRegistration | RefusedRegistration | LapsedRegistration


def registration_of(ticket: str) -> str:
    """The stream of a registration. It is told to other services; the ticket that leads to it is not."""
    return f"registration-{ids.derived('registration', ticket)}"


def request_registration(command: RequestRegistration, state: Registration, now: datetime) -> list[RegistrationEvent]:
    """Once a stream: whoever repeats it is known by the request."""
    if not isinstance(state, NoRegistration):
        return []
    due_at = now + REGISTRATION_LIFE
    return [RegistrationRequested(code_hash=command.code_hash, due_at=due_at, personal=command.personal)]


def complete_registration(command: CompleteRegistration, state: Registration) -> list[RegistrationEvent]:
    """Also of one that lapsed at that moment: the account is active, so this is what is true."""
    if not isinstance(state, WaitingRegistration | LapsedRegistration):
        return []
    return [RegistrationCompleted(person=command.person, own_password=command.own_password)]


def refuse_registration(command: RefuseRegistration, state: Registration) -> list[RegistrationEvent]:
    return [RegistrationRefused(reason=command.reason)] if isinstance(state, WaitingRegistration) else []


def lapse_registration(_command: LapseRegistration, state: Registration) -> list[RegistrationEvent]:
    return [RegistrationLapsed()] if isinstance(state, WaitingRegistration) else []


def expire_registration(_command: ExpireRegistration, state: Registration, now: datetime) -> list[RegistrationEvent]:
    """Nothing for one that came to its end, and nothing before its time."""
    return [RegistrationLapsed()] if isinstance(state, WaitingRegistration) and now >= state.due_at else []


def evolve(_state: Registration, event: RegistrationEvent) -> Registration:
    match event:
        case RegistrationRequested():
            return WaitingRegistration(event.due_at)
        case RegistrationCompleted():
            return CompletedRegistration(event.own_password)
        case RegistrationRefused():
            return RefusedRegistration(event.reason)
        case RegistrationLapsed():
            return LapsedRegistration()
        case _:
            assert_never(event)


REGISTRATION: Decider[Registration, RegistrationEvent] = Decider("registration", NoRegistration(), evolve)
