"""The worker of GRD-03: on the day of the year it has every marked branch become a graduate branch."""

from services.org.projections.organizations import Organizations
from services.org.use_cases.graduation import Graduation
from shared.eventstore.store import EventStore
from shared.kernel.clock import Clock, local_date
from shared.runtime.looking import Looking

BATCH = 500


class GraduationDay(Looking):
    """Looks who is due, by an index that is empty on all other days.

    It goes on looking: the list may lag, and a branch may come back into the sector of schools. Each branch decides for
    itself, so whoever was away catches up, and whoever comes twice finds nothing to do.
    """

    PAUSE_SECONDS, REST_SECONDS = 0.2, 60.0

    def __init__(self, store: EventStore, organizations: Organizations, graduation: Graduation, clock: Clock) -> None:
        super().__init__(store.database, "org.graduation")
        self._organizations = organizations
        self._graduation = graduation
        self._clock = clock

    async def work(self) -> int:
        """Up to 500 branches; says how many the list shows as due, which may lag behind."""
        year = await self._graduation.due_year(local_date(self._clock.now()))
        due = await self._organizations.awaiting(year, BATCH)
        await self._graduation.graduate(due, year)
        return len(due)
