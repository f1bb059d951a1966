"""What the facts of member and org mean for accounts and registrations."""

from services.identity.domain.account import ReleaseAccount
from services.identity.domain.registration import RefuseRegistration
from shared.contracts.member import PersonReleased, RegistrantTurnedAway

REGISTRATION_CODE_VOID = "registration_code_void"
"""Org's word for a code that is unknown, used, revoked or lapsed."""


def on_person_released(event: PersonReleased) -> ReleaseAccount:
    """MEM-27."""
    return ReleaseAccount(person=event.person)


def on_registration_code_refused() -> RefuseRegistration:
    """ADM-03."""
    return RefuseRegistration(reason=REGISTRATION_CODE_VOID)


def on_registrant_turned_away(event: RegistrantTurnedAway) -> RefuseRegistration:
    """ADM-04: member's reason, as it says it."""
    return RefuseRegistration(reason=event.reason)
