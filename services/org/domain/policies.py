"""What facts of others mean for organizations."""

from services.org.domain.redeeming import RedeemRegistrationCode
from shared.contracts.identity import AdminRegistrationRequested


def on_admin_registration_requested(event: AdminRegistrationRequested) -> RedeemRegistrationCode:
    """ADM-03."""
    return RedeemRegistrationCode(registration=event.registration, code_hash=event.code_hash)
