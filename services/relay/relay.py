"""The relay: what is in MongoDB gets to Kafka, in commit order, numbered and chained (kernel.md 3).

One leased tailer per replica set. At any failure it forgets everything and starts from its checkpoint, so what it sends
is the same whenever it is sent.
"""

import asyncio
from collections.abc import Sequence

import structlog
from pymongo.errors import OperationFailure, PyMongoError

from services.relay.audit import Behind, miscounts
from services.relay.checkpoint import CheckpointStore, Superseded
from services.relay.forwarding import Forwarding
from services.relay.sending import STOP_SECONDS, sending
from services.relay.start import HISTORY_LOST, begin, unreadable
from services.relay.tail import tailing
from shared.eventstore.driver import Driver
from shared.kernel.clock import Clock
from shared.runtime.ending import ended
from shared.runtime.lease import Lease
from shared.runtime.service import Health, Role
from shared.runtime.settings import Settings

log = structlog.get_logger()

LEASE_SECONDS = 5.0
AUDIT_SECONDS = 3_600.0
AUDIT_RETRY_SECONDS = 10.0


class Relay:
    """A loop: waits for the lease, checks its start, forwards until something fails.

    What it raises restarts it from the checkpoint; RelayStopped ends it. `services` are the sources.
    """

    name = "relay"
    role = Role.WORKER

    def __init__(self, driver: Driver, settings: Settings, services: Sequence[str], clock: Clock) -> None:
        self._driver = driver
        self._settings = settings
        self._services = tuple(services)
        self._clock = clock
        self._database = driver.database(settings.database("relay"))
        self._health = Health(ready=False, detail="starting")
        self._miscount = ""

    def health(self) -> Health:
        """Ready while it forwards or stands by, and the last count found every commit numbered."""
        return Health(ready=False, detail=self._miscount) if self._miscount else self._health

    async def run(self) -> None:
        lease = Lease(self._database["leases"], self.name, LEASE_SECONDS)
        self._health = Health(ready=True, detail="standing by: another relay has the lease")
        try:
            async with lease.held() as lost:
                await self._until_lost(self.store(lease.owner), lost)
        finally:
            self._health = Health(ready=False, detail="starts again")

    def store(self, holder: str) -> CheckpointStore:
        """Where the checkpoint lies."""
        return CheckpointStore(self._database, holder)

    async def _until_lost(self, store: CheckpointStore, lost: asyncio.Event) -> None:
        forwarding = asyncio.create_task(self._forward(store))
        losing = asyncio.create_task(lost.wait())
        try:
            await asyncio.wait((forwarding, losing), return_when=asyncio.FIRST_COMPLETED)
            if not forwarding.done():
                raise Superseded("the lease was lost")
            await forwarding
        finally:
            await ended(forwarding, losing, again=2 * STOP_SECONDS)

    async def _forward(self, store: CheckpointStore) -> None:
        self._health = Health(ready=False, detail="checking its start")
        try:
            await self._forward_from(store)
        except OperationFailure as error:
            checkpoint = await store.load()
            if checkpoint is not None and error.code in HISTORY_LOST:
                # Set oplogMinRetentionHours to 48: a stream that goes on is cheaper than an epoch.
                log.critical("relay.history_lost", epoch=checkpoint.epoch, reached=str(checkpoint.reached))
                await store.lose_token(checkpoint.epoch)
                raise Superseded("the oplog no longer reaches back to the checkpoint: a new epoch begins") from error
            if stop := unreadable(error):
                raise stop from error
            raise

    async def _forward_from(self, store: CheckpointStore) -> None:
        settings = self._settings
        ready = await begin(self._driver, settings, self._services, store)
        log.info(
            "relay.started",
            epoch=ready.checkpoint.epoch,
            generation=ready.topics.generation,
            reached=str(ready.checkpoint.reached),
        )
        auditing = asyncio.create_task(self._audit_hourly(store))
        try:
            async with (
                sending(settings, ready.topics) as sender,
                tailing(self._driver, ready.checkpoint.resume) as tail,
            ):
                forwarding = Forwarding(settings, self._services, self._clock, store, ready, sender, tail, self._report)
                await forwarding.run()
        finally:
            await ended(auditing)

    def _report(self, lag_seconds: float) -> None:
        self._health = Health(ready=True, detail=f"lag {lag_seconds:.1f} s")

    async def _audit_hourly(self, store: CheckpointStore) -> None:
        while True:
            try:
                found = await audited(self._driver, self._settings, self._services, store)
            except (PyMongoError, Behind) as error:
                log.warning("relay.audit_postponed", reason=str(error))
                await asyncio.sleep(AUDIT_RETRY_SECONDS)
                continue
            self._miscount = "; ".join(found)
            if found:
                log.critical("relay.miscount", found=found)
            await asyncio.sleep(AUDIT_SECONDS)


async def audited(
    driver: Driver, settings: Settings, services: Sequence[str], store: CheckpointStore, tries: int = 3
) -> list[str]:
    """What the relay numbered wrongly, in sentences; for the hourly check and `tuan verify`.

    A checkpoint may lie in the middle of a transaction, so a difference counts when it is there `tries` times, a
    second apart. Raises Behind when the relay does not run or is more than five minutes late.
    """
    found: list[str] = []
    for attempt in range(tries):
        if attempt:
            await asyncio.sleep(1)
        checkpoint = await store.load()
        if checkpoint is None:
            raise Behind("the relay has never started")
        found = [str(m) for m in await miscounts(driver, settings, services, checkpoint)]
        if not found:
            break
    return found
