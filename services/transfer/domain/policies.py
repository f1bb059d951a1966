"""What the facts of member mean for a transfer."""

from services.transfer.domain.deciding import CloseTransfer, CompleteTransfer, FailTransfer, OpenTransfer
from shared.contracts.member import (
    MemberMoveRefused,
    TransferCarriedOut,
    TransferHoldPlaced,
    TransferHoldRefused,
    TransferHoldReleased,
)


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
