"""What the facts of member and org mean for a transfer, and for a cohort."""

from services.transfer.domain.cohort import AwaitCohort, MarkGraduate
from services.transfer.domain.deciding import CloseTransfer, CompleteTransfer, FailTransfer, OpenTransfer
from services.transfer.domain.succession import EndTransfer, NoteSuccession
from shared.contracts.member import (
    GraduationExclusionMarked,
    GraduationExclusionRemoved,
    MemberMoveRefused,
    MembershipOver,
    TransferCarriedOut,
    TransferHoldPlaced,
    TransferHoldRefused,
    TransferHoldReleased,
)
from shared.contracts.org import BecameGraduateBranch, OrganizationDissolved


def on_transfer_hold_placed(_event: TransferHoldPlaced) -> OpenTransfer:
    """TRF-22: the person stays where they are until it is decided."""
    return OpenTransfer()


def on_member_refused(event: TransferHoldRefused | MemberMoveRefused) -> FailTransfer:
    """TRF-22: member's cause, as it says it."""
    return FailTransfer(cause=event.cause)


def on_transfer_carried_out(_event: TransferCarriedOut) -> CompleteTransfer:
    """TRF-22."""
    return CompleteTransfer()


def on_transfer_hold_released(_event: TransferHoldReleased) -> CloseTransfer:
    """TRF-02: another one can be started."""
    return CloseTransfer()


def on_membership_over(event: MembershipOver) -> EndTransfer:
    """TRF-23."""
    return EndTransfer(branch=event.branch)


def on_organization_dissolved(event: OrganizationDissolved) -> NoteSuccession:
    """TRF-23."""
    went_on = {"successor": event.successor, "merged": event.merged}
    return NoteSuccession(organization=event.organization, superior=event.superior, **went_on)


def on_became_graduate_branch(event: BecameGraduateBranch) -> AwaitCohort:
    """GRD-03: on the day, or at once where the month is marked later."""
    return AwaitCohort(branch=event.branch, year=event.year)


def on_graduation_exclusion(event: GraduationExclusionMarked | GraduationExclusionRemoved) -> MarkGraduate:
    """GRD-04: whoever stays on or is a teacher is left out."""
    return MarkGraduate(person=event.person, left_out=isinstance(event, GraduationExclusionMarked))
