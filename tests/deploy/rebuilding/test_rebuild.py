"""A read model is rebuilt beside the copy that is read, compared, and switched by name (P7, R11)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from bson import json_util
from fastapi import FastAPI

from deploy.local.servers import CHECKOUT
from deploy.rebuilding.agreement import agreement
from deploy.rebuilding.rebuild import NotRebuilt, Rebuild
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.projections.runner import ProjectionLoop
from shared.runtime.lease import Lease
from shared.runtime.service import Role, Service, running
from shared.runtime.settings import Settings
from tests.shared.projections.conftest import PARTITIONS, TOPIC, Records
from tests.shared.projections.test_runner import STREAMS, Weights, looping, until

SOON = 1.0
"""Seconds of grace: nobody in a test reads an old copy for longer."""


class Parcels:
    """The service of these tests: its database, its read model, and what is asked of both."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self.driver = driver
        self.settings = settings
        self.database = driver.database(settings.database("parcels"))
        self.weights = Weights(self.database)
        self.said: list[str] = []

    def rebuild(self) -> Rebuild:
        loop = ProjectionLoop(self.driver, "parcels", self.weights, self.settings)
        return Rebuild(loop, SystemClock(), self.said.append)

    async def total(self) -> int:
        return sum([d["total"] async for d in (await self.weights.current()).find({})])

    async def row(self) -> Any:
        return await self.database["copies"].find_one({"_id": "weights-v1"})

    async def has(self, number: int) -> bool:
        total = await self.total()
        return total == number

    async def reads_the_second(self) -> bool:
        collection = await self.weights.current()
        return bool(collection.name == "weights_v1_c2")

    async def collections(self) -> set[str]:
        return {name for name in await self.database.list_collection_names() if name.startswith("weights")}


@pytest.fixture
def parcels(driver: Driver, settings: Settings) -> Parcels:
    return Parcels(driver, settings)


@asynccontextmanager
async def under_load(parcels: Parcels, records: Records) -> AsyncIterator[Callable[[], Any]]:
    """A sender, a feeding loop and a reader that fails the test when it sees less than before."""

    async def send() -> None:
        while True:
            await records.send(records.make(random.choices(STREAMS, k=20)))
            await asyncio.sleep(0.02)

    async def read() -> None:
        seen: dict[str, int] = {}
        while True:
            collection = await parcels.weights.current()
            found = {d["_id"]: d["version"] async for d in collection.find({})}
            gone_back = {k for k, version in seen.items() if found.get(k, 0) < version}
            assert not gone_back, f"{collection.name} is older than what was read before"
            seen = found
            await asyncio.sleep(0.005)

    async with looping(parcels.driver, parcels.settings):
        await until(lambda: parcels.has(len(records.made)))
        tasks = [asyncio.create_task(send()), asyncio.create_task(read())]

        async def calm() -> None:
            tasks[0].cancel()
            await until(lambda: parcels.has(len(records.made)), 60)

        try:
            yield calm
        finally:
            for task in tasks:
                task.cancel()
            for done in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(done, Exception):
                    raise done


@pytest.mark.rule("P7")
async def test_a_rebuild_under_load_is_never_seen_by_readers(parcels: Parcels, records: Records) -> None:
    await records.send(records.make(STREAMS * 50))
    async with under_load(parcels, records) as calm:
        await asyncio.wait_for(parcels.rebuild().run(), 120)
        await parcels.rebuild().tidy(SOON)
        await asyncio.sleep(1)
        await calm()
    assert (await parcels.weights.current()).name == "weights_v1_c2"
    assert await parcels.collections() == {"weights_v1_c2"}, "the old copy is dropped"
    assert any("documents agree" in sentence for sentence in parcels.said)
    keys = {row["_id"].split("/")[0] async for row in parcels.database["positions"].find({})}
    assert keys == {"weights-v1-c2"}


@pytest.mark.rule("P7")
async def test_a_rebuild_killed_at_any_moment_is_taken_up_again(parcels: Parcels, records: Records) -> None:
    await records.send(records.make(STREAMS * 50))
    chance, kills = random.Random(5), 0
    async with under_load(parcels, records) as calm:
        while (await parcels.weights.copies.row() or {"read": 1})["read"] == 1:
            task = asyncio.create_task(parcels.rebuild().run())
            soon = 0.005 * (1 + kills)  # certainly on the way, however fast the machine
            await asyncio.wait([task], timeout=soon if kills < 3 else chance.uniform(0.02, 0.15) * (1 + kills / 10))
            kills += not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await calm()
    assert kills >= 3
    await parcels.rebuild().tidy(grace_seconds=0)
    whole = Weights(parcels.database).at((await parcels.row())["read"])
    assert await parcels.collections() == set(whole.collections)


@pytest.mark.rule("P7")
async def test_a_copy_that_differs_is_named_and_not_switched(parcels: Parcels, records: Records) -> None:
    await records.send(records.make(STREAMS))
    async with looping(parcels.driver, parcels.settings):
        await until(lambda: parcels.has(40))
        await parcels.database["weights_v1"].update_one({"_id": "parcel-7"}, {"$set": {"total": 99}})
        with pytest.raises(NotRebuilt) as caught:
            await parcels.rebuild().run()
        assert "parcel-7" in str(caught.value)
        assert "99" not in str(caught.value), "ids, never contents"
        assert (await parcels.row())["differ"] == ["parcel-7"]
        assert (await parcels.row())["read"] == 1
        await parcels.rebuild().abandon()
        assert await parcels.collections() == {"weights_v1"}
        await parcels.rebuild().run(accept=True)
        await until(lambda: parcels.has(40))
    assert (await parcels.row())["read"] == 3, "a number is never given twice"


@pytest.mark.rule("P7")
async def test_a_copy_whose_loop_stands_still_cannot_be_compared(
    parcels: Parcels, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.rebuilding.rebuild.WAIT_SECONDS", 1.0)
    await records.send(records.make(STREAMS))
    async with looping(parcels.driver, parcels.settings):
        await until(lambda: parcels.has(40))
    await records.send(records.make(STREAMS))
    with pytest.raises(NotRebuilt, match="--accept"):
        await parcels.rebuild().run()
    await parcels.rebuild().run(accept=True)
    await until(lambda: parcels.has(80))


@pytest.mark.rule("P7")
async def test_a_read_model_is_rebuilt_by_one_process_at_a_time(
    parcels: Parcels, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.rebuilding.rebuild.LEASE_SECONDS_MAX", 0.2)
    await records.send(records.make(STREAMS))
    async with looping(parcels.driver, parcels.settings):
        await until(lambda: parcels.has(40))
    other = Lease(parcels.database["leases"], "rebuild/weights-v1")
    assert await other.take()
    with pytest.raises(NotRebuilt, match="another process"):
        await parcels.rebuild().run()
    await other.give_back()
    await parcels.rebuild().run()


@pytest.mark.rule("P7")
async def test_two_copies_that_agree_have_one_digest_in_whatever_order_their_fields_were_written(
    parcels: Parcels,
) -> None:
    one, other = parcels.weights.at(2), parcels.weights.at(3)
    await one.collection.insert_one({"_id": "a", "total": 1, "version": 2})
    await other.collection.insert_one({"_id": "a", "version": 2, "total": 1})
    same = await agreement(parcels.database, one, other)
    assert same.digests[0] == same.digests[1]
    assert (same.documents, same.count) == (1, 0)
    await other.collection.insert_one({"_id": "b", "version": 1, "total": 0})
    found = await agreement(parcels.database, one, other)
    assert (found.count, found.differ) == (1, ("b",))
    assert found.digests[0] != found.digests[1]


@pytest.mark.rule("P7")
async def test_a_read_model_that_no_loop_ever_fed_is_not_rebuilt(parcels: Parcels) -> None:
    with pytest.raises(NotRebuilt, match="never fed"):
        await parcels.rebuild().run()


@pytest.mark.rule("P7")
async def test_a_loop_that_stopped_goes_on_by_itself_when_its_read_model_was_rebuilt(
    parcels: Parcels, records: Records
) -> None:
    loop = ProjectionLoop(parcels.driver, "parcels", parcels.weights, parcels.settings)
    service = Service("parcels", FastAPI(), parcels.settings, loops=[loop])
    await records.send(records.make(STREAMS))
    async with running(service):
        await until(lambda: parcels.has(40))
        await parcels.database["weights_v1"].update_one({"_id": "parcel-7"}, {"$set": {"version": 5}})
        await records.send(records.make(["parcel-7"]))
        await until(lambda: stopped(service, "tuan rebuild"))
        await parcels.rebuild().run(accept=True)
        await until(lambda: parcels.has(41))
        await records.send(records.make(["parcel-7"]))
        await until(lambda: parcels.has(42))
        assert not await stopped(service, "")


@pytest.mark.rule("P7")
async def test_a_rebuild_of_a_new_generation_reads_its_topics_and_lasting_members_follow_there(
    parcels: Parcels, records: Records
) -> None:
    """In one group the broker would give such a member its old partitions back, of topics it does not read."""
    lasting = parcels.settings.model_copy(update={"instance": "local"})
    await records.send(records.make(STREAMS * 2))
    async with looping(parcels.driver, lasting) as loop:
        await until(lambda: parcels.has(80))
        topics = Topics(parcels.settings.namespace, 2)
        await topics.ensure(connection(parcels.settings), [TOPIC], PARTITIONS)
        anew = records.into(topics)
        await anew.send(records.made)
        relay = parcels.driver.database(parcels.settings.database("relay"))["checkpoint"]
        row = json_util.loads((CHECKOUT / "tests/contracts/samples/relay/generation.v1.json").read_text())
        await relay.insert_one(row | {"generation": 2, "beginning": 0, "lost": False})
        await parcels.rebuild().run()
        await until(parcels.reads_the_second)
        assert await parcels.total() == 80
        await anew.send(anew.make(STREAMS))
        await until(lambda: parcels.has(120))
        assert loop.copy == (2, 2)


async def stopped(service: Service, why: str) -> bool:
    [health] = service.health([Role.CONSUMER]).values()
    return health.detail.startswith("stopped") and why in health.detail


@pytest.mark.rule("P7")
async def test_a_loop_that_follows_goes_on_at_the_positions_of_the_copy(parcels: Parcels, records: Records) -> None:
    """A loop that took its own positions along would leave out what the new copy lacks."""
    await records.send(records.make(STREAMS))
    async with looping(parcels.driver, parcels.settings):
        await until(lambda: parcels.has(40))
        change = {"$set": {"read": 2, "fed": 2, "made": 2, "generations": {"1": 1, "2": 1}}}
        await parcels.database["copies"].update_one({"_id": "weights-v1"}, change)
        await until(parcels.reads_the_second)
        await until(lambda: parcels.has(40))
