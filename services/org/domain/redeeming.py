"""Redeeming a registration code: once, by one registration (ADM-03)."""

from datetime import datetime, timedelta

from services.org.domain.events import OrganizationEvent, RegistrationCodeRedeemed, RegistrationLapsed
from services.org.domain.organization import Organization, established
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


class LapseRegistration(Command):
    """P8: sent when the place kept for a registration has waited long enough; decides again."""

    registration: str


def redeem_registration_code(
    command: RedeemRegistrationCode, state: Organization, now: datetime
) -> list[OrganizationEvent]:
    """Raises RegistrationCodeVoid, also where the deadline has come and nobody has said so yet."""
    code = established(state).live_code(now)
    if code is None or code.code_hash != command.code_hash:
        raise RegistrationCodeVoid
    due_at = now + REGISTRATION_LIFE
    return [RegistrationCodeRedeemed(code=code.code, registration=command.registration, due_at=due_at)]


def lapse_registration(command: LapseRegistration, state: Organization, now: datetime) -> list[OrganizationEvent]:
    """Nothing for one that came to its end, and nothing before its time."""
    due_at = established(state).awaited.get(command.registration)
    if due_at is None or now < due_at:
        return []
    return [RegistrationLapsed(registration=command.registration)]
