"""The beat of the withdrawals lane: a row stamped every second tells silence from calm (kernel.md 5)."""

import asyncio
import time
from typing import Any

from shared.kernel.clock import Clock, to_micros
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role

BEATS = "beats"
BEAT = "beat"
SECONDS = 1.0
LATE_SECONDS = 5.0
LEASE_SECONDS = 4.0  # shorter than the silence that warns, so a crash is not seen by anyone who asks


class Beat:
    """One process at a time stamps; the relay sends each stamp behind the withdrawals written before it."""

    name = "org.beat"
    role = Role.WORKER

    def __init__(self, database: Any, clock: Clock) -> None:
        self._beats = database[BEATS]
        self._lease = Lease(database["leases"], self.name, LEASE_SECONDS)
        self._clock = clock
        self._stamped_at: float | None = None
        self._holds = False

    def health(self) -> Health:
        """Ready while stamping, or while another process holds the lease."""
        if not self._holds:
            return Health(ready=True, detail="another process stamps the beat")
        since = time.monotonic() - self._stamped_at if self._stamped_at is not None else LATE_SECONDS
        return Health(ready=since < LATE_SECONDS, detail=f"last beat {since:.1f} s ago")

    async def run(self) -> None:
        while True:
            async with self._lease.held(SECONDS) as lost:
                self._holds = True
                try:
                    while not lost.is_set():
                        await self.stamp()
                        await asyncio.sleep(SECONDS)
                finally:
                    self._holds = False

    async def stamp(self) -> None:
        """One beat: a replacement, since the relay forwards whole documents."""
        row = {"_id": BEAT, "at": to_micros(self._clock.now())}
        await self._beats.replace_one({"_id": BEAT}, row, upsert=True)
        self._stamped_at = time.monotonic()
