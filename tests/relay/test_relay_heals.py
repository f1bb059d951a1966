"""What the relay mends by itself: a loss in Kafka's tail, and a change stream that was lost (kernel.md 3)."""

import asyncio
from typing import Any

import pytest
from bson import Timestamp, json_util

from deploy.local.servers import CHECKOUT
from services.relay.audit import miscounts
from services.relay.checkpoint import KEPT_MINUTES, Checkpoint, CheckpointStore, Superseded
from services.relay.epochs import begin_epoch
from services.relay.numbering import Link, Numbering
from services.relay.sending import STOP_SECONDS, make_producer, sending
from services.relay.stopped import RelayStopped
from shared.messaging.consumer import connection
from shared.messaging.wire import Position, decode
from tests.shared.messaging.support import (
    EVENTS,
    LOG,
    SERVICES,
    Dying,
    System,
    append,
    commit,
    delete_topics,
    mended,
    relayed,
    token_at,
)


async def applied(system: System, topic: str) -> list[tuple[str, int]]:
    """Stream and version of what a guarded reader has applied of a topic, sorted: nothing may be there twice."""
    found = []
    for records in (await system.read(topic)).values():
        events = (received.event for received in mended(map(decode, records)))
        found += [(event.stream, event.version) for event in events if event is not None]
    return sorted(found)


async def stored(system: System) -> list[tuple[str, int]]:
    return sorted([(c["stream"], c["version"]) async for c in system.commits().find({})])


async def further(system: System, first: int, count: int) -> None:
    async with system.relaying() as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(first, first + count)])
        await system.relayed(first + count, task=task)


async def shorten(system: System, topic: str, keep: int) -> None:
    """Leaves each partition its first `keep` records, as a broker that lost the pages it had not flushed."""
    records = await system.read(topic)
    await delete_topics(system, system.topics.physical(topic))
    await system.topics.ensure(connection(system.settings), [topic], system.settings.partitions)
    producer = make_producer(system.settings)
    await producer.start()
    try:
        for place, its in records.items():
            for r in its[:keep]:
                await producer.send_and_wait(
                    place.topic, r.value, key=r.key, partition=place.partition, headers=list(r.headers)
                )
    finally:
        await producer.stop()


@pytest.mark.rule("P3")
async def test_the_checkpoint_is_kept_once_a_minute_for_two_days(system: System) -> None:
    await relayed(system)
    store, minutes = CheckpointStore(system.relay_database, "test"), system.relay_database["minutes"]
    kept = [minute async for minute in store.minutes()]
    assert kept[-1].ordinals == {}, "the beginning is kept too"
    newest = await minutes.find_one({}, sort=[("_id", -1)])
    await store.keep_minute(newest["_id"] + 1)
    assert [minute async for minute in store.minutes()][:1] == [await system.checkpoint()]
    await store.keep_minute(newest["_id"] + 1 + KEPT_MINUTES)
    assert await minutes.count_documents({}) == 2


@pytest.mark.rule("P3")
async def test_after_a_loss_in_kafkas_tail_everything_since_the_last_checkpoint_before_it_is_sent_again(
    system: System,
) -> None:
    """Under the old numbers: readers that had the lost records drop them, others get what they lack."""
    await relayed(system, 30)
    minute = (await system.relay_database["minutes"].find_one({}, sort=[("_id", -1)]))["_id"] + 2
    await CheckpointStore(system.relay_database, "test").keep_minute(minute)  # one that no relay here writes itself
    most = max(len(records) for records in (await system.read(LOG)).values())
    await further(system, 30, 30)
    await system.relay_database["minutes"].delete_many({"_id": {"$gt": minute}})
    before = sum(map(len, (await system.read(EVENTS)).values()))
    await shorten(system, LOG, most + 2)
    await further(system, 60, 1)
    assert await applied(system, LOG) == await stored(system)
    assert await applied(system, EVENTS) == await stored(system)
    assert sum(map(len, (await system.read(EVENTS)).values())) == before + 30 + 1, "not from the beginning"
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert await miscounts(system.driver, system.settings, SERVICES, checkpoint) == []


@pytest.mark.rule("P3")
async def test_a_topic_that_is_gone_is_filled_again(system: System) -> None:
    await relayed(system)
    await delete_topics(system, system.topics.physical(LOG))
    await further(system, 20, 1)
    assert await applied(system, LOG) == await stored(system)


@pytest.mark.rule("P3")
async def test_what_is_on_its_way_to_a_topic_that_is_gone_does_not_hold_the_relay(system: System) -> None:
    """Without this a relay that lost its lease, or is told to stop, would never end."""
    await relayed(system)
    checkpoint = await system.checkpoint()
    assert checkpoint
    numbers = Numbering(lambda _: 3, checkpoint.epoch, dict(checkpoint.ordinals), dict(checkpoint.chain))
    clock = asyncio.get_running_loop().time
    async with sending(system.settings, system.topics) as sender:
        await sender.know([LOG])
        await delete_topics(system, system.topics.physical(LOG))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.send(numbers.commit("member", commit("person-1", 2))), 1)
        began = clock()
    assert STOP_SECONDS <= clock() - began < STOP_SECONDS + 30


@pytest.mark.rule("P3")
async def test_a_gap_behind_the_checkpoint_is_a_loss_and_closed(system: System) -> None:
    """A relay that compared only the last record would take the rest for another history, or never see the gap."""
    await relayed(system)
    more = [commit("person-1", version) for version in (2, 3, 4)]
    await append(system, *more, leave_out=(22,))
    await system.commits().insert_many(more)
    await system.relay_once(23)
    assert await applied(system, LOG) == await stored(system)


async def lose_the_token(system: System) -> None:
    """The oplog has moved on: MongoDB answers as it does to a token it does not have."""
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert checkpoint.token
    text = checkpoint.token["_data"]
    stranger = text[:-12] + f"{int(text[-12:-10], 16) ^ 1:02X}" + text[-10:]
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, {"$set": {"token": {"_data": stranger}}})


async def know_the_token_lost(system: System) -> None:
    """As after MongoDB's answer: before it a start mends Kafka's tail with the token that it believes in."""
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, {"$set": {"lost": True}})


@pytest.mark.rule("P3")
async def test_a_lost_stream_goes_on_in_a_new_epoch_with_nothing_lost_and_nothing_twice(system: System) -> None:
    await relayed(system, 30)
    missing = [commit(f"person-{n}", 2) for n in range(10)]
    await append(system, *missing[:4])
    await system.commits().insert_many(missing)
    await lose_the_token(system)
    await system.relay_once(40)
    async with system.relaying() as task:
        await system.commits().insert_many([commit(f"person-{n}", 3) for n in range(5)])
        await system.relayed(45, task=task)
    for topic in (LOG, EVENTS):
        assert await applied(system, topic) == await stored(system)
        read = await system.read(topic)
        markers = [p for records in read.values() for r in records if (p := decode(r).position).is_marker]
        assert markers == [Position(2, 0, 0)] * system.settings.partitions
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert (checkpoint.epoch, checkpoint.lost) == (2, False)
    assert await miscounts(system.driver, system.settings, SERVICES, checkpoint) == []


@pytest.mark.rule("P3")
async def test_what_is_older_than_the_overlap_is_counted_and_not_read(system: System) -> None:
    """Hours of commits need not be read again; left out of the count, every later ordinal would be wrong."""
    old = [commit(f"person-{n}", 1, at=1_700_000_000_000_000 + n) for n in range(20)]
    async with system.relaying() as task:
        await system.commits().insert_many(old)
        await system.relayed(20, task=task)
    await lose_the_token(system)
    await system.commits().insert_one(commit("person-1", 2))
    await system.relay_once(21)
    assert await applied(system, LOG) == await stored(system)


@pytest.mark.rule("P2")
async def test_what_a_live_old_relay_sends_behind_the_marker_is_dropped_and_its_checkpoint_refused(
    system: System,
) -> None:
    await relayed(system)
    old = await system.checkpoint()
    assert old
    await lose_the_token(system)
    late = [commit(f"person-{n}", 2) for n in range(10)]
    await system.commits().insert_many(late)
    async with system.relaying() as task:
        await system.relayed(30, task=task)
        await send_as_of(system, old, late)
        await system.commits().insert_many([commit(f"person-{n}", 3) for n in range(10)])
        await system.relayed(40, task=task)
    assert sum(map(len, (await system.read(LOG)).values())) == 40 + 10 + system.settings.partitions
    assert await applied(system, LOG) == await stored(system)
    zombie = CheckpointStore(system.relay_database, "zombie")
    with pytest.raises(Superseded):
        await zombie.save(1, token_at(old.reached), {"member": 99}, [], {})
    with pytest.raises(Superseded):
        await zombie.hold(1)


async def send_as_of(system: System, old: Checkpoint, commits: list[dict[str, Any]]) -> None:
    """Sends commits as a relay of the epoch of `old` that does not know that it was superseded."""
    numbers = Numbering(lambda _: system.settings.partitions, old.epoch, dict(old.ordinals), dict(old.chain))
    async with sending(system.settings, system.topics) as sender:
        await sender.send([record for made in commits for record in numbers.commit("member", made)])


@pytest.mark.rule("P3")
async def test_a_change_of_epoch_that_dies_half_way_is_begun_again(system: System) -> None:
    await relayed(system)
    await system.commits().insert_many([commit(f"person-{n}", 2) for n in range(10)])
    store = Dying(system.relay_database, "dying")
    await store.hold(1)
    await store.lose_token(1)
    lost = await store.load()
    assert lost
    with pytest.raises(ConnectionError):
        await begin_epoch(system.driver, system.settings, system.topics, SERVICES, store, lost)
    await system.relay_once(30)
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert checkpoint.epoch == 3
    assert await applied(system, LOG) == await stored(system)


@pytest.mark.rule("P3")
async def test_what_lies_behind_a_gap_before_the_marker_is_sent_again_behind_it(system: System) -> None:
    """No reader ever applied it, and the marker takes every reader beyond the gap: it would be lost in silence."""
    await relayed(system)
    more = [commit("person-1", version) for version in (2, 3, 4)]
    await append(system, *more, leave_out=(22,))
    await system.commits().insert_many(more)
    await know_the_token_lost(system)
    await system.relay_once(23)
    assert await applied(system, LOG) == await stored(system)


@pytest.mark.rule("P3")
async def test_a_new_epoch_does_not_begin_over_records_that_mongodb_does_not_have(system: System) -> None:
    await relayed(system)
    await append(system, commit("person-1", 2))
    await know_the_token_lost(system)
    with pytest.raises(RelayStopped) as caught:
        await system.relay_once(21)
    assert caught.value.cause == "other-history"


@pytest.mark.rule("P9")
async def test_a_kept_checkpoint_of_the_golden_sample_is_read_for_ever(system: System) -> None:
    sample = CHECKOUT / "tests" / "contracts" / "samples" / "relay" / "minute.v1.json"
    row = json_util.loads(sample.read_text())
    before = {name: value for name, value in row.items() if name != "lost"}  # as it was before there was a second epoch
    await system.relay_database["minutes"].insert_many([row, before | {"_id": row["_id"] + 1}])
    kept = [minute async for minute in CheckpointStore(system.relay_database, "test").minutes()]
    assert kept[0] == kept[1]
    assert (kept[0].epoch, kept[0].ordinals, kept[0].lost) == (2, {"org": 3, "member": 12}, False)
    assert kept[0].chain == {(LOG, 0): Link(Position(2, 12, 0), "0a4b51a6-6f0c-5dd0-94a8-0c7a4a2c8d1e", 11)}
    assert kept[0].reached == Timestamp(0x6A6B7C80, 3)
