"""What facts of others mean for registrants."""

import base64

from services.member.domain.events import SealedRequest
from services.member.domain.registrant import AnnounceRegistrant, ClearRegistrant, CloseRegistration
from shared.contracts.org import RegistrationCodeRedeemed, RegistrationCodeRefused, RegistrationLapsed
from shared.kernel.envelope import Sealed


def on_admin_registration_requested(event_id: str, sealed: Sealed) -> AnnounceRegistrant:
    """ADM-04: the fact's sealed part is kept as it came; nothing else of it concerns member."""
    request = SealedRequest(
        event_id=event_id,
        alg=sealed.alg,
        kid=sealed.kid,
        nonce=base64.b64encode(sealed.nonce).decode(),
        ciphertext=base64.b64encode(sealed.ciphertext).decode(),
    )
    return AnnounceRegistrant(request=request)


def on_registration_code_redeemed(event: RegistrationCodeRedeemed) -> ClearRegistrant:
    """ADM-04."""
    return ClearRegistrant(organization=event.organization)


def on_registration_over(_event: RegistrationCodeRefused | RegistrationLapsed) -> CloseRegistration:
    """ADM-03, P8: nobody is entered any more."""
    return CloseRegistration()
