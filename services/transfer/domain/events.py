"""The stored facts of a transfer, in a stream of its own: the storage contract, which never changes but by an upcaster.

People and organizations are ids; nothing here is personal. An event's stream is the transfer's id. What others hear of
names the person once more, by whom they find what it is about.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class Side(StrEnum):
    """TRF-01: who starts a transfer, and who decides a step: the member, where they leave, where they come."""

    MEMBER = "member"
    OUT = "out"
    IN = "in"


STEPS: Mapping[Side, tuple[Side, ...]] = {Side.MEMBER: (Side.OUT, Side.IN), Side.OUT: (Side.IN,), Side.IN: (Side.OUT,)}
"""TRF-03, TRF-05, TRF-07: who has to agree, in order, by who started it: the other side, or both for a member."""

FailureCause = Literal["not_a_member_there", "held", "branch_closing", "hold_unanswered"]
"""Why member could not hold or move the person; `hold_unanswered`: it did not say so in time."""


class TransferRequested(Event):
    """`started_by` asks that `person` moves from branch `from_branch` to `to`, for `reason` (TRF-15).

    `assigns`: `to` is no branch, so its admin chooses one below it at the end (TRF-04, TRF-06). member has until
    `hold_due_at` to hold the person for it.
    """

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    reason: str
    hold_due_at: datetime


class TransferOpened(Event):
    """TRF-22: member holds the person for it; the first step is to be decided before `due_at` (TRF-09)."""

    due_at: datetime


class TransferStepApproved(Event):
    """`side` agreed, in the name of `organization`; the next step, if one is left, has until `due_at`."""

    side: Side
    organization: str
    due_at: datetime | None = None


class DestinationAssigned(Event):
    """TRF-04, TRF-06: the receiving organization chose `branch` below it."""

    branch: str


class TransferApproved(Event):
    """Nothing is left to decide: member is to move the person to `branch`."""

    person: str
    from_branch: str
    branch: str


class TransferRefused(Event):
    """TRF-12: `side` did not agree; `ground` is a code of the list of grounds."""

    person: str
    side: Side
    organization: str
    ground: str


class TransferWithdrawn(Event):
    """TRF-11: by who started it."""

    person: str


class TransferTimedOut(Event):
    """TRF-09: `side` did not decide in time."""

    person: str
    side: Side


class TransferFailed(Event):
    """member could not hold or move the person. `held`: the hold may still come, or be there, and is to be given up."""

    person: str
    cause: FailureCause
    held: bool


class TransferCompleted(Event):
    """The person is a member of the new branch."""


class TransferClosed(Event):
    """member holds the person no longer for a transfer that ended; another one can be started (TRF-02)."""


TransferEvent = (
    TransferRequested
    | TransferOpened
    | TransferStepApproved
    | DestinationAssigned
    | TransferApproved
    | TransferRefused
    | TransferWithdrawn
    | TransferTimedOut
    | TransferFailed
    | TransferCompleted
    | TransferClosed
)

REGISTRY = Registry("transfer", [*get_args(TransferEvent)])
