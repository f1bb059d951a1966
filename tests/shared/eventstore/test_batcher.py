"""Group commit: nobody waits for ever, whoever else comes, goes or fails."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.eventstore.batcher import Batcher, Outcomes
from shared.eventstore.commits import Commit
from tests.shared.eventstore.conftest import commit


class Slow:
    """Writes nothing until `gate` is opened; `written` are the streams it was given."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.written: list[str] = []

    async def flush(self, commits: Sequence[Commit]) -> Outcomes:
        self.written += [c.stream for c in commits]
        await self.gate.wait()
        return {c.commit_id: None for c in commits}


@pytest.mark.rule("P1")
async def test_who_submits_in_the_turn_in_which_the_last_flusher_ends_is_not_forgotten() -> None:
    slow = Slow()
    batcher = Batcher(slow.flush, size=1)

    async def late() -> None:
        await slow.gate.wait()
        await batcher.submit(commit("parcel-3"))

    async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
        tasks.create_task(batcher.submit(commit("parcel-1")))
        tasks.create_task(batcher.submit(commit("parcel-2")))
        while len(slow.written) < 2:
            await asyncio.sleep(0)
        tasks.create_task(late())
        await asyncio.sleep(0.01)
        slow.gate.set()
    assert slow.written == ["parcel-1", "parcel-2", "parcel-3"]


@pytest.mark.rule("P1")
async def test_what_nobody_waits_for_any_more_is_not_written() -> None:
    slow = Slow()
    batcher = Batcher(slow.flush, size=1, flushers=1)
    first, gone, last = (asyncio.create_task(batcher.submit(commit(f"parcel-{i}"))) for i in range(3))
    await asyncio.sleep(0.01)
    gone.cancel()
    slow.gate.set()
    async with asyncio.timeout(2):
        await asyncio.gather(first, last)
    assert slow.written == ["parcel-0", "parcel-2"]


async def test_what_a_flush_raises_reaches_everybody_in_it_and_nobody_after_it() -> None:
    failures = [OSError("away")]

    async def flush(commits: Sequence[Commit]) -> Outcomes:
        if failures:
            raise failures.pop()
        return {c.commit_id: None for c in commits}

    batcher = Batcher(flush, size=2, flushers=1)
    async with asyncio.timeout(2):
        outcomes = await asyncio.gather(
            *(batcher.submit(commit(f"parcel-{i}")) for i in range(3)), return_exceptions=True
        )
    assert [type(o).__name__ for o in outcomes] == ["OSError", "OSError", "NoneType"]
