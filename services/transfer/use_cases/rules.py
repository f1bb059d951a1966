"""What provinces and central operators set: the period of a step (TRF-09), talent-exchange centres (TRF-19), and the
working days (OPS-05).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol, TypeVar, cast

from services.transfer.domain import periods, working_days
from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_rules import StepPeriodSet, TalentCentreSet, WorkingDaysEntered
from services.transfer.domain.periods import PERIODS, TALENT_CENTRES, Periods
from services.transfer.domain.refusals import NotAProvincialBody
from services.transfer.domain.working_days import CALENDAR, Calendar
from shared.authority.decide import Line
from shared.eventstore.commits import Codec, Stored
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.decider import Decider
from shared.kernel.envelope import Event, Recorded, Request
from shared.runtime.gathered import Gathered

S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Tree(Protocol):
    async def line(self, scope: str) -> Line:
        """An organization and all above it."""
        ...


class Kinds(Protocol):
    async def is_floating(self, organization: str) -> bool:
        """TRF-20."""
        ...

    async def kind(self, organization: str) -> str:
        """Of a branch (TRF-19); empty of what is not known."""
        ...


class Commits(Protocol):
    codec: Codec

    def documents(self, streams: Sequence[str], after: int = 0) -> AsyncIterator[dict[str, Any]]:
        """The stored commits of streams behind a version, each stream's in order."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was set, by whom and when."""

    event: Event
    by: str
    at: datetime


class Settled:
    """The streams of what was set, kept in memory: there are few and they seldom grow. One per process.

    Whether there is more of one is asked each time, by its next id, in one query for all who ask at once: so nobody
    decides by less than was there when they asked.
    """

    def __init__(self, store: Commits) -> None:
        self._store = store
        self._known: dict[str, tuple[int, tuple[Event, ...]]] = {}
        self._newer: Gathered[tuple[int, str], list[Stored]] = Gathered(self._find)

    async def events(self, stream: str) -> tuple[Event, ...]:
        """All of a stream."""
        known, _ = self._known.get(stream, (0, ()))
        for commit in await self._newer.get((known, stream)) or ():
            version, events = self._known.get(stream, (0, ()))
            if commit.version == version + 1:  # else somebody who asked at the same time has it in already
                self._known[stream] = (commit.version, (*events, *commit.events))
        return self._known.get(stream, (0, ()))[1]

    async def _find(self, behind: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], list[Stored]]:
        found: dict[tuple[int, str], list[Stored]] = {}
        for version, together in groupby(sorted(behind), key=itemgetter(0)):
            async for document in self._store.documents([stream for _, stream in together], after=version):
                found.setdefault((version, document["stream"]), []).append(self._store.codec.decode(document))
        return found


class TransferRules:
    """The use cases. `usual_hours` is the period where no province set another."""

    def __init__(self, store: EventStore, settled: Settled, tree: Tree, usual_hours: int) -> None:
        self.usual_hours = usual_hours
        self._store = store
        self._settled = settled
        self._tree = tree

    async def terms(self, from_branch: str, to: str) -> tuple[Term, ...]:
        """TRF-09: of both sides for a transfer started today, each by the province of its organization."""
        today = local_date(self._store.codec.now())
        sides = ((Side.OUT, from_branch), (Side.IN, to))
        found = await asyncio.gather(*(self._term(side, organization, today) for side, organization in sides))
        return tuple(found)

    async def calendar(self) -> Calendar:
        """As it was entered until now."""
        return CALENDAR.fold(cast("WorkingDaysEntered", e) for e in await self._settled.events(_CALENDAR))

    async def set_period(
        self, request: Request, organization: str, days: int, effective_from: date, *, automatic: bool
    ) -> Answer:
        """Raises NotAProvincialBody, and the refusals of `set_step_period`."""
        command = periods.SetStepPeriod(
            province=organization, days=days, automatic=automatic, effective_from=effective_from
        )
        decide = periods.set_step_period
        return await self._set(request, PERIODS, organization, lambda state, day: decide(command, state, day))

    async def set_talent_centre(
        self, request: Request, organization: str, effective_from: date, *, allowed: bool
    ) -> Answer:
        """TRF-19. Raises NotAProvincialBody, PeriodStartsInThePast."""
        command = periods.SetTalentCentre(province=organization, allowed=allowed, effective_from=effective_from)
        decide = periods.set_talent_centre
        return await self._set(request, TALENT_CENTRES, organization, lambda state, day: decide(command, state, day))

    async def _set(
        self, request: Request, decider: Decider[S, E], province: str, decide: Callable[[S, date], list[E]]
    ) -> Answer:
        """Raises NotAProvincialBody, and what `decide` does of the state and today."""
        if province_of(await self._tree.line(province)) != province:
            raise NotAProvincialBody
        stream, today = _of_province(decider.kind, province), local_date(self._store.codec.now())
        return await execute(self._store, decider, stream, request, lambda state: decide(state, today))

    async def allows_talent_centre(self, organization: str) -> bool:
        """TRF-19: for what is started today in the province of an organization."""
        province = province_of(await self._tree.line(organization))
        events = await self._settled.events(_of_province(TALENT_CENTRES.kind, province)) if province else ()
        set_ = TALENT_CENTRES.fold(cast("TalentCentreSet", e) for e in events)
        found = set_.on(local_date(self._store.codec.now()))
        return found is not None and found.allowed

    async def talent_centre(self, organization: str) -> Sequence[Entry]:
        """TRF-19: all that the province of an organization ever set of it."""
        province = province_of(await self._tree.line(organization))
        return await self._history(_of_province(TALENT_CENTRES.kind, province)) if province else []

    async def period(self, organization: str) -> tuple[StepPeriodSet | None, Sequence[Entry]]:
        """What applies today in the province of an organization (None: the usual), and all that it ever set."""
        province = province_of(await self._tree.line(organization))
        if province is None:
            return None, []
        history = await self._history(_of_province(PERIODS.kind, province))
        today = local_date(self._store.codec.now())
        return PERIODS.fold(cast("StepPeriodSet", entry.event) for entry in history).on(today), history

    async def enter_working_days(self, request: Request, command: working_days.EnterWorkingDays) -> Answer:
        """OPS-05. Raises DayOutsideYear, DayBothWays."""
        return await execute(
            self._store, CALENDAR, _CALENDAR, request, lambda state: working_days.enter_working_days(command, state)
        )

    async def working_days(self, year: int) -> Sequence[Entry]:
        """All that was entered for a year, the newest last."""
        found = await self._history(_CALENDAR)
        return [e for e in found if isinstance(e.event, WorkingDaysEntered) and e.event.year == year]

    async def _term(self, side: Side, organization: str, today: date) -> Term:
        province = province_of(await self._tree.line(organization))
        events = await self._settled.events(_of_province(PERIODS.kind, province)) if province else ()
        set_: Periods = PERIODS.fold(cast("StepPeriodSet", e) for e in events)
        return periods.term_of(side, set_, today, self.usual_hours)

    async def _history(self, stream: str) -> list[Entry]:
        codec = self._store.codec
        entries = []
        async for document in self._store.documents([stream]):
            recorded: Sequence[Recorded] = codec.recorded(document)
            for each, event in zip(recorded, codec.decode(document).events, strict=True):
                entries.append(Entry(event, each.actor.principal, each.at))
        return entries


async def all_over(tree: Tree, *organizations: str) -> tuple[str, ...]:
    """TRF-14: the organizations and all above them, as far as the copy of the tree knows."""
    lines = [await tree.line(organization) for organization in organizations]
    return tuple(dict.fromkeys(scope for line in lines for scope in line.ids))


def province_of(line: Line) -> str | None:
    """The direct subordinate of the root that an organization is, or is below; None where the way up is not known."""
    return line.scopes[-2].id if line.sound and line.root and len(line.scopes) > 1 else None


def _of_province(kind: str, province: str) -> str:
    return f"{kind}-{ids.derived(kind, province)}"


_CALENDAR = f"{CALENDAR.kind}-{ids.derived(CALENDAR.kind, 'working days')}"
