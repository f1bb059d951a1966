"""Tasks that are ended have ended, also where a cancellation was lost on its way."""

import asyncio

import pytest

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from shared.runtime.ending import ended


@pytest.mark.rule("P14")
async def test_a_loop_over_the_database_ends_in_whatever_step_it_is_told(servers: Addresses) -> None:
    """Fails if a cancellation that PyMongo loses is not told again: whoever ends the loop waits for ever."""
    driver = Driver(servers.mongo_url)
    rows = driver.database("test_ending")["rows"]

    async def reading() -> None:
        while True:
            await rows.find_one({})

    try:
        await rows.find_one({})
        for steps in range(40):
            task = asyncio.create_task(reading())
            for _ in range(steps):
                await asyncio.sleep(0)
            async with asyncio.timeout(10):
                await ended(task, again=0.01)
            assert task.cancelled()
    finally:
        await driver.close()


async def test_what_a_task_raised_or_answered_is_not_raised_by_its_end() -> None:
    async def failing() -> None:
        raise ValueError

    async def answering() -> int:
        return 1

    tasks: list[asyncio.Task[int | None]] = [asyncio.create_task(failing()), asyncio.create_task(answering())]
    await asyncio.sleep(0)
    await ended(*tasks)
    assert isinstance(tasks[0].exception(), ValueError)
    assert tasks[1].result() == 1
