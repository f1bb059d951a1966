"""P5 under kills: whoever parks or retries dies at any call to the store, and another process goes on exactly."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pymongo.read_concern import ReadConcern

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Actor, Recorded
from shared.messaging import handling
from shared.messaging.handling import Handling, Heard
from shared.messaging.parked import DROPS, LINES, RECORDS
from shared.messaging.parking import Parking, ParkingLimit
from shared.messaging.unparking import Unparking
from shared.messaging.wire import Position, headers_of, value_of
from tests.faults.wire import Lost, Wire
from tests.shared.messaging.hearing import TYPE, Applied

TOPIC = "member.events.v1"
OPERATOR = "operator-1"


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)


def heard(version: int, key: str = "person-1") -> Heard:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    event = Recorded(f"{key}-{version}", TYPE, key, version, 0, at, Actor("p"), "", "", {"n": version})
    headers = headers_of("member", event, Position(1, version, 0), None)
    return Heard(TOPIC, key, 0, version, value_of(event), headers, event)


class Process:
    """One process of the service over its own driver; what it applied is kept outside, as a store would."""

    def __init__(self, url: str, database: str, applied: Applied) -> None:
        self.driver = Driver(url)
        self.parking = Parking(self.driver, database, SystemClock(), ParkingLimit(ratio=1.0))
        self.handling = Handling({(TOPIC, TYPE): applied})
        self.unparking = Unparking("fees", self.handling, self.parking)

    async def hear(self, *records: Heard) -> None:
        """As the wrapper of reactions does with a batch; the acknowledgement would follow."""
        free = await self.parking.put_behind(records)
        await self.parking.park(await self.handling.handle(free), free)

    async def ask_retry(self) -> None:
        for line in await self.parking.parked.lines():
            await self.parking.parked.ask_retry(line.record, OPERATOR)


class Stops:
    """Runs one step on a cut wire, at every call it makes, each time from a state made anew."""

    def __init__(self, servers: Addresses, namespace: str, lost: Lost) -> None:
        self.lost = lost
        self.url = servers.mongo_url
        self.namespace = namespace
        self.numbers = itertools.count()

    async def at_every_call(
        self,
        before: Callable[[Process, Applied], Awaitable[None]],
        step: Callable[[Process], Awaitable[None]],
        after: Callable[[Process, Applied], Awaitable[None]],
    ) -> int:
        server = urlsplit(self.url.split(",")[0])
        async with Wire(server.hostname or "", server.port or 0) as wire:
            for at in itertools.count(1):
                applied, database = Applied(), f"{self.namespace}{next(self.numbers)}"
                healthy = Process(self.url, database, applied)
                await healthy.parking.parked.prepare()
                await before(healthy, applied)
                dying = Process(f"{wire.url}&appName={database}", database, applied)
                reached = await self._cut(wire, at, self.lost, dying, step)
                await bury(healthy.driver, database)
                await after(healthy, applied)
                await healthy.driver.client.drop_database(database)
                await healthy.driver.close()
                if not reached:
                    break
        return at - 1

    async def _cut(
        self, wire: Wire, at: int, lost: Lost, process: Process, step: Callable[[Process], Awaitable[None]]
    ) -> bool:
        """Whether the step made so many calls. The process dies with the wire: it does not wait for what is gone."""
        wire.heal()
        await process.driver.client.admin.command("ping")
        wire.arm(at, lost, heals_itself=False)
        running = asyncio.create_task(step(process))
        cut = asyncio.create_task(wire.cut.wait())
        await asyncio.wait([running, cut], return_when=asyncio.FIRST_COMPLETED)
        reached = wire.cut.is_set()
        await process.driver.close()
        for task in (running, cut):
            task.cancel()
        ended = await asyncio.gather(running, cut, return_exceptions=True)
        assert reached or ended[0] is None
        return reached


async def bury(driver: Driver, name: str) -> None:
    """Ends what a dead client held in the store. A store does so by itself after seconds, which other tests wait for."""
    held = [
        {"$currentOp": {"allUsers": True, "idleSessions": True}},
        {"$match": {"appName": name, "transaction": {"$exists": True}}},
    ]
    admin = driver.client.get_database("admin", read_concern=ReadConcern("local"))
    found = await (await admin.aggregate(held)).to_list(None)
    if found:  # an empty list would mean the sessions of everybody
        await admin.command("killSessions", [{"id": row["lsid"]["id"]} for row in found])


@pytest.fixture(params=Lost)
def stops(servers: Addresses, namespace: str, request: pytest.FixtureRequest) -> Stops:
    """Each way of losing a call is a test of its own: a cut waits seconds for what the dead client held."""
    return Stops(servers, namespace, request.param)


def poisoned(record: Recorded) -> Exception | None:
    return ValueError() if (record.stream, record.version) == ("person-1", 2) else None


@pytest.mark.rule("P5", "P2")
async def test_whoever_dies_while_parking_leaves_nothing_that_the_next_one_does_not_park_once(stops: Stops) -> None:
    """Fails if a line and its records are ever written apart, or a record that came twice is kept twice."""
    batch = [heard(1), heard(2), heard(1, "person-2"), heard(3)]

    async def before(_: Process, applied: Applied) -> None:
        applied.failing = poisoned

    async def after(healthy: Process, applied: Applied) -> None:
        await healthy.hear(*batch)
        await healthy.hear(heard(4))
        rows = await healthy.parking.database[RECORDS].find({}).sort("offset", 1).to_list(None)
        assert [row["_id"] for row in rows] == ["person-1-2", "person-1-3", "person-1-4"]
        assert await healthy.parking.database[LINES].count_documents({}) == 1
        assert applied.versions == {"person-1": [1], "person-2": [1]}

    assert await stops.at_every_call(before, lambda process: process.hear(*batch), after) >= 5


@pytest.mark.rule("P5", "P2")
async def test_whoever_dies_while_retrying_is_followed_in_the_same_order_with_new_records_behind(stops: Stops) -> None:
    """Fails if a record is forgotten before it was handled, or a line given free while one is put behind it."""

    async def before(healthy: Process, applied: Applied) -> None:
        applied.failing = poisoned
        await healthy.hear(heard(1), heard(2), heard(3))
        applied.failing = lambda _: None
        await healthy.ask_retry()

    async def after(healthy: Process, applied: Applied) -> None:
        await asyncio.gather(healthy.hear(heard(4)), healthy.unparking.round())
        await healthy.hear(heard(5))
        await healthy.unparking.round()
        assert applied.versions == {"person-1": [1, 2, 3, 4, 5]}
        for name in (RECORDS, LINES):
            assert await healthy.parking.database[name].count_documents({}) == 0

    assert await stops.at_every_call(before, lambda process: process.unparking.round(), after) >= 5


@pytest.mark.rule("P5", "P2")
async def test_a_drop_cut_off_anywhere_happened_whole_or_not_at_all(stops: Stops) -> None:
    async def before(healthy: Process, applied: Applied) -> None:
        applied.failing = poisoned
        await healthy.hear(heard(1), heard(2), heard(3))

    async def after(healthy: Process, applied: Applied) -> None:
        rows = {row["_id"] async for row in healthy.parking.database[RECORDS].find({})}
        drops = {row["_id"] async for row in healthy.parking.database[DROPS].find({})}
        assert (rows, drops) in [({"person-1-2", "person-1-3"}, set()), ({"person-1-3"}, {"person-1-2"})]
        await healthy.parking.parked.drop("person-1-2", OPERATOR, "entered by hand")
        await healthy.hear(heard(1), heard(2), heard(3), heard(4))
        await healthy.unparking.round()
        assert applied.versions == {"person-1": [1, 3, 4]}

    async def step(process: Process) -> None:
        await process.parking.parked.drop("person-1-2", OPERATOR, "entered by hand")

    assert await stops.at_every_call(before, step, after) >= 5


@pytest.mark.rule("P5")
async def test_records_that_come_while_a_line_is_given_free_are_never_left_behind(
    servers: Addresses, namespace: str
) -> None:
    """A hundred races: whichever of the two is first, the record is applied once, and never before the parked one."""
    applied = Applied()
    process = Process(servers.mongo_url, f"{namespace}fees", applied)
    await process.parking.parked.prepare()
    for number in range(100):
        key = f"person-{number}"
        applied.failing = lambda r: ValueError() if r.version == 1 else None
        await process.hear(heard(1, key))
        applied.failing = lambda _: None
        await process.ask_retry()
        await asyncio.gather(process.unparking.round(), process.hear(heard(2, key)), process.hear(heard(3, key)))
        await process.unparking.round()
        first, *others = applied.versions.pop(key)
        assert (first, sorted(others)) == (1, [2, 3])
        assert await process.parking.parked.lines() == []
    await process.driver.close()
