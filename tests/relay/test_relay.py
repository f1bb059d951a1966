"""The relay against real servers: everything, once for a guarded reader, in order, whatever dies."""

import asyncio
import random
import signal
from collections.abc import Mapping
from typing import Any

import pytest

from deploy.local.ports import free_block
from services.relay.checkpoint import CheckpointStore, Superseded
from services.relay.relay import Relay
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.messaging.topics import LANE
from shared.messaging.wire import Received
from tests.relay.test_relay_process import relay_process
from tests.shared.messaging.support import EVENTS, LOG, SERVICES, System, commit


class Died(OSError):
    """A relay that dies between its acknowledged records and its checkpoint."""


class DyingRelay(Relay):
    """Dies `times` times at the worst moment: after the send, before the save."""

    times = 3

    def store(self, holder: str) -> CheckpointStore:
        relay = self

        class Store(CheckpointStore):
            async def save(self, *args: Any) -> None:
                ordinals: Mapping[str, int] = args[2]
                if relay.times and ordinals:
                    relay.times -= 1
                    raise Died("killed between send and checkpoint")
                await super().save(*args)

        return Store(self._database, holder)


def in_order(applied: list[Received], expected: int) -> None:
    """Every stream's versions are complete and in order, and every record is there once."""
    events = [each.event for each in applied if each.event]
    assert len({e.event_id for e in events}) == len(events) == expected
    versions: dict[str, int] = {}
    for event in events:
        assert event.version == versions.get(event.stream, 0) + 1
        versions[event.stream] = event.version


@pytest.mark.rule("P3")
async def test_commits_arrive_in_order_from_the_first_to_the_last(system: System) -> None:
    async with system.relaying() as task:
        for version in range(1, 21):
            await system.commits().insert_many([commit(f"person-{n}", version) for n in range(20)], ordered=False)
        await system.relayed(400, task=task)
    in_order(await system.applied(LOG), 400)
    in_order(await system.applied(EVENTS), 400)


@pytest.mark.rule("P3")
async def test_commits_made_before_the_very_first_start_are_sent_too(system: System) -> None:
    """`make up` starts everything at once: a relay that began "now" would leave the first commits out for ever."""
    await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(50)])
    async with system.relaying(at_once=True) as task:
        await system.commits().insert_many([commit(f"person-{n}", 2) for n in range(50)])
        await system.relayed(100, task=task)
    in_order(await system.applied(LOG), 100)


@pytest.mark.rule("P3")
async def test_commits_made_while_no_relay_runs_are_sent_by_the_next_one(system: System) -> None:
    await system.relay_once(0)
    await system.commits().insert_many([commit("person-1", v) for v in range(1, 200)])
    await system.relay_once(199)
    in_order(await system.applied(LOG), 199)


@pytest.mark.rule("P3")
async def test_the_commits_of_one_transaction_are_all_numbered(system: System) -> None:

    async def work(session: Any) -> None:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(1, 501)], session=session)

    async with system.relaying() as task:
        await system.commits().insert_one(commit("person-0", 1))
        await system.driver.transaction(work)
        await system.relayed(501, task=task)
    in_order(await system.applied(LOG), 501)


@pytest.mark.rule("P2")
async def test_a_relay_killed_between_send_and_checkpoint_sends_nothing_twice(system: System) -> None:
    """Seen red without the look at the topics' tails: every record of the batch lay there twice."""
    relay = DyingRelay(system.driver, system.settings, SERVICES, SystemClock())
    async with system.relaying(relay) as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(300)])
        await system.relayed(300, task=task)
    assert relay.times == 0
    in_order(await system.applied(LOG), 300)
    records = await system.read(LOG, EVENTS)
    assert sum(map(len, records.values())) == 600, "the records were there already and were sent again"


@pytest.mark.rule("P2")
async def test_two_relays_without_any_lease_do_no_harm(system: System) -> None:
    """The lease saves work, it does not carry correctness: a relay that was paused wakes up and sends on."""
    await system.relay_once(0)
    relays = [system.relay(), system.relay()]
    tasks = [asyncio.create_task(again(relay, f"holder-{n}")) for n, relay in enumerate(relays)]
    try:
        for start in range(0, 600, 50):
            await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(start, start + 50)])
            await asyncio.sleep(0.02)
        await system.relayed(600)
    finally:
        assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    in_order(await system.applied(LOG), 600)
    in_order(await system.applied(EVENTS), 600)


async def again(relay: Relay, holder: str) -> None:
    longest = 1.0
    while True:
        try:
            await relay._forward(relay.store(holder))
        except Superseded:
            # Without the lease two that start in step, or slowly, would supersede each other for ever.
            await asyncio.sleep(random.uniform(0, longest))
            longest *= 2


@pytest.mark.rule("P2")
async def test_a_second_relay_waits_for_the_lease_and_says_so(system: System) -> None:
    first, second = system.relay(), system.relay()
    async with system.relaying(first) as task:
        await system.commits().insert_one(commit("person-0", 1))
        await system.relayed(1, task=task)
        async with system.relaying(second):
            await asyncio.sleep(0.5)
            assert "standing by" in second.health().detail
            assert "lag" in first.health().detail


@pytest.mark.rule("P2")
async def test_a_relay_whose_checkpoint_was_taken_over_stops_sending(system: System) -> None:
    relay = system.relay()
    async with system.relaying(relay) as task:
        await system.commits().insert_one(commit("person-0", 1))
        await system.relayed(1, task=task)
        taken = {"$set": {"holder": "another", "epoch": 2}}
        await system.relay_database["checkpoint"].update_one({"_id": "relay"}, taken)
        await system.commits().insert_one(commit("person-0", 2))
        async with asyncio.timeout(20):
            while (await system.relay_database["checkpoint"].find_one({"_id": "relay"}))["holder"] == "another":
                await asyncio.sleep(0.05)
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert checkpoint.epoch == 2


@pytest.mark.rule("P6")
async def test_beats_reach_the_lane_behind_every_withdrawal_stamped_before_them(system: System) -> None:
    beats = system.driver.database(system.settings.database("org"))["beats"]
    async with system.relaying() as task:
        for version in range(1, 11):
            made = commit("organization-1", version, service="org")
            made["public"] += [{"topic": LANE, "type": "org.RightWithdrawn.v1", "data": {}, "sealed": None}]
            await beats.update_one({"_id": "beat"}, {"$set": {"at": version}}, upsert=True)
            await system.commits("org").insert_one(made)
        await beats.replace_one({"_id": "beat"}, {"_id": "beat", "at": 11})
        await system.relayed(10, "org", task)
        await asyncio.sleep(1)
    lane = [each.event for each in await system.applied(LANE)]
    assert [(e.type, e.data.get("at")) for e in lane if e] == [
        pair for v in range(1, 11) for pair in (("org.Beat.v1", v), ("org.RightWithdrawn.v1", None))
    ] + [("org.Beat.v1", 11)]


@pytest.mark.rule("P3")
async def test_other_systems_on_the_same_servers_are_left_alone(system: System) -> None:
    other = system.driver.database(f"x{system.settings.database('member')}")
    stranger = system.driver.database(f"{system.settings.namespace}payroll")
    try:
        async with system.relaying() as task:
            await other["commits"].insert_one(commit("person-0", 1))
            await stranger["commits"].insert_one(commit("person-0", 1))
            await system.commits().insert_one(commit("person-0", 1))
            await system.relayed(1, task=task)
    finally:
        await system.driver.client.drop_database(other.name)
    checkpoint = await system.checkpoint()
    assert checkpoint
    assert checkpoint.ordinals == {"member": 1}


@pytest.mark.rule("P3")
async def test_the_relay_runs_on_either_driver(system: System) -> None:
    driver = Driver(system.settings.mongo_url, "motor")
    relay = Relay(driver, system.settings, SERVICES, SystemClock())
    async with system.relaying(relay) as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(100)])
        await system.relayed(100, task=task)
    await driver.close()
    in_order(await system.applied(LOG), 100)


@pytest.mark.rule("P3")
@pytest.mark.faults
async def test_fifteen_thousand_commits_survive_a_relay_that_is_killed_again_and_again(system: System) -> None:
    """Real processes and SIGKILL, while a writer goes on; the chain has no gap and the count is exact."""
    await system.relay_once(0)
    writing = asyncio.create_task(write(system, 15_000))
    numbered = 0
    for moment in (0.0, 0.2, 0.37):
        process = await relay_process(system, free_block().base)
        await system.relayed(numbered + 300)
        await asyncio.sleep(moment)
        assert process.returncode is None
        process.send_signal(signal.SIGKILL)
        await process.wait()
        checkpoint = await system.checkpoint()
        assert checkpoint
        numbered = checkpoint.ordinals["member"]
    await writing
    assert numbered < 15_000, "the kills came after everything was sent and prove nothing"
    await system.relay_once(15_000)
    in_order(await system.applied(LOG), 15_000)
    in_order(await system.applied(EVENTS), 15_000)


async def write(system: System, count: int) -> None:
    for start in range(0, count, 100):
        version = start // 1_000 + 1
        streams = range(start % 1_000, start % 1_000 + 100)
        await system.commits().insert_many([commit(f"person-{n}", version) for n in streams])
        await asyncio.sleep(0.12)
