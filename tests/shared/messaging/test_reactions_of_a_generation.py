"""Reactions hear a new generation of topics from its beginning, and apply nothing twice (kernel.md 3, P7)."""

import asyncio
from collections.abc import Sequence

import pytest

from services.relay.generations import begin_generation, until_filled
from shared.kernel.clock import SystemClock
from shared.messaging import handling, unparking
from shared.messaging import reactions as messaging
from shared.messaging.handling import Stuck
from shared.messaging.parking import OlderTopics, Parking
from shared.messaging.topics import Topics
from tests.shared.messaging.hearing import committed
from tests.shared.messaging.support import System, commit
from tests.shared.messaging.test_handling import record
from tests.shared.messaging.test_parked import OPERATOR, Fees, poison


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(unparking, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(messaging, "WATCH_SECONDS", 0.3)


async def given(system: System, versions: Sequence[int]) -> None:
    await system.commits().insert_many([commit(f"person-{n}", v) for v in versions for n in range(6)])


async def acknowledged(fees: Fees, generation: int, count: int) -> None:
    fees.system.topics = Topics(fees.system.settings.namespace, generation)
    async with asyncio.timeout(60):
        while await committed(fees.system, f"fees.reactions{fees.system.topics.suffix}") < count:
            await asyncio.sleep(0.1)


@pytest.mark.rule("P7")
async def test_reactions_follow_to_a_new_generation_and_rely_on_the_ids_of_its_facts(system: System) -> None:
    fees = Fees(system)
    async with system.relaying() as task:
        await given(system, (1, 2))
        await system.relayed(12, task=task)
        await fees.start()
        await acknowledged(fees, 1, 12)
        generation = await begin_generation(system.driver, system.settings)
        await given(system, (3,))
        await until_filled(system.driver, system.settings, generation)
        await acknowledged(fees, generation, 18)
    await fees.stop()
    assert fees.applied.versions == {f"person-{n}": [1, 2, 3] for n in range(6)}
    assert max(fees.applied.times.values()) == 2, "the same ids come again, so that the second time changes nothing"


@pytest.mark.rule("P7", "P5")
async def test_what_is_parked_is_parked_again_from_the_new_topics_with_everything_behind_it(system: System) -> None:
    """Its place in the older topics says nothing of those: compared by it, later records would overtake it."""
    fees = Fees(system)
    fees.applied.failing = poison(("person-1", 2), ("person-2", 1))
    async with system.relaying() as task:
        await given(system, (1, 2, 3))
        await system.relayed(18, task=task)
        await fees.start()
        await fees.until_parked(5)
        [given_up] = [line for line in await fees.parked.lines() if line.stream == "person-2"]
        await fees.parked.drop(given_up.record, OPERATOR, "invented")
        await fees.until_parked(2)
        generation = await begin_generation(system.driver, system.settings)
        await until_filled(system.driver, system.settings, generation)
        await acknowledged(fees, generation, 18)
        await given(system, (4,))
        await fees.until_parked(3)
    assert await fees.rows() == [("person-1", 2), ("person-1", 3), ("person-1", 4)]
    fees.applied.failing = lambda _: None
    [line] = await fees.parked.lines()
    await fees.parked.ask_retry(line.record, OPERATOR)
    await fees.until_free()
    await fees.stop()
    assert fees.applied.versions.pop("person-2") == [2, 3, 4], "what was given up stays given up"
    assert fees.applied.versions == {f"person-{n}": [1, 2, 3, 4] for n in (0, 1, 3, 4, 5)}


@pytest.mark.rule("P7", "P5")
async def test_a_process_that_still_hears_older_topics_parks_nothing_any_more(system: System) -> None:
    fees = Fees(system)
    await fees.parked.prepare()
    late, now = (Parking(system.driver, system.settings.database("fees"), SystemClock()) for _ in range(2))
    await late.begin(1)
    await now.begin(2)
    heard = record(1)
    with pytest.raises(OlderTopics):
        await late.park({heard.line: Stuck(heard, ValueError())}, [heard])
    assert await fees.rows() == []
