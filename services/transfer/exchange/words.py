"""How a transfer that ended here is said in the words of the protocol (BEY-08)."""

from collections.abc import Sequence

from services.transfer.domain.events import (
    Side,
    TransferCompleted,
    TransferEvent,
    TransferFailed,
    TransferRefused,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_exchange import OutcomeWord


def outcome_of(events: Sequence[TransferEvent], *, outside_side: Side) -> OutcomeWord | None:
    """How a transfer ended, in the words of the protocol; None where the other system refused it itself."""
    for event in reversed(events):
        match event:
            case TransferRefused(side=side):
                return None if side is outside_side else "withdrawn"
            case TransferWithdrawn():
                return "withdrawn"
            case TransferTimedOut():
                return "timed_out"
            case TransferFailed():
                return "failed"
            case TransferCompleted():
                return "completed"
            case _:
                continue
    return None


def ground_of(events: Sequence[TransferEvent]) -> str | None:
    """Why an offer of theirs came to nothing here; None where it did not, or where they ended it."""
    for event in reversed(events):
        match event:
            case TransferRefused(side=Side.IN, ground=ground):
                return ground
            case TransferTimedOut(side=Side.IN):
                return "no_decision"
            case TransferFailed():
                return "not_possible"
            case TransferWithdrawn(objected=True):
                return "asked_by_member"
            case _:
                continue
    return None
