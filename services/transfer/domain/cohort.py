"""The cohort of a graduate branch in a year: who is to be transferred, frozen once (GRD-03, GRD-04, GRD-06)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from services.transfer.domain.events_of_cohorts import (
    CohortAwaited,
    CohortEvent,
    CohortFrozen,
    CohortWithdrawn,
    GraduateExcluded,
    GraduateIncluded,
)
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

LOOKED_AT_AFTER = timedelta(seconds=2)
LOOKED_AT_AGAIN_AFTER = timedelta(seconds=30)
PART = 5_000
"""Members of one fact: some 200 KB, far below what a document and a record may hold."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the topic of members ended, of which generation of topics: `<topic>/<partition>` -> the next offset."""

    generation: int
    offsets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NoCohort:
    """The branch is no graduate branch of that year."""


@dataclass(frozen=True, slots=True)
class AwaitedCohort:
    """Waits until the copy of members has passed `ends`. `left_out` and `taken_in` came to light meanwhile."""

    branch: str
    year: int
    ends: Ends
    due_at: datetime
    left_out: frozenset[str] = frozenset()
    taken_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FrozenCohort:
    """`members` for good; those `left_out` count no more."""

    branch: str
    year: int
    members: tuple[str, ...]
    left_out: frozenset[str] = frozenset()


Cohort = NoCohort | AwaitedCohort | FrozenCohort


class AwaitCohort(Command):
    """GRD-03: the branch became a graduate branch."""

    branch: str
    year: int


class WithdrawCohort(Command):
    """GRD-03: it is none of that year after all."""


class MarkGraduate(Command):
    """GRD-04: `person` stays on or is a teacher, or (not `left_out`) graduates after all."""

    person: str
    left_out: bool


def await_cohort(command: AwaitCohort, state: Cohort, ends: Ends, now: datetime) -> list[CohortEvent]:
    """Once."""
    return [_awaited(command.branch, command.year, ends, now + LOOKED_AT_AFTER)] if isinstance(state, NoCohort) else []


def freeze_cohort(
    state: Cohort, members: Collection[str], ends: Ends, now: datetime, *, passed: bool
) -> list[CohortEvent]:
    """`members` are those of the branch in a copy that has `passed` the ends noted; else it is looked at again.

    `ends` are noted anew where those noted are of topics that are read no more.
    """
    if not isinstance(state, AwaitedCohort) or now < state.due_at:
        return []
    if not passed:
        return [_awaited(state.branch, state.year, ends, now + LOOKED_AT_AGAIN_AFTER)]
    frozen = sorted((set(members) | state.taken_in) - state.left_out)
    parts = [frozen[start : start + PART] for start in range(0, len(frozen), PART)] or [[]]
    return [CohortFrozen(branch=state.branch, year=state.year, members=tuple(part)) for part in parts]


def withdraw_cohort(_command: WithdrawCohort, state: Cohort) -> list[CohortEvent]:
    """Also of one that is not frozen yet."""
    match state:
        case NoCohort():
            return []
        case AwaitedCohort():
            return [CohortWithdrawn(branch=state.branch, year=state.year, members=())]
        case FrozenCohort():
            parts = [state.members[start : start + PART] for start in range(0, len(state.members), PART)] or [()]
            return [CohortWithdrawn(branch=state.branch, year=state.year, members=part) for part in parts]
        case _:
            assert_never(state)


def mark_graduate(command: MarkGraduate, state: Cohort) -> list[CohortEvent]:
    """Nothing where it is so already, or where the branch has no cohort."""
    event = GraduateExcluded if command.left_out else GraduateIncluded
    match state:
        case NoCohort():
            return []
        case AwaitedCohort():
            known = state.left_out if command.left_out else state.taken_in
            told = command.person in known
        case FrozenCohort():
            counts = command.person in state.members and command.person not in state.left_out
            told = counts is not command.left_out
        case _:
            assert_never(state)
    frozen = isinstance(state, FrozenCohort)
    return [] if told else [event(branch=state.branch, year=state.year, person=command.person, frozen=frozen)]


def _awaited(branch: str, year: int, ends: Ends, due_at: datetime) -> CohortAwaited:
    return CohortAwaited(
        branch=branch, year=year, generation=ends.generation, offsets=dict(ends.offsets), due_at=due_at
    )


def _evolve(state: Cohort, event: CohortEvent) -> Cohort:
    match event, state:
        case CohortAwaited(), AwaitedCohort():
            return replace(state, ends=Ends(event.generation, event.offsets), due_at=event.due_at)
        case CohortAwaited(), _:
            return AwaitedCohort(event.branch, event.year, Ends(event.generation, event.offsets), event.due_at)
        case CohortFrozen(), FrozenCohort():
            return replace(state, members=(*state.members, *event.members))
        case CohortFrozen(), _:
            return FrozenCohort(event.branch, event.year, event.members)
        case CohortWithdrawn(), _:
            return NoCohort()
        case GraduateExcluded(person=person), AwaitedCohort():
            return replace(state, left_out=state.left_out | {person}, taken_in=state.taken_in - {person})
        case GraduateIncluded(person=person), AwaitedCohort():
            return replace(state, left_out=state.left_out - {person}, taken_in=state.taken_in | {person})
        case GraduateExcluded(person=person), FrozenCohort():
            return replace(state, left_out=state.left_out | {person})
        case GraduateIncluded(person=person), FrozenCohort():
            members = state.members if person in state.members else (*state.members, person)
            return replace(state, members=members, left_out=state.left_out - {person})
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


COHORT: Decider[Cohort, CohortEvent] = Decider("cohort", NoCohort(), _evolve)
