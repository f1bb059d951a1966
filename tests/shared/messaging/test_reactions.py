"""Reactions on a real broker: nothing lost, nothing acknowledged past a failure, members come and go."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer

from services.relay.numbering import Numbering
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Recorded
from shared.messaging import handling
from shared.messaging.consumer import DELIVERY
from shared.messaging.parking import Parking, ParkingLimit
from shared.messaging.reactions import Reaction, Reactions
from shared.runtime.service import Stopped
from tests.shared.messaging.hearing import TYPE, Applied, Sender, cancel, committed, until
from tests.shared.messaging.support import EVENTS, System, commit


def reactions(system: System, applied: Callable[[Sequence[Recorded]], Awaitable[None]]) -> Reactions:
    limit = ParkingLimit(lines=0)
    parking = Parking(system.driver, system.settings.database("fees"), SystemClock(), limit)
    return Reactions("fees", [Reaction(EVENTS, TYPE, applied)], system.settings, parking)


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)


@pytest.mark.rule("P2")
async def test_records_from_before_the_group_existed_are_heard_once_and_acknowledged(system: System) -> None:
    await Sender(system).send([commit(f"person-{n % 9}", n // 9 + 1) for n in range(90)])
    applied, loop = Applied(), None
    loop = reactions(system, applied)
    task = asyncio.create_task(loop.run())
    await until(lambda: len(applied.times) == 90, task)
    await until(lambda: loop.health().ready, task)
    await cancel(task)
    assert set(applied.times.values()) == {1}
    assert await committed(system, "fees.reactions") == 90
    assert not loop.health().ready


async def test_nothing_is_asked_for_while_a_batch_is_handled_and_everything_again_afterwards(system: System) -> None:
    """Else the client would ask for the silent partitions only, and hear nothing of the others for a second."""
    seen: list[bool] = []

    async def looking(_: Sequence[Recorded]) -> None:
        consumer = loop._subscriber.consumer
        seen.append(consumer.paused() == consumer.assignment() != set())

    loop = reactions(system, looking)
    await Sender(system).send([commit("person-1", 1)])
    task = asyncio.create_task(loop.run())
    await until(lambda: seen, task)
    await until(lambda: loop._subscriber.consumer.paused() == set(), task)
    await cancel(task)
    assert seen == [True]


@pytest.mark.rule("P5")
async def test_where_nothing_may_be_parked_reactions_stop_loudly_and_nothing_past_it_is_acknowledged(
    system: System,
) -> None:
    """FastStream goes on after a handler's exception and acknowledges what it never handled: silent loss."""
    sender = Sender(system)
    await sender.send([commit("person-1", v) for v in range(1, 11)])
    applied = Applied()
    loop = reactions(system, applied)
    task = asyncio.create_task(loop.run())
    await until(lambda: len(applied.times) == 10, task)
    await asyncio.sleep(0.3)
    applied.failing = lambda r: ValueError("poison") if r.version == 14 else None
    await sender.send([commit("person-1", v) for v in range(11, 31)])
    await asyncio.wait([task], timeout=30)
    with pytest.raises(Stopped, match="1 lines cannot be handled"):
        task.result()
    assert not loop.health().ready
    assert applied.versions["person-1"] == list(range(1, 14))
    assert 10 <= await committed(system, "fees.reactions") <= 13
    applied.failing = lambda _: None
    again = asyncio.create_task(loop.run())
    await until(lambda: len(applied.times) == 30, again)
    await cancel(again)
    assert applied.versions["person-1"] == list(range(1, 31))


@pytest.mark.rule("P5")
@pytest.mark.parametrize("position", [0, 1, 7, 19])
async def test_wherever_in_a_batch_it_fails_nothing_is_lost(system: System, position: int) -> None:
    await Sender(system).send([commit("person-1", v) for v in range(1, 21)])
    applied, broken = Applied(), [True]
    applied.failing = lambda r: RuntimeError("broken") if broken[0] and r.version == position + 1 else None
    task = asyncio.create_task(reactions(system, applied).run())
    await asyncio.wait([task], timeout=30)
    assert isinstance(task.exception(), Stopped)
    assert await committed(system, "fees.reactions") <= position
    broken[0] = False
    again = asyncio.create_task(reactions(system, applied).run())
    await until(lambda: len(applied.times) == 20, again)
    await cancel(again)
    assert applied.versions["person-1"] == list(range(1, 21))


@pytest.mark.rule("P5")
async def test_a_record_of_somebody_else_stops_the_reactions_instead_of_being_skipped(system: System) -> None:
    """Neither header nor body can be read: FastStream's own parser would swallow the error and the batch with it."""
    sender = Sender(system)
    await sender.send([commit("person-1", 1)])
    producer = AIOKafkaProducer(bootstrap_servers=system.settings.kafka)
    await producer.start()
    await producer.send_and_wait(system.topics.physical(EVENTS), b"\xff", headers=[("ce_position", b"\xff\xfe")])
    await producer.stop()
    task = asyncio.create_task(reactions(system, Applied()).run())
    await asyncio.wait([task], timeout=30)
    with pytest.raises(Stopped, match="none of ours"):
        task.result()


@pytest.mark.rule("P2")
async def test_members_that_join_and_leave_under_load_lose_nothing_and_keep_each_streams_order(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R06: twelve joins and leaves, of which the others hear at their next heartbeat; the end state is that of single
    delivery.
    """
    monkeypatch.setitem(DELIVERY, "heartbeat_interval_ms", 500)
    chance = random.Random(3)
    sender, applied = Sender(system), Applied()
    members = [asyncio.create_task(reactions(system, applied).run())]
    for round_ in range(12):
        await sender.send([commit(f"person-{n}", round_ + 1) for n in range(40)])
        if len(members) < 3 and chance.random() < 0.6:
            members.append(asyncio.create_task(reactions(system, applied).run()))
        elif len(members) > 1:
            await cancel(members.pop(chance.randrange(len(members))))
        await asyncio.sleep(0.15)
    await until(lambda: len(applied.times) == 480)
    await cancel(*members)
    assert all(versions == list(range(1, 13)) for versions in applied.versions.values())
    assert len(applied.versions) == 40


@pytest.mark.rule("P2")
async def test_each_record_delivered_up_to_five_times_leaves_the_state_of_one_delivery(system: System) -> None:
    sender, applied = Sender(system), Applied()
    commits = [commit(f"person-{n % 5}", n // 5 + 1) for n in range(50)]
    for start in range(0, 50, 10):
        for _ in range(start // 10 + 1):
            sender.numbers = Numbering(lambda _: system.settings.partitions)
            await sender.send(commits[start : start + 10])
    task = asyncio.create_task(reactions(system, applied).run())
    await until(lambda: sum(applied.times.values()) == 150, task)
    await cancel(task)
    assert sorted(set(applied.times.values())) == [1, 2, 3, 4, 5]
    assert all(versions == list(range(1, 11)) for versions in applied.versions.values())


@pytest.mark.rule("P5")
async def test_a_batch_that_comes_between_a_failure_and_the_end_is_neither_handled_nor_acknowledged(
    system: System,
) -> None:
    """FastStream hands over what it has fetched until it is stopped; handling it would leap over the poison."""
    numbers = Numbering(lambda _: 1)
    made = [r for v in (1, 2) for r in numbers.commit("member", commit("person-1", v)) if r.place[0] == EVENTS]
    first, second = (
        SimpleNamespace(
            topic=system.topics.physical(EVENTS),
            partition=0,
            offset=n,
            key=record.key,
            value=record.value,
            headers=record.headers,
        )
        for n, record in enumerate(made)
    )
    applied = Applied()
    applied.failing = lambda r: ValueError("poison") if r.version == 1 else None
    loop = reactions(system, applied)
    await loop.on_batch((first,))
    await loop.on_batch((second,))
    assert applied.versions == {}
