"""Redeeming a registration code, once, and what its place in the quota comes to (ADM-03, ADM-04)."""

from datetime import datetime, timedelta

from services.org.domain.events import (
    AdminAppointed,
    OrganizationEvent,
    RegistrationCodeRedeemed,
    RegistrationFailed,
    RegistrationLapsed,
)
from services.org.domain.organization import DissolvedOrganization, Organization, established
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal

REGISTRATION_LIFE = timedelta(days=1)
"""How long a place in the quota waits for who redeemed a code: what follows needs no person, only other services."""


class RegistrationCodeVoid(Refusal):
    """One answer for a code that is unknown, used, revoked or lapsed, so that guessing tells nothing."""

    rule = "ADM-03"
    zh = "管理员注册码不正确，或者已被使用、撤销或过期。"
    en = "The registration code is wrong, or it was used, revoked or has lapsed."
    way_out = "请核对后重试，或请直属上级组织的管理员重新分配注册码。"
    way_out_en = "Check it and try again, or ask an admin of the direct superior for a new one."


class RedeemRegistrationCode(Command):
    """ADM-03: `code_hash` is the keyed hash of what was typed for a registration."""

    registration: str
    code_hash: str


class AppointRegistrant(Command):
    """ADM-04: `person` is who redeemed a code by `registration`, and a cadre of the organization by now."""

    registration: str
    person: str


class FailRegistration(Command):
    """ADM-04: member did not enter who redeemed a code by `registration`."""

    registration: str


class LapseRegistration(Command):
    """P8: sent when the place kept for a registration has waited long enough; decides again."""

    registration: str


def redeem_registration_code(
    command: RedeemRegistrationCode, state: Organization, now: datetime
) -> list[OrganizationEvent]:
    """Raises RegistrationCodeVoid, also where the deadline has come and nobody has said so yet."""
    code = None if isinstance(state, DissolvedOrganization) else established(state).live_code(now)
    if code is None or code.code_hash != command.code_hash:
        raise RegistrationCodeVoid
    due_at = now + REGISTRATION_LIFE
    return [RegistrationCodeRedeemed(code=code.code, registration=command.registration, due_at=due_at)]


def appoint_registrant(command: AppointRegistrant, state: Organization, now: datetime) -> list[OrganizationEvent]:
    """The kept place is the admin's, so the quota has room whatever happened since (ADM-01).

    From the deadline on it lapses, whether or not somebody has said so yet. Of an admin already it is said once more,
    since whoever waits for the registration waits for this. Nothing for one that came to its end.
    """
    due_at = _awaited(command.registration, state)
    if due_at is None:
        return []
    if now >= due_at:
        return [RegistrationLapsed(registration=command.registration)]
    return [AdminAppointed(person=command.person, registration=command.registration)]


def fail_registration(command: FailRegistration, state: Organization) -> list[OrganizationEvent]:
    """The place is free; the code stays used up, so that the superior decides whether there is another."""
    if _awaited(command.registration, state) is None:
        return []
    return [RegistrationFailed(registration=command.registration)]


def lapse_registration(command: LapseRegistration, state: Organization, now: datetime) -> list[OrganizationEvent]:
    """Nothing for one that came to its end, and nothing before its time."""
    due_at = _awaited(command.registration, state)
    if due_at is None or now < due_at:
        return []
    return [RegistrationLapsed(registration=command.registration)]


def _awaited(registration: str, state: Organization) -> datetime | None:
    """Until when a place is kept; none is in an organization that was dissolved, which said so of each (ORG-09)."""
    return None if isinstance(state, DissolvedOrganization) else established(state).awaited.get(registration)
