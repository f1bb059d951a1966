"""The worker of the deadlines: one process at a time asks what is due and sends the ordinary commands (P8)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from shared.deadlines.rows import Deadline, Deadlines
from shared.kernel.clock import Clock
from shared.observability.metric_names import gauge
from shared.runtime.looking import Looking

BATCH = 100

_LATE = gauge("tuan_deadline_late_seconds")
_LOOKED = gauge("tuan_deadline_looked_timestamp_seconds")

Decide = Callable[[Deadline, datetime], Awaitable[object]]
"""Sends the command that decides again at the given instant; a second time it finds nothing to do."""


class DeadlineWorker(Looking):
    """Never early: an instant is read from the clock once, and both the search and the decision go by it.

    Late only as long as nobody works: a row stays until its command was decided, so a worker that was away, or was
    killed between the two, finds it again. Whether it fires once is the command's business, by its stream's state.
    """

    PAUSE_SECONDS, REST_SECONDS = 0.0, 1.0

    def __init__(self, service: str, database: Any, clock: Clock, commands: Mapping[str, Decide]) -> None:
        super().__init__(database, f"{service}.deadlines")
        self._deadlines = Deadlines(database)
        self._clock = clock
        self._commands = commands

    async def work(self) -> int:
        """Decides up to 100 that are due now, and says how many; one that fails stays and stops no other."""
        now = self._clock.now()
        due = await self._deadlines.due(now, BATCH)
        _LOOKED.labels(self.name).set_to_current_time()
        _LATE.labels(self.name).set((now - due[0].due_at).total_seconds() if due else 0)
        outcomes = await asyncio.gather(*(self._one(each, now) for each in due), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(due)

    async def _one(self, deadline: Deadline, now: datetime) -> None:
        await self._commands[deadline.kind](deadline, now)
        await self._deadlines.settle(deadline)
