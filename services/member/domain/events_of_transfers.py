"""What member stores of a person's transfers, in the person's stream: part of the storage contract of events.py."""

from typing import Literal

from shared.kernel.envelope import Event


class TransferHoldPlaced(Event):
    """TRF-22: the person is held for `transfer`, which is to take them from `from_branch` to the organization `to`.

    `to` is empty in facts from before it was kept.
    """

    transfer: str
    from_branch: str
    to: str = ""


class TransferHoldRefused(Event):
    """TRF-22: somebody waits for this no. Changes nothing of the person."""

    transfer: str
    cause: Literal["not_a_member_there", "held"]


class TransferHoldRedirected(Event):
    """TRF-23: the transfer that the person is held for leads to the organization `to` now."""

    transfer: str
    to: str


class TransferHoldReleased(Event):
    """TRF-02: `transfer` ended without a move."""

    transfer: str


class MemberMoved(Event):
    """TRF-22: the membership, and with it the hold, goes from `from_branch` to `to_branch` in one commit."""

    transfer: str
    from_branch: str
    to_branch: str
    missing: tuple[str, ...] = ()


class MemberMoveRefused(Event):
    """TRF-22: the person stays where they are and is not held for `transfer` any more."""

    transfer: str
    cause: Literal["not_a_member_there", "branch_closing"]


class MoveConfirmed(Event):
    """TRF-22: `transfer` moved the person before, and asked whether it did."""

    transfer: str


HoldEvent = (
    TransferHoldPlaced
    | TransferHoldRefused
    | TransferHoldRedirected
    | TransferHoldReleased
    | MemberMoved
    | MemberMoveRefused
    | MoveConfirmed
)
