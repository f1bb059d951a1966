"""What the new branch has done for a member who came to it (TRF-20, TRF-21)."""

from dataclasses import dataclass, replace
from datetime import date

from services.transfer.domain.events_of_arrivals import (
    CheckInRecorded,
    EmploymentVerified,
    MemberContacted,
    WorkSettled,
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """TRF-21: what `branch` has done for a member who came to it; TRF-20: since when their work is settled.

    `verified`: their work was looked into, before they came or after it; `settled`: how often a day was said.
    """

    branch: str
    contacted: bool = False
    checked_in: bool = False
    settled_on: date | None = None
    verified: bool = False
    settled: int = 0


def after(arrival: Arrival, event: EmploymentVerified | MemberContacted | CheckInRecorded | WorkSettled) -> Arrival:
    """After one more of the branch's duties was done."""
    match event:
        case EmploymentVerified():
            return replace(arrival, verified=True)
        case MemberContacted():
            return replace(arrival, contacted=True)
        case CheckInRecorded():
            return replace(arrival, checked_in=True)
        case WorkSettled(settled_on=settled_on):
            return replace(arrival, settled_on=settled_on, settled=arrival.settled + 1, verified=True)
