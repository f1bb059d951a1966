"""Ordinal = number of commits: the only check that sees a commit skipped before it was numbered."""

import asyncio

import pytest

from services.relay.audit import Behind, unproved
from services.relay.checkpoint import CheckpointStore
from services.relay.relay import audited
from tests.shared.messaging.support import SERVICES, System, commit


async def found(system: System, tries: int = 3) -> list[str]:
    store = CheckpointStore(system.relay_database, "verify")
    return await audited(system.driver, system.settings, SERVICES, store, tries)


@pytest.mark.rule("P3")
async def test_a_relay_under_load_is_found_exact(system: System) -> None:
    """The count is taken at the very moment the checkpoint stands for; later commits do not disturb it."""
    async with system.relaying() as task:
        await system.commits().insert_one(commit("person-0", 1))
        await system.relayed(1, task=task)
        writing = asyncio.create_task(write(system))
        for _ in range(5):
            assert await found(system) == []
            await asyncio.sleep(0.1)
        await writing
        await system.relayed(2_001, task=task)


async def write(system: System) -> None:
    for version in range(2, 22):
        await system.commits().insert_many([commit(f"person-{n}", version) for n in range(100)])


@pytest.mark.rule("P3")
async def test_a_commit_that_was_skipped_is_found_and_makes_the_relay_not_ready(system: System) -> None:
    relay = system.relay()
    async with system.relaying(relay) as task:
        await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(20)])
        await system.relayed(20, task=task)
    skipped = {"$set": {"ordinals.member": 19}}
    await system.relay_database["checkpoint"].update_one({"_id": "relay"}, skipped)
    assert await found(system, tries=1) == ["member has 20 commits, the relay numbered 19"]
    async with system.relaying(relay), asyncio.timeout(30):
        while relay.health().ready or "numbered" not in relay.health().detail:
            await asyncio.sleep(0.05)
    assert relay.health().detail == "member has 20 commits, the relay numbered 19"


@pytest.mark.rule("P3")
async def test_without_a_relay_there_is_nothing_to_compare(system: System) -> None:
    with pytest.raises(Behind, match="never started"):
        await found(system)


@pytest.mark.rule("P3")
async def test_a_stream_is_proved_complete_only_by_the_number_of_its_commits(system: System) -> None:
    start = {"start_at_operation_time": (await system.driver.database("admin").command("ping"))["operationTime"]}
    await system.commits().insert_many([commit(f"person-{n}", 1) for n in range(30)])
    assert await unproved(system.driver, system.settings, SERVICES, start) == []
    later = {"start_at_operation_time": (await system.driver.database("admin").command("ping"))["operationTime"]}
    await asyncio.sleep(1.1)
    await system.commits().insert_one(commit("person-0", 2))
    [missing] = await unproved(system.driver, system.settings, SERVICES, later)
    assert (missing.service, missing.commits) == ("member", 31)
    assert missing.numbered < 31
