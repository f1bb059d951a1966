"""The same time for every no (X14, X18): a refusal is never quicker than the slowest way to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.kernel.refusals import Refusal


@asynccontextmanager
async def even_pace(seconds: float) -> AsyncIterator[None]:
    """Holds a refusal back until `seconds` have passed since the beginning."""
    ticks = asyncio.get_running_loop().time
    ready = ticks() + seconds
    try:
        yield
    except Refusal:
        await asyncio.sleep(max(0.0, ready - ticks()))
        raise
