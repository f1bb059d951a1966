"""GRD-02, GRD-03: months are marked, one branch or many at once; on the day of their year branches graduate."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.org.domain.events import OrganizationEvent
from services.org.domain.graduation import (
    Marker,
    MarkGraduationMonth,
    check_marking,
    graduate_branch,
    mark_graduation_month,
)
from services.org.domain.organization import ORGANIZATION, Organization, OrganizationUnknown
from services.org.reference import reference_on
from services.org.use_cases.campaigns import GraduationCampaigns
from services.org.use_cases.superiors import OWN_ADMINS, Rights, state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.clock import local_date
from shared.kernel.envelope import Actor, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import Refusal

AT_ONCE = 50
SELF = Actor("service:org")


@dataclass(frozen=True, slots=True)
class MonthOf:
    """What came of one branch: the answer to its command, or the refusal that says which condition fails."""

    branch: str
    answer: Answer | None = None
    refused: Refusal | None = None


class GraduationMonths:
    """The use cases of those above the branches."""

    def __init__(self, store: EventStore, rows: TreeRows, campaigns: GraduationCampaigns, rights: Rights) -> None:
        self._store = store
        self._rows = rows
        self._campaigns = campaigns
        self._rights = rights

    async def mark(
        self,
        principal: Principal,
        request: Request,
        organization: str,
        branches: Sequence[str],
        command: MarkGraduationMonth,
    ) -> list[MonthOf]:
        """In the name of `organization`, by its own admins; each branch by itself. A repeat answers the same."""
        await self._rights.require_duty(principal, OWN_ADMINS, organization)
        day = await self._campaigns.graduation_day(command.year)
        superiors = await self._rows.superiors(branches)
        above = {superior: await self._above(superior) for superior in set(superiors.values())}
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(branch: str) -> MonthOf:
            async with slots:
                try:
                    if branch not in superiors:
                        raise OrganizationUnknown
                    markers = above[superiors[branch]]
                    return MonthOf(branch, await self._mark(request, organization, branch, markers, command, day))
                except Refusal as refusal:
                    return MonthOf(branch, refused=refusal)

        return await asyncio.gather(*(one(branch) for branch in dict.fromkeys(branches)))

    async def _mark(
        self,
        request: Request,
        by: str,
        branch: str,
        above: Sequence[Marker],
        command: MarkGraduationMonth,
        day: date,
    ) -> Answer:
        today = local_date(self._store.codec.now())
        reference = reference_on(today)

        def decide(state: Organization) -> list[OrganizationEvent]:
            held = check_marking(command, state, by, above, reference, today)
            return mark_graduation_month(command, held, today, day)

        return await execute(self._store, ORGANIZATION, branch, request, decide)

    async def _above(self, superior: str) -> list[Marker]:
        """From the superior upwards, as far as its school may reach."""
        found: list[Marker] = []
        for each in reversed(await self._rows.path(superior)):
            state = await state_of(self._store, each)
            information = state.information
            found.append(Marker(each, information.short_name, information.sector, state.school))
            sector = reference_on(local_date(self._store.codec.now())).sectors.get(information.sector)
            if state.school or sector is None or not sector.school:
                break
        return found


class Graduation:
    """GRD-03, for the worker: branches whose day has come, each by a command of its own that decides again."""

    def __init__(self, store: EventStore, campaigns: GraduationCampaigns) -> None:
        self._store = store
        self._campaigns = campaigns

    async def due_year(self, today: date) -> int:
        """The last year whose day has come."""
        return today.year if await self._campaigns.graduation_day(today.year) <= today else today.year - 1

    async def graduate(self, branches: Sequence[str], year: int) -> int:
        """Of years up to `year`; says how many graduated now. The key is the year's, so that a repeat does nothing."""
        reference = reference_on(local_date(self._store.codec.now()))
        request = Request(SELF, f"graduation-{year}", request_hash({"year": year}))

        async def one(branch: str) -> bool:
            answer = await execute(
                self._store, ORGANIZATION, branch, request, lambda state: graduate_branch(state, year, reference)
            )
            return bool(answer.events) and not answer.repeated

        return sum(await asyncio.gather(*(one(branch) for branch in branches)))
