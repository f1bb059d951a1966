"""Work that nobody asks for: one process at a time looks whether there is any, and does it."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role


class Looking(ABC):
    """The loop. It looks again `PAUSE_SECONDS` after it found something, else `REST_SECONDS` later.

    What `work` does has to be fenced by its own conditions, and a second time to find nothing to do (`Lease`).
    """

    role = Role.WORKER
    PAUSE_SECONDS: ClassVar[float]
    REST_SECONDS: ClassVar[float]

    def __init__(self, database: Any, name: str) -> None:
        self.name = name
        self._lease = Lease(database["leases"], name)
        self._detail = "not looked yet"

    def health(self) -> Health:
        """Ready either way; the supervisor tells of one that fails."""
        return Health(ready=True, detail=self._detail)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._detail = "another process looks"
            async with self._lease.held(self.REST_SECONDS) as lost:
                while not lost.is_set():
                    found = await self.work()
                    self._detail = f"the last look found {found}"
                    await asyncio.sleep(self.PAUSE_SECONDS if found else self.REST_SECONDS)

    @abstractmethod
    async def work(self) -> int:
        """Does some of what there is, and says how much it found."""
