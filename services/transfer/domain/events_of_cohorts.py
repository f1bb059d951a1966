"""The stored facts of a cohort of graduates, whose stream is that of its branch and year (GRD-03, GRD-06)."""

from collections.abc import Mapping
from datetime import datetime

from shared.kernel.envelope import Event


class CohortAwaited(Event):
    """GRD-03: `branch` became a graduate branch of `year`; its cohort is frozen once the copy of members has passed
    `offsets` (by `<topic>/<partition>`, of a `generation` of topics), which is looked at from `due_at` on.
    """

    branch: str
    year: int
    generation: int
    offsets: Mapping[str, int]
    due_at: datetime


class CohortFrozen(Event):
    """GRD-06: `members` are to be transferred; a large cohort in several of these, in one commit."""

    branch: str
    year: int
    members: tuple[str, ...]


class CohortWithdrawn(Event):
    """GRD-03: the branch is no graduate branch of that year; `members` as they were frozen, in as many parts."""

    branch: str
    year: int
    members: tuple[str, ...]


class GraduateExcluded(Event):
    """GRD-04: `person` stays on or is a teacher; `frozen`: that came after the cohort was."""

    branch: str
    year: int
    person: str
    frozen: bool


class GraduateIncluded(Event):
    """GRD-04: `person` graduates after all."""

    branch: str
    year: int
    person: str
    frozen: bool


CohortEvent = CohortAwaited | CohortFrozen | CohortWithdrawn | GraduateExcluded | GraduateIncluded
