"""Retrying parked lines: where an operator asks for it, the records are handled again in their order (P5)."""

import asyncio

import structlog

from shared.messaging.handling import Handling, Unavailable
from shared.messaging.parking import Parking
from shared.observability.metric_names import gauge
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
BATCH_MAX = 100
_LINES = gauge("tuan_parked_lines")
_RECORDS = gauge("tuan_parked_records")


class Unparking:
    """One process at a time retries. A killed one's successor hands over again what was not yet forgotten, in the
    same order, which the functions take for the repeat that it is.
    """

    role = Role.CONSUMER

    def __init__(self, service: str, handling: Handling, parking: Parking) -> None:
        self.name = f"{service}.unparking"
        self._service = service
        self._handling = handling
        self._parking = parking
        self._lease = Lease(parking.database["leases"], self.name)
        self._detail = "not looked yet"

    def health(self) -> Health:
        """Ready even with lines parked: the others go on. The sentence says how many; `tuan doctor` what to do."""
        return Health(ready=True, detail=self._detail)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._detail = "another process retries"
            async with self._lease.held(PAUSE_SECONDS) as lost:
                while not lost.is_set():
                    await self.round()
                    await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> None:
        """Retries every line that somebody asked for; one that waits for a server is asked again in the next round."""
        lines, records = await self._parking.parked.count()
        if lines:
            await self._retry_asked()
            lines, records = await self._parking.parked.count()
        _LINES.labels(self._service).set(lines)
        _RECORDS.labels(self._service).set(records)
        self._detail = f"{lines} lines with {records} records are parked"

    async def _retry_asked(self) -> None:
        for line in await self._parking.asked():
            try:
                await self._retry(line)
            except Unavailable as waits:
                log.warning("reaction.retry_waits", reason=str(waits))

    async def _retry(self, line: str) -> None:
        while True:
            records = await self._parking.first_of(line, BATCH_MAX)
            if not records:
                if await self._parking.give_free(line):
                    return
                continue
            stuck = (await self._handling.handle(records)).get(line)
            done = [heard for heard in records if stuck is None or heard.offset < stuck.head.offset]
            await self._parking.handled(done)
            if stuck is not None:
                await self._parking.stands_again(stuck)
                return
