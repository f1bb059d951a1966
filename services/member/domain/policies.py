"""What facts of others mean for registrants, for people in a transfer, and for a branch that is dissolved."""

import base64

from services.member.domain.events import SealedRequest
from services.member.domain.registrant import AnnounceRegistrant, ClearRegistrant, CloseRegistration
from services.member.domain.roster import EndPosts, SealBranch
from services.member.domain.transfers import AnswerTransfer, MoveMember, PlaceHold, RedirectHold, ReleaseHold
from shared.contracts.org import (
    BranchSealRequested,
    OrganizationDissolved,
    RegistrationCodeRedeemed,
    RegistrationCodeRefused,
    RegistrationLapsed,
)
from shared.contracts.transfer import (
    TransferAnswerAwaited,
    TransferApproved,
    TransferFailed,
    TransferRedirected,
    TransferRefused,
    TransferRequested,
    TransferTimedOut,
    TransferWithdrawn,
)
from shared.kernel.envelope import Sealed

TransferOver = TransferRefused | TransferWithdrawn | TransferTimedOut | TransferFailed
"""The ends of a transfer that leave the person where they are."""


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


def on_transfer_requested(event: TransferRequested) -> PlaceHold:
    """TRF-22."""
    return PlaceHold(transfer=event.transfer, from_branch=event.from_branch, to=event.to)


def on_transfer_approved(event: TransferApproved) -> MoveMember:
    """TRF-22."""
    return MoveMember(transfer=event.transfer, from_branch=event.from_branch, to_branch=event.to_branch)


def on_transfer_answer_awaited(event: TransferAnswerAwaited) -> AnswerTransfer:
    """TRF-22."""
    return AnswerTransfer(transfer=event.transfer, from_branch=event.from_branch, to_branch=event.to_branch)


def on_transfer_redirected(event: TransferRedirected) -> RedirectHold:
    """TRF-23."""
    return RedirectHold(transfer=event.transfer, to=event.to)


def on_transfer_over(event: TransferOver) -> ReleaseHold:
    """TRF-02."""
    return ReleaseHold(transfer=event.transfer)


def on_branch_seal_requested(event: BranchSealRequested) -> SealBranch:
    """ORG-09, ORG-10."""
    return SealBranch(branch=event.branch, dissolution=event.dissolution, to=event.pending)


def on_organization_dissolved(event: OrganizationDissolved) -> EndPosts:
    """ORG-09."""
    return EndPosts(organization=event.organization)
