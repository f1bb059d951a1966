"""What member stores of graduates who are left out, in the person's stream: part of the contract of events.py."""

from typing import Literal

from shared.kernel.envelope import Event

ExclusionKind = Literal["staying_on", "teacher"]


class GraduationExclusionMarked(Event):
    """GRD-04: no graduate of `branch` in `year`: stays on, or is a teacher. Over as soon as they leave the branch."""

    branch: str
    year: int
    kind: ExclusionKind


class GraduationExclusionRemoved(Event):
    """GRD-04: a graduate of `branch` in `year` like the others."""

    branch: str
    year: int


ExclusionEvent = GraduationExclusionMarked | GraduationExclusionRemoved
