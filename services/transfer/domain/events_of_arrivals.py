"""What is stored of a transfer beside its steps: papers, and what the new branch does for who arrives (TRF-16, TRF-20,
TRF-21, TRF-26). In the transfer's stream: part of the storage contract of events.py.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.kernel.envelope import Event

Finding = Literal["works_here", "no_work_yet"]
"""TRF-20: what a floating branch found out about the member's work; one with work elsewhere it refuses."""


class RegisterPlace(BaseModel):
    """TRF-16, TRF-17: which register branch of which provincial body `to` is."""

    model_config = ConfigDict(frozen=True)
    body: str
    which: Literal["special_units", "beijing", "guangdong", "fujian"]


class HandOverNoted(Event):
    """TRF-26, TRF-16: a paper went from one organization to the other. Sealed with the person's key: `letter`."""

    organization: str
    issued_on: date


class EmploymentVerified(Event):
    """TRF-20: `organization`, a floating branch or who assigns one, looked into the member's work before that."""

    organization: str
    finding: Finding


class MemberContacted(Event):
    """TRF-21: the new branch spoke with the member and brought the record up to date."""

    organization: str


class CheckInRecorded(Event):
    """TRF-21: the member came to the new branch in person."""

    organization: str
    checked_in_on: date


class WorkSettled(Event):
    """TRF-20: work or study of somebody in a floating branch is settled since then; they move on within a month."""

    organization: str
    settled_on: date


ArrivalEvent = HandOverNoted | EmploymentVerified | MemberContacted | CheckInRecorded | WorkSettled
