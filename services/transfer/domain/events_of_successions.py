"""What transfer stores of what ends under a transfer: part of the storage contract of events.py (TRF-23)."""

from datetime import datetime
from typing import Literal

from shared.kernel.envelope import Event

FailureCause = Literal[
    "not_a_member_there",
    "held",
    "branch_closing",
    "hold_unanswered",
    "membership_ended",
    "destination_dissolved",
    "branches_merged",
]
"""Why member could not hold or move the person (`hold_unanswered`: it did not say so in time); or what it was about is
there no more (TRF-23).
"""


class TransferRedirected(Event):
    """TRF-23: `former` of `side` is there no more, `organization` takes its part; `assigns` as in TransferRequested.

    The wait that began anew for it: a step until `due_at`, or a choice since `unassigned_from`; None where another one
    is waited for. `above`: the organization and all over it (TRF-14).
    """

    person: str
    side: Literal["out", "in"]
    former: str
    organization: str
    from_branch: str
    to: str
    assigns: bool
    due_at: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False
    unassigned_from: datetime | None = None
    above: tuple[str, ...] = ()


class OrganizationSucceeded(Event):
    """TRF-23, in a stream of the organization's: it is dissolved; transfers are looked for again at `look_again_at`.

    `successor`: took its members; `merged`: and all else. `superior` is the one that it had.
    """

    organization: str
    superior: str
    successor: str | None
    merged: bool
    look_again_at: datetime
