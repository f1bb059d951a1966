"""The relay's start: whatever would be silent stops it, with a sentence that says what to do (kernel.md 3)."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from bson import Timestamp
from pymongo.errors import OperationFailure

from services.relay.checkpoint import CheckpointStore, Superseded
from services.relay.relay import Relay
from services.relay.start import unreadable
from services.relay.stopped import RelayStopped
from shared.kernel.clock import SystemClock
from shared.messaging.topics import LANE
from shared.messaging.wire import partition_of
from tests.shared.messaging.support import (
    EVENTS,
    LOG,
    System,
    admin_does,
    append,
    commit,
    delete_topics,
    relayed,
    token_at,
)


async def stopped(system: System, relay: Relay | None = None) -> RelayStopped:
    """Starts a relay and answers how it stopped; nothing may have been sent by it."""
    async with system.relaying(relay, at_once=True) as task:
        async with asyncio.timeout(240):
            await asyncio.wait([task])
        with pytest.raises(RelayStopped) as caught:
            task.result()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert any(word in sentence for word in ("estore", "tuan republish", "taken out by hand")), sentence
    return caught.value


async def sent(system: System) -> int:
    return sum(map(len, (await system.read(LOG, EVENTS)).values()))


async def change_checkpoint(system: System, change: dict[str, Any]) -> None:
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, change)


@pytest.mark.rule("P3")
async def test_a_token_later_than_mongodbs_history_is_refused(system: System) -> None:
    """MongoDB takes such a token without a word and begins there: what lies between is never sent."""
    await relayed(system)
    checkpoint = await system.checkpoint()
    assert checkpoint
    ahead = Timestamp(checkpoint.reached.time + 3_600, 1)
    await change_checkpoint(system, {"$set": {"token": token_at(ahead)}})
    await system.commits().insert_one(commit("person-1", 2))
    assert (await stopped(system)).cause == "token-ahead"
    assert await sent(system) == 40


@pytest.mark.rule("P3")
def test_a_token_that_cannot_be_read_has_its_sentence() -> None:
    stop = unreadable(OperationFailure("bad token", 9))
    assert stop
    assert stop.cause == "token-unreadable"
    assert unreadable(OperationFailure("interrupted", 11_601)) is None


@pytest.mark.rule("P3")
async def test_records_in_kafka_without_a_checkpoint_stop_the_first_start(system: System) -> None:
    """The relay's database was lost: numbering from 1 again would write a second history over the first."""
    await relayed(system)
    await system.driver.client.drop_database(system.relay_database.name)
    stop = await stopped(system)
    assert stop.cause == "no-checkpoint"
    assert EVENTS in str(stop)
    assert await sent(system) == 40


@pytest.mark.rule("P3")
async def test_commits_that_the_oplog_does_not_hold_stop_the_first_start(system: System) -> None:
    """A store restored from files has commits no stream ever gives; the relay proves by counting that it sees all."""
    restored = system.driver.database(system.settings.database("member"))["restored"]
    await restored.insert_many([commit(f"person-{n}", 1) for n in range(5)])
    await restored.rename("commits")
    await system.commits().insert_one(commit("person-9", 1))
    stop = await stopped(system)
    assert stop.cause == "older-than-oplog"
    assert "6 commits, 1 of them" in str(stop)
    assert await system.checkpoint() is None


@pytest.mark.rule("P3")
async def test_a_service_that_worked_before_the_relay_knew_it_stops_the_start(system: System) -> None:
    only_org = Relay(system.driver, system.settings, ["org"], SystemClock())
    async with system.relaying(only_org) as task:
        await system.commits().insert_one(commit("person-1", 1))
        await system.commits("org").insert_one(commit("organization-1", 1, service="org"))
        await system.relayed(1, "org", task)
    assert (await stopped(system)).cause == "newcomer"


@pytest.mark.rule("P3")
async def test_a_service_that_began_behind_the_checkpoint_is_simply_new(system: System) -> None:
    only_org = Relay(system.driver, system.settings, ["org"], SystemClock())
    async with system.relaying(only_org) as task:
        await system.commits("org").insert_one(commit("organization-1", 1, service="org"))
        await system.relayed(1, "org", task)
    await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(7)])
    await system.relay_once(7)
    assert len(await system.applied(LOG)) == 7


@pytest.mark.rule("P3")
async def test_a_loss_that_no_kept_checkpoint_stands_before_stops_the_start(system: System) -> None:
    await relayed(system)
    await delete_topics(system, system.topics.physical(LOG))
    await system.relay_database["minutes"].delete_many({})
    stop = await stopped(system)
    assert stop.cause == "kafka-loss"
    assert LOG in str(stop)


@pytest.mark.rule("P3")
async def test_records_deleted_at_the_beginning_stop_the_start_where_retention_is_unlimited(system: System) -> None:
    await relayed(system)
    place = TopicPartition(system.topics.physical(LOG), partition_of("person-0", system.settings.partitions))
    await admin_does(system, lambda admin: admin.delete_records({place: RecordsToDelete(-1)}))
    assert (await stopped(system)).cause == "kafka-loss"


@pytest.mark.rule("P6")
async def test_the_lane_may_forget_what_is_older_than_its_retention(system: System) -> None:
    beats = system.driver.database(system.settings.database("org"))["beats"]
    async with system.relaying() as task:
        await beats.update_one({"_id": "beat"}, {"$set": {"at": 1}}, upsert=True)
        await system.commits("org").insert_one(commit("organization-1", 1, service="org"))
        await system.relayed(1, "org", task)
    place = TopicPartition(system.topics.physical(LANE), 0)
    await admin_does(system, lambda admin: admin.delete_records({place: RecordsToDelete(-1)}))
    await system.commits("org").insert_one(commit("organization-1", 2, service="org"))
    await system.relay_once(2, "org")


@pytest.mark.rule("P3")
async def test_records_that_mongodb_does_not_have_stop_it(system: System) -> None:
    """MongoDB was rolled back behind what the relay had sent: readers have seen facts that never were."""
    await relayed(system)
    await append(system, commit("person-1", 2))
    stop = await stopped(system)
    assert stop.cause == "other-history"
    assert "does not have" in str(stop)


@pytest.mark.rule("P3")
async def test_another_record_where_mongodb_gives_this_one_stops_it_before_anything_is_sent(system: System) -> None:
    await relayed(system)
    await append(system, commit("person-1", 2, commit_id="an-other-history"))
    await system.commits().insert_one(commit("person-1", 2))
    await system.commits().insert_one(commit("person-2", 2))
    assert (await stopped(system)).cause == "other-history"
    assert await sent(system) == 42


@pytest.mark.rule("P3")
async def test_another_last_record_than_the_checkpoint_knows_stops_it(system: System) -> None:
    await relayed(system)
    partition = partition_of("person-0", system.settings.partitions)
    await change_checkpoint(system, {"$set": {f"chain.member/log/v1/{partition}.id": "another"}})
    assert (await stopped(system)).cause == "other-history"


@pytest.mark.rule("P2")
async def test_what_lies_behind_the_checkpoint_and_comes_again_is_not_sent_again(system: System) -> None:
    await relayed(system)
    again = [commit("person-1", 2), commit("person-2", 2)]
    await append(system, *again)
    await system.commits().insert_many([*again, commit("person-3", 2)])
    await system.relay_once(23)
    assert await sent(system) == 46


@pytest.mark.rule("P3")
async def test_a_commit_that_publishes_to_the_topic_of_another_service_stops_it(system: System) -> None:
    await relayed(system, 1)
    made = commit("person-1", 2)
    made["public"][0]["topic"] = "org.events.v1"
    await system.commits().insert_one(made)
    async with system.relaying() as task:
        await asyncio.wait([task], timeout=60)
        with pytest.raises(RelayStopped) as caught:
            task.result()
    assert caught.value.cause == "foreign-topic"


@pytest.mark.rule("P2")
async def test_the_checkpoint_moves_only_for_its_holder_and_epoch(system: System) -> None:
    one, other = (CheckpointStore(system.relay_database, name) for name in ("one", "other"))
    await one.create(Timestamp(1, 1))
    await other.hold(1)
    with pytest.raises(Superseded):
        await one.save(1, token_at(Timestamp(2, 1)), {}, [], {})
    with pytest.raises(Superseded):
        await other.save(2, token_at(Timestamp(2, 1)), {}, [], {})
    await other.save(1, token_at(Timestamp(2, 1)), {"member": 3}, [], {"saved_at": 1, "lag_us": 0})
    moved = await one.load()
    assert moved
    assert (moved.reached, moved.ordinals) == (Timestamp(2, 1), {"member": 3})
