"""Ending tasks so that they have ended."""

import asyncio
from typing import Any


async def ended(*tasks: "asyncio.Task[Any]", again: float = 1.0) -> None:
    """Cancels tasks and waits until they are done; what they raise is not raised here.

    They are told again every `again` seconds (longer than their cleaning up takes): before Python 3.12 a cancellation
    is lost that comes in the moment in which what `asyncio.wait_for` waits for ends (gh-86296), and PyMongo sends each
    of its messages through that. A loop that lost it would go on, and whoever ends it would wait for ever.
    """
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=again)
    await asyncio.gather(*tasks, return_exceptions=True)
