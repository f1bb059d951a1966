"""A new generation of topics: everything the commits hold once more, in topics of new names (kernel.md 3, P7, R14)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bson import Timestamp, json_util

from deploy.local.servers import CHECKOUT
from services.relay.audit import miscounts
from services.relay.checkpoint import BEGINNING, Checkpoint, CheckpointStore, Superseded
from services.relay.epochs import begin_epoch
from services.relay.generations import begin_generation, delete_older, until_filled
from services.relay.stopped import RelayStopped
from shared.messaging.consumer import connection
from shared.messaging.generations import current_topics
from shared.messaging.topics import Topics
from tests.shared.messaging.support import (
    EVENTS,
    LOG,
    SERVICES,
    Dying,
    System,
    append,
    commit,
    delete_topics,
    relayed,
    token_at,
)


async def stored(system: System) -> list[tuple[str, int]]:
    return sorted([(c["stream"], c["version"]) async for c in system.commits().find({})])


async def applied(system: System, generation: int, topic: str) -> list[tuple[str, int]]:
    """Stream and version of what a guarded reader applies of a generation's topic."""
    system.topics = Topics(system.settings.namespace, generation)
    return sorted((r.event.stream, r.event.version) for r in await system.applied(topic) if r.event)


async def filled(system: System, generation: int) -> Checkpoint:
    async with asyncio.timeout(60):
        return await until_filled(system.driver, system.settings, generation)


@pytest.mark.rule("P7")
async def test_a_running_relay_fills_the_topics_of_the_next_generation_and_goes_on_there(system: System) -> None:
    async with system.relaying() as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(30)])
        await system.relayed(30, task=task)
        before = await applied(system, 1, LOG)
        assert await begin_generation(system.driver, system.settings) == 2
        await system.commits().insert_many([commit(f"person-{n}", 2) for n in range(30)])
        checkpoint = await filled(system, 2)
        await system.commits().insert_many([commit(f"person-{n}", 3) for n in range(5)])
        await system.relayed(65, task=task)
    for topic in (LOG, EVENTS):
        assert await applied(system, 2, topic) == await stored(system)
    assert set(before) <= set(await applied(system, 1, LOG)), "the older topics stay until they are deleted by order"
    assert (checkpoint.generation, checkpoint.beginning, checkpoint.lost) == (2, 0, False)
    now = await system.checkpoint()
    assert now
    assert await miscounts(system.driver, system.settings, SERVICES, now) == []


@pytest.mark.rule("P7")
async def test_readers_hear_of_a_generation_when_it_is_filled_and_not_before(system: System) -> None:
    assert (await current_topics(system.driver, system.settings)).generation == 1
    await relayed(system)
    assert await begin_generation(system.driver, system.settings) == 2
    assert await begin_generation(system.driver, system.settings) == 2, "asked twice it is the same one"
    assert (await current_topics(system.driver, system.settings)).generation == 1
    async with system.relaying():
        await filled(system, 2)
    assert (await current_topics(system.driver, system.settings)).generation == 2


@pytest.mark.rule("P2")
async def test_an_older_relay_saves_nothing_any_more(system: System) -> None:
    await relayed(system)
    old = await system.checkpoint()
    assert old
    await begin_generation(system.driver, system.settings)
    zombie = CheckpointStore(system.relay_database, "zombie")
    with pytest.raises(Superseded):
        await zombie.save(old.epoch, token_at(old.reached), {"member": 99}, [], {})
    with pytest.raises(Superseded):
        await zombie.lose_token(old.epoch)


@pytest.mark.rule("P7")
async def test_a_filling_that_died_half_way_is_taken_up_and_nothing_is_there_twice(system: System) -> None:
    await relayed(system)
    await begin_generation(system.driver, system.settings)
    store = Dying(system.relay_database, "dying")
    lost = await store.load()
    assert lost
    with pytest.raises(ConnectionError):
        await begin_epoch(system.driver, system.settings, Topics(system.topics.namespace, 2), SERVICES, store, lost)
    async with system.relaying() as task:
        await filled(system, 2)
        await system.commits().insert_one(commit("person-1", 2))
        await system.relayed(21, task=task)
    for topic in (LOG, EVENTS):
        assert await applied(system, 2, topic) == await stored(system)


@pytest.mark.rule("P7")
async def test_it_begins_where_the_checkpoint_and_all_topics_are_lost(system: System) -> None:
    """The number goes beyond whatever stands in Kafka, even where the relay's database does not know of it."""
    await relayed(system)
    await Topics(system.settings.namespace, 4).ensure(connection(system.settings), [LOG], 3)
    await system.driver.client.drop_database(system.relay_database.name)
    assert await begin_generation(system.driver, system.settings) == 5
    async with system.relaying():
        await filled(system, 5)
    assert await applied(system, 5, EVENTS) == await stored(system)


async def mongodb_restored(system: System) -> None:
    """Kafka has a record that MongoDB does not have."""
    await append(system, commit("person-1", 2))


async def kafka_emptied(system: System) -> None:
    names = [name for its in (await system.topics.generations(connection(system.settings))).values() for name in its]
    await delete_topics(system, *names)
    await system.relay_database["minutes"].delete_many({})


async def token_ahead(system: System) -> None:
    change = {"$set": {"token": token_at(Timestamp(2**31, 1))}}
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, change)


async def oplog_shorter(system: System) -> None:
    """The relay's database is lost, and commits are there that the oplog does not hold."""
    await system.driver.client.drop_database(system.relay_database.name)
    older = system.driver.database(system.settings.database("org"))["restored"]
    await older.insert_one(commit("organization-1", 1, service="org"))
    await older.rename("commits")


@pytest.mark.rule("P7", "P3")
@pytest.mark.parametrize("stops", [mongodb_restored, kafka_emptied, token_ahead, oplog_shorter])
async def test_what_stops_the_relay_for_good_a_new_generation_heals(
    system: System, stops: Callable[[System], Awaitable[None]]
) -> None:
    """The sentences of these stops name the command."""
    await relayed(system)
    await stops(system)
    with pytest.raises(RelayStopped, match="tuan republish"):
        await system.relay_once(99)
    generation = await begin_generation(system.driver, system.settings)
    async with system.relaying():
        await filled(system, generation)
    for topic in (LOG, EVENTS):
        assert await applied(system, generation, topic) == await stored(system)


@pytest.mark.rule("P3")
async def test_a_stream_lost_later_goes_on_in_the_new_generation(system: System) -> None:
    """Kept checkpoints of the older generation say nothing of these topics."""
    await relayed(system)
    await begin_generation(system.driver, system.settings)
    async with system.relaying():
        await filled(system, 2)
    await system.relay_database["minutes"].update_many({}, {"$set": {"token": None, "start": BEGINNING}})
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, {"$set": {"lost": True}})
    await system.commits().insert_one(commit("person-1", 2))
    await system.relay_once(21)
    assert await applied(system, 2, LOG) == await stored(system)


@pytest.mark.rule("P7")
async def test_the_older_topics_go_by_order_only(system: System) -> None:
    await relayed(system)
    await begin_generation(system.driver, system.settings)
    assert await delete_older(system.driver, system.settings) == [], "they are still read"
    async with system.relaying():
        await filled(system, 2)
    gone = await delete_older(system.driver, system.settings)
    assert Topics(system.settings.namespace).physical(LOG) in gone
    assert not any("-g2" in name for name in gone)


@pytest.mark.rule("P9")
async def test_the_golden_sample_of_a_checkpoint_between_two_generations_is_read_for_ever(system: System) -> None:
    sample = CHECKOUT / "tests" / "contracts" / "samples" / "relay" / "generation.v1.json"
    row: dict[str, Any] = json_util.loads(sample.read_text())
    await system.relay_database["checkpoint"].insert_one(row)
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert (checkpoint.generation, checkpoint.beginning, checkpoint.filling) == (2, 3, 3)
    assert (checkpoint.lost, checkpoint.ordinals, checkpoint.chain) == (True, {}, {})
