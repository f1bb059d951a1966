"""What facts of others mean for organizations."""

from services.org.domain.dissolving import SettleDissolution
from services.org.domain.redeeming import AppointRegistrant, FailRegistration, RedeemRegistrationCode
from services.org.domain.registers import MakeRegisterBranch
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.member import BranchSealed, BranchSealRefused, RegistrantAdmitted, RegistrantTurnedAway
from shared.contracts.transfer import RegisterBranchNeeded


def on_admin_registration_requested(event: AdminRegistrationRequested) -> RedeemRegistrationCode:
    """ADM-03."""
    return RedeemRegistrationCode(registration=event.registration, code_hash=event.code_hash)


def on_registrant_admitted(event: RegistrantAdmitted) -> AppointRegistrant:
    """ADM-04: the fact itself says that the person is a cadre there; no copy is asked."""
    return AppointRegistrant(registration=event.registration, person=event.person)


def on_registrant_turned_away(event: RegistrantTurnedAway) -> FailRegistration:
    """ADM-04."""
    return FailRegistration(registration=event.registration)


def on_branch_sealed(event: BranchSealed) -> SettleDissolution:
    """ORG-09."""
    return SettleDissolution(dissolution=event.dissolution, members=None)


def on_branch_seal_refused(event: BranchSealRefused) -> SettleDissolution:
    """ORG-09."""
    return SettleDissolution(dissolution=event.dissolution, members=event.members)


def on_register_branch_needed(event: RegisterBranchNeeded) -> MakeRegisterBranch:
    """TRF-16, TRF-17."""
    return MakeRegisterBranch(body=event.body, which=event.which.value)
