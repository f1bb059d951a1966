"""Rebuilding a read model beside the copy that is read: filled from the first event on, compared, switched by name.

May die anywhere: begun again, it goes on where it was. Nobody else's reading or feeding depends on it (kernel.md 4).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer

from deploy.rebuilding.agreement import Agreement, agreement
from shared.kernel.clock import Clock, to_micros
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.projections.bounded import BoundedLoop, Bounds
from shared.projections.copies import Copies, CopiesMoved, Copy, Row, copy_of
from shared.projections.positions import POSITIONS, closing
from shared.projections.projection import NotNow, Projection
from shared.projections.runner import ProjectionLoop
from shared.runtime.ending import ended
from shared.runtime.lease import Lease

GRACE_SECONDS = 15.0
"""How long an old copy is kept for those who still read it: longer than a look at the row and the longest query."""
CAUGHT_UP_SECONDS = 2.0
WAIT_SECONDS = 60.0
LEASE_SECONDS_MAX = 12.0
"""By then the lease of a process that was killed is free."""
_POLL_SECONDS = 0.1
_TOLD_SECONDS = 5.0


class NotRebuilt(Exception):
    """The copy that is read stays; the sentence says why and what to do."""


class Filling(BoundedLoop):
    """The loop over a copy that nobody reads yet; it follows no other."""

    def __init__(self, live: ProjectionLoop, copy: Copy) -> None:
        super().__init__(live.driver, live.service, live.projection, live.settings)
        self._feed(copy)

    async def step(self, consumer: AIOKafkaConsumer) -> None:
        """One batch."""
        await self._round(consumer)

    async def save(self) -> None:
        """Positions behind records that changed nothing, too."""
        self._saved_at = 0.0
        await self._consume({})

    def stands_at(self) -> dict[str, int]:
        """By place the offset of the next record."""
        return {self._place(p): held.guard.offset + 1 for p, held in self._partitions.items()}


class Rebuild:
    """The read model of one loop. `say` is told what happens, in sentences."""

    def __init__(self, loop: ProjectionLoop, clock: Clock, say: Callable[[str], None] = lambda _: None) -> None:
        self.name = loop.name
        self._loop = loop
        self._driver = loop.driver
        self._settings = loop.settings
        self._projection = loop.projection
        self._clock = clock
        self._say = say
        self._database = loop.driver.database(loop.settings.database(loop.service))
        self.copies = Copies(self._database, f"{loop.projection.name}-v{loop.projection.version}")
        self._lease = Lease(self._database["leases"], f"rebuild/{self.copies.key}")

    async def generation(self) -> int | None:
        """Of the topics that the copy is made of which is read; None where no loop ever fed one."""
        row = await self.copies.row()
        return copy_of(row, row["read"]).generation if row else None

    async def run(self, *, accept: bool = False) -> None:
        """Builds, compares, and switches; the old copy is kept until `tidy`. Raises NotRebuilt.

        With `accept` it is switched even where documents differ, or cannot be compared. A copy made of another
        generation of topics has another history and is not compared.
        """
        await self._alone(lambda: self._rebuilt(accept=accept))

    async def abandon(self) -> None:
        """Gives up a copy that was begun, and drops it. Raises NotRebuilt."""
        await self._alone(self._abandoned)

    async def tidy(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Drops the copies that are neither read nor fed nor built, once nobody can be reading them any more."""
        row = await self._row()
        used = {row["read"], row["fed"], row.get("built", row["read"])}
        left = [int(n) for n in row["generations"] if int(n) not in used]
        if left:
            await asyncio.sleep(grace_seconds)
        for number in left:
            await self._drop(copy_of(row, number))

    async def _alone(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        deadline = time.monotonic() + LEASE_SECONDS_MAX
        while not await self._lease.take():
            if time.monotonic() < deadline:
                await asyncio.sleep(_POLL_SECONDS)
                continue
            raise NotRebuilt(f"{self.name} is being rebuilt by another process: wait for it.")
        async with self._lease.held() as lost:
            working, losing = asyncio.create_task(work()), asyncio.create_task(lost.wait())
            try:
                await asyncio.wait((working, losing), return_when=asyncio.FIRST_COMPLETED)
                if not working.done():
                    raise NotRebuilt(f"{self.name}: the lease was lost to another process; ask again.")
                await working
            except CopiesMoved as moved:
                raise NotRebuilt(f"{self.name}: {moved}.") from moved
            finally:
                await ended(working, losing, again=GRACE_SECONDS)

    async def _row(self) -> Row:
        row = await self.copies.row()
        if row is None:
            raise NotRebuilt(f"{self.name} was never fed: start its service first.")
        return row

    async def _rebuilt(self, *, accept: bool) -> None:
        row = await self._row()
        built = row.get("built")
        if built is None or row["fed"] != built:
            copy = await self._to_build(row)
            await self._fed_to_the_end(copy, copy_of(row, row["read"]), accept=accept)
        row = await self._row()
        await self._shown(copy_of(row, row["read"]), copy_of(row, row["fed"]))

    async def _to_build(self, row: Row) -> Copy:
        """What was begun from older topics than those of now is given up first."""
        topics = await current_topics(self._driver, self._settings)
        built = row.get("built")
        if built and row["generations"][str(built)] != topics.generation:
            await self._abandoned()
        settings = self._settings
        await topics.ensure(connection(settings), self._projection.topics, settings.partitions, settings.replication)
        return await self.copies.build(topics.generation, to_micros(self._clock.now()))

    async def _fed_to_the_end(self, copy: Copy, present: Copy, *, accept: bool) -> None:
        projection = self._projection.at(copy.number)
        await projection.prepare()
        loop = Filling(self._loop, copy)
        async with loop.reading() as consumer:
            await self._fill(loop, consumer)
            if present.generation == copy.generation and not accept:
                await self._agree(loop, consumer, present, projection)
            await loop.save()
        await self._take_over(present, copy, projection, loop.stands_at())

    async def _fill(self, loop: Filling, consumer: AIOKafkaConsumer) -> None:
        """Until catching up takes no time worth speaking of."""
        while True:
            began, ends = time.monotonic(), await loop.ends(consumer)
            await self._up_to(ends, loop, consumer)
            if time.monotonic() - began < CAUGHT_UP_SECONDS:
                return

    async def _up_to(self, bounds: Bounds, loop: Filling, consumer: AIOKafkaConsumer) -> None:
        told = time.monotonic()
        while not loop.reached(bounds):
            await loop.step(consumer)
            if time.monotonic() - told > _TOLD_SECONDS:
                told = time.monotonic()
                self._say(f"{self.name}: {sum(loop.stands_at().values())} of {sum(bounds.values())} records")

    async def _agree(self, loop: Filling, consumer: AIOKafkaConsumer, present: Copy, projection: Projection) -> None:
        """Raises NotRebuilt unless both copies are the same at the same positions."""
        await self._until_passed(present, loop.stands_at())
        async with self._driver.snapshot() as session:
            loop.bounds = await self._positions(present, session)
            await self._up_to(loop.bounds, loop, consumer)
            found = await agreement(self._database, self._projection.at(present.number), projection, session)
        self._say(f"{self.name}: {found}")
        if found.differ:
            await self.copies.differ(loop.copy.number, list(found.differ))
            raise NotRebuilt(self._differing(found))

    async def _until_passed(self, present: Copy, stands_at: Bounds) -> None:
        """The copy that is read has to pass where the new one stands: only from there on can both stop together."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not _covers(await self._positions(present), stands_at):
            if time.monotonic() > deadline:
                raise NotRebuilt(
                    f"{self.name}: the copy that is read stands still before the new one, so the two cannot be "
                    f"compared. Start its service, or take the new one as it is: tuan rebuild {self.name} --accept"
                )
            await asyncio.sleep(_POLL_SECONDS)

    async def _take_over(self, present: Copy, copy: Copy, projection: Projection, places: Iterable[str]) -> None:
        """In one transaction the loops are told, and nothing gets into the present copy any more, from whomever: what
        readers have seen of it by then is all that `_shown` has to wait for.
        """
        rows = [closing(f"{self._prefix(present)}{place}") for place in places]

        async def work(session: Any) -> None:
            await self.copies.feed(copy.number, session)
            await self._database[POSITIONS].bulk_write(rows, ordered=False, session=session)
            await projection.take_over(session)

        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                await self._driver.transaction(work)
            except NotNow as reason:
                if time.monotonic() > deadline:
                    raise NotRebuilt(f"{self.name}: {reason}; ask again.") from reason
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return

    async def _shown(self, present: Copy, fed: Copy) -> None:
        """Readers follow when nothing that they have seen is missing there: no read goes back in time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while present.generation == fed.generation and not _covers(
            await self._positions(fed), await self._positions(present)
        ):
            if time.monotonic() > deadline:
                raise NotRebuilt(f"{self.name}: its service does not feed the new copy; start it, and ask again.")
            await asyncio.sleep(_POLL_SECONDS)
        await self.copies.show(fed.number)
        self._say(f"{self.name}: copy {fed.number} is read")

    async def _positions(self, copy: Copy, session: Any = None) -> dict[str, int]:
        """By place the offset of the next record, as stored for a copy."""
        prefix = self._prefix(copy)
        rows = self._database[POSITIONS].find({"_id": {"$gte": prefix, "$lt": prefix + "~"}}, session=session)
        return {row["_id"].removeprefix(prefix): row["offset"] + 1 async for row in rows}

    async def _abandoned(self) -> None:
        row = await self._row()
        if number := row.get("built"):
            await self.copies.abandon(number)
            await self._drop(copy_of(row, number))

    async def _drop(self, copy: Copy) -> None:
        prefix = self._prefix(copy)
        await self._database[POSITIONS].delete_many({"_id": {"$gte": prefix, "$lt": prefix + "~"}})
        for name in self._projection.at(copy.number).collections:
            await self._database.drop_collection(name)
        await self.copies.forget(copy.number)
        self._say(f"{self.name}: copy {copy.number} is dropped")

    def _prefix(self, copy: Copy) -> str:
        return f"{self.copies.key}{copy.suffix}/"

    def _differing(self, found: Agreement) -> str:
        ids = ", ".join(found.differ)
        return (
            f"{self.name}: {found.count} documents of the new copy are not those of the copy that is read: {ids}. "
            f"It was not switched. Find out which one is right, then tuan rebuild {self.name} --accept or --abandon"
        )


def _covers(these: Bounds, those: Bounds) -> bool:
    return all(these.get(place, 0) >= offset for place, offset in those.items())
