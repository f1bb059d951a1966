"""The worker of GRD-03: on the day of the year it has every marked branch become a graduate branch."""

import asyncio

from services.org.projections.organizations import Organizations
from services.org.use_cases.graduation import Graduation
from shared.eventstore.store import EventStore
from shared.kernel.clock import Clock, local_date
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role

BATCH = 500
PAUSE_SECONDS = 0.2
LOOK_SECONDS = 60.0


class GraduationDay:
    """One process at a time looks who is due, by an index that is empty on all other days.

    It goes on looking: the list may lag, and a branch may come back into the sector of schools. Each branch decides for
    itself, so whoever was away catches up, and whoever comes twice finds nothing to do.
    """

    name = "org.graduation"
    role = Role.WORKER

    def __init__(self, store: EventStore, organizations: Organizations, graduation: Graduation, clock: Clock) -> None:
        self._organizations = organizations
        self._graduation = graduation
        self._clock = clock
        self._lease = Lease(store.database["leases"], self.name)
        self._detail = "not looked yet"

    def health(self) -> Health:
        """Ready either way; the supervisor tells of one that fails."""
        return Health(ready=True, detail=self._detail)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._detail = "another process looks"
            async with self._lease.held(LOOK_SECONDS) as lost:
                while not lost.is_set():
                    found = await self.work()
                    self._detail = f"{found} branches were due"
                    await asyncio.sleep(PAUSE_SECONDS if found else LOOK_SECONDS)

    async def work(self) -> int:
        """Up to 500 branches; says how many the list shows as due, which may lag behind."""
        year = await self._graduation.due_year(local_date(self._clock.now()))
        due = await self._organizations.awaiting(year, BATCH)
        await self._graduation.graduate(due, year)
        return len(due)
