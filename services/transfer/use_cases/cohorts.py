"""Cohorts of graduates are awaited, frozen and withdrawn; graduates are left out of them (GRD-03, GRD-04, GRD-06)."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from services.transfer.domain import cohort as domain
from services.transfer.domain.cohort import COHORT, AwaitedCohort, Cohort, Ends
from services.transfer.domain.events_of_cohorts import CohortAwaited, CohortEvent
from services.transfer.use_cases.transfers import SELF
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Event, Request
from shared.kernel.ids import request_hash

COHORT_DUE = "cohort-due"


class MemberEnds(Protocol):
    async def now(self) -> Ends:
        """Where the topic of members ends now."""
        ...

    async def passed(self, ends: Ends) -> bool:
        """Whether the copy of members has applied all before them."""
        ...


class Members(Protocol):
    async def graduates(self, branch: str, year: int) -> set[str]:
        """Who is in the branch, without those excluded."""
        ...


class Placed(Protocol):
    async def placed_elsewhere(self, people: Collection[str], year: int, branch: str) -> set[str]:
        """Those who are in the cohort of another branch in the year."""
        ...


class CohortCommands:
    """The use cases; each is idempotent by its request."""

    def __init__(
        self, store: EventStore, deadlines: Deadlines, ends: MemberEnds, members: Members, placed: Placed
    ) -> None:
        self._store = store
        self._deadlines = deadlines
        self._ends = ends
        self._members = members
        self._placed = placed

    async def ends(self) -> Ends:
        """To be noted after the fact was read that the branch became a graduate branch, and before it is awaited."""
        return await self._ends.now()

    async def await_cohort(self, request: Request, command: domain.AwaitCohort, ends: Ends) -> None:
        now = self._store.codec.now()
        stream = cohort_of(command.branch, command.year)
        await self._decide(request, stream, lambda state: domain.await_cohort(command, state, ends, now))

    async def withdraw(self, request: Request, branch: str, year: int) -> None:
        command = domain.WithdrawCohort()
        await self._decide(request, cohort_of(branch, year), lambda state: domain.withdraw_cohort(command, state))

    async def mark(self, request: Request, branch: str, year: int, command: domain.MarkGraduate) -> None:
        """GRD-04. Of a branch that is no graduate branch yet, the copy of members has it when it becomes one."""
        await self._decide(request, cohort_of(branch, year), lambda state: domain.mark_graduate(command, state))

    async def freeze(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends. Members are read after the copy has passed the ends, not before.

        Who is in another cohort of the year already, having moved within the school, stays there.
        """
        state = COHORT.fold([e for c in await self._store.load(deadline.stream) for e in c.events])  # type: ignore[misc]
        if not isinstance(state, AwaitedCohort):
            return
        passed = await self._ends.passed(state.ends)
        ends, members = state.ends, set[str]()
        if passed:
            members = await self._members.graduates(state.branch, state.year)
            members -= await self._placed.placed_elsewhere(members, state.year, state.branch)
        elif (now_read := await self._ends.now()).generation != ends.generation:
            ends = now_read
        request = Request(SELF, deadline.id, request_hash([]))
        await self._decide(
            request, deadline.stream, lambda held: domain.freeze_cohort(held, members, ends, now, passed=passed)
        )

    async def _decide(self, request: Request, stream: str, decide: Callable[[Cohort], Sequence[CohortEvent]]) -> Answer:
        return await execute(
            self._store,
            COHORT,
            stream,
            request,
            decide,
            conditions=lambda _state, events: self._rows(stream, events),
        )

    def _rows(self, stream: str, events: Sequence[Event]) -> Sequence[Condition]:
        """What is awaited is looked at again, for ever."""
        return [
            self._deadlines.row(
                Deadline(ids.derived(COHORT_DUE, stream, str(to_micros(each.due_at))), COHORT_DUE, stream, each.due_at)
            )
            for each in events
            if isinstance(each, CohortAwaited)
        ]


def cohort_of(branch: str, year: int) -> str:
    """The stream of a branch's cohort in a year."""
    return f"{COHORT.kind}-{ids.derived(COHORT.kind, branch, str(year))}"
