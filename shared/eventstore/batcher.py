"""Group commit: what waits together is written together (kernel.md 2).

At 64 writers one call for all of them appends eight times as much as a call for each, and each caller still gets its
own outcome.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from shared.eventstore.commits import Commit
from shared.kernel.refusals import SystemBusy
from shared.observability.metric_names import gauge, histogram

Outcomes = Mapping[str, BaseException | None]
Flush = Callable[[Sequence[Commit]], Awaitable[Outcomes]]

WAITING_MAX = 5_000

_KINDS = ("plain", "conditional", "chunk")
SECONDS = histogram("tuan_append_seconds", _KINDS)
COMMITS = histogram("tuan_append_commits", _KINDS)
_WAITING = gauge("tuan_append_waiting")


class Batcher:
    """Collects commits and hands them to `flush` in batches of up to `size`, by `flushers` tasks at once.

    `flush` answers for every commit id: None for done, or the exception its caller gets. Two commits of one stream are
    never in the same batch.
    """

    def __init__(self, flush: Flush, *, size: int, flushers: int = 2, kind: str = "plain") -> None:
        self._flush = flush
        self._size = size
        self._flushers = flushers
        self._seconds, self._depth, self._together = SECONDS.labels(kind), _WAITING.labels(kind), COMMITS.labels(kind)
        self._waiting: deque[tuple[Commit, asyncio.Future[None]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, commit: Commit) -> None:
        """Returns when the commit is durable; raises what `flush` says of it, or SystemBusy when too many wait."""
        if len(self._waiting) >= WAITING_MAX:
            raise SystemBusy
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((commit, done))
        self._depth.set(len(self._waiting))
        if len(self._running) < self._flushers:
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        with self._seconds.time():
            await done

    async def _run(self) -> None:
        try:
            await self._flush_waiting()
        finally:
            # Not only by the callback, which runs a turn later: who submits in between would wait for nobody.
            self._running -= {asyncio.current_task()}

    async def _flush_waiting(self) -> None:
        while batch := self._take():
            self._together.observe(len(batch))
            try:
                outcomes = await self._flush([commit for commit, _ in batch])
            except BaseException as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
                continue
            for commit, done in batch:
                if done.done():
                    continue
                error_or_none = outcomes[commit.commit_id]
                if error_or_none is None:
                    done.set_result(None)
                else:
                    done.set_exception(error_or_none)

    def _take(self) -> list[tuple[Commit, asyncio.Future[None]]]:
        batch: list[tuple[Commit, asyncio.Future[None]]] = []
        streams: set[str] = set()
        put_back: list[tuple[Commit, asyncio.Future[None]]] = []
        while self._waiting and len(batch) < self._size:
            item = self._waiting.popleft()
            if item[1].done():  # the caller has gone: nothing of it is written
                continue
            if item[0].stream in streams:
                put_back.append(item)
            else:
                streams.add(item[0].stream)
                batch.append(item)
        self._waiting.extendleft(reversed(put_back))
        self._depth.set(len(self._waiting))
        return batch
