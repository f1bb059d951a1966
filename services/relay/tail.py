"""The change stream of a replica set: what was inserted, in commit order, read ahead of the sender."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from bson import Timestamp

from services.relay.checkpoint import token_time
from shared.eventstore.driver import Driver
from shared.runtime.ending import ended

PIPELINE: tuple[dict[str, Any], ...] = (
    {
        "$match": {
            "$or": [
                {"operationType": "insert", "ns.coll": {"$in": ["commits", "beats"]}},
                {"operationType": {"$in": ["update", "replace"]}, "ns.coll": "beats"},
            ]
        }
    },
)
"""Never to be changed: a token is good for this very pipeline only (280), and a source left out here is lost in
silence. Which sources are forwarded is decided behind it."""

READ_AHEAD_MAX = 4_000
_BATCH = 1_000
_IDLE_MS = 1_000


class Change(NamedTuple):
    """One change, or (`database` empty) the news that there was nothing up to `token`."""

    token: Mapping[str, Any]
    time: Timestamp | None
    database: str
    collection: str
    document: Mapping[str, Any]


class Tail:
    """Reads ahead in a task of its own, up to READ_AHEAD_MAX changes; what it raises comes out of `take`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._waiting: deque[Change] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(lambda _: self._news.set())

    async def take(self, most: int, linger: float) -> list[Change]:
        """Waits for the first change, then up to `linger` seconds for `most`; none is left out, none comes twice."""
        while not self._waiting:
            if self._reader.done():
                self._reader.result()
            self._news.clear()
            await self._news.wait()
        if linger and len(self._waiting) < most:
            await asyncio.sleep(linger)
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._room.set()
        return taken

    async def close(self) -> None:
        await ended(self._reader)
        await self._stream.close()

    async def _read(self) -> None:
        while True:
            self._put(await self._stream.try_next())
            while len(self._waiting) >= READ_AHEAD_MAX:
                self._room.clear()
                await self._room.wait()

    def _put(self, change: Mapping[str, Any] | None) -> None:
        if change is not None:
            self._waiting.append(_change(change))
        elif self._stream.resume_token is None:
            return
        else:
            nothing = Change(self._stream.resume_token, None, "", "", {})
            if self._waiting and not self._waiting[-1].database:
                self._waiting[-1] = nothing
            else:
                self._waiting.append(nothing)
        self._news.set()


class Passing:
    """Tells when a stream has given everything up to a cluster time."""

    def __init__(self, until: Timestamp) -> None:
        self._until = until
        self._idle: Mapping[str, Any] | None = None
        self.passed = False

    def see(self, change: Change) -> bool:
        """To be called with every change in order; `passed` from the first one on that lies behind the time.

        An idle server does not move its token: the same one twice means that the end of the oplog was reached.
        """
        if change.time is not None:
            self._idle = None
            self.passed = self.passed or change.time > self._until
        else:
            self.passed = self.passed or change.token == self._idle or token_time(change.token) > self._until
            self._idle = change.token
        return self.passed


def _change(change: Mapping[str, Any]) -> Change:
    if change["operationType"] == "update":
        document = change["updateDescription"]["updatedFields"]
    else:
        document = change["fullDocument"]
    where = change["ns"]
    return Change(change["_id"], change["clusterTime"], where["db"], where["coll"], document)


@asynccontextmanager
async def tailing(driver: Driver, resume: Mapping[str, Any]) -> AsyncIterator[Tail]:
    """The tail from `resume` on: `resume_after` a token or `start_at_operation_time`. Raises what MongoDB says."""
    stream = await driver.watch(list(PIPELINE), batch_size=_BATCH, max_await_time_ms=_IDLE_MS, **resume)
    tail = Tail(stream)
    try:
        yield tail
    finally:
        await tail.close()
