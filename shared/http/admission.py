"""A bounded queue before a service's work: when it is full, whoever comes is told so at once (OPS-08)."""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problem import correlation_of, problem
from shared.http.refusals import SystemFull
from shared.http.watch import FOR_MACHINES
from shared.observability.metric_names import counter, gauge

WORKING_MAX = 100
"""More at once does not end sooner: one process has one core and fifty connections to MongoDB."""
WAITING_MAX = 200
"""About a second's work: who would wait longer is better served by coming again."""
RETRY_SECONDS_MAX = 60
_WEIGHT = 0.05

_WORKING = gauge("tuan_http_working")
_WAITING = gauge("tuan_http_waiting")
_TURNED_AWAY = counter("tuan_http_turned_away_total")

Answer = Callable[[Request, SystemFull], Awaitable[Response]]


async def as_problem(request: Request, full: SystemFull) -> Response:
    """The answer of a service."""
    return problem(full, correlation_of(request))


class Admission:
    """ASGI middleware: `working` requests at once, `waiting` more in the order of their coming, no further ones.

    Those are answered by `answer` without their body being read. `free` are beginnings of paths that need no turn.
    A caller who went away while waiting costs nothing more.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Answer = as_problem,
        free: tuple[str, ...] = (),
        working: int = WORKING_MAX,
        waiting: int = WAITING_MAX,
    ) -> None:
        self._app = app
        self._answer = answer
        self._free = (*FOR_MACHINES, *free)
        self._most = working
        self._waiting_most = waiting
        self._working = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._seconds = 0.0
        _WORKING.set_function(lambda: self._working)
        _WAITING.set_function(lambda: len(self._queue))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._free):
            await self._app(scope, receive, send)
            return
        if self._working >= self._most and len(self._queue) >= self._waiting_most:
            _TURNED_AWAY.inc()
            response = await self._answer(Request(scope, receive), self._full())
            await response(scope, receive, send)
            return
        if not await self._turn():
            receive = _Kept(receive)
            if await receive.gone():
                self._leave()
                return
        began = time.monotonic()
        try:
            await self._app(scope, receive, send)
        finally:
            self._seconds += _WEIGHT * (time.monotonic() - began - self._seconds)
            self._leave()

    async def _turn(self) -> bool:
        """Returns when it is this request's turn; True if it was at once."""
        if self._working < self._most:
            self._working += 1
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()
            raise
        return False

    def _leave(self) -> None:
        """The place goes to the next in the queue."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._working -= 1

    def _full(self) -> SystemFull:
        """With when to come again: after the queue's work, and not all at the same moment."""
        ahead = len(self._queue)
        seconds = 1 + math.ceil(ahead * self._seconds / self._most)
        seconds += random.randrange(1 + seconds)  # noqa: S311 - jitter
        return SystemFull(ahead=ahead, seconds=min(RETRY_SECONDS_MAX, seconds))


class _Kept:
    """Looks whether the caller is still there, without losing what it sends."""

    def __init__(self, receive: Receive) -> None:
        self._first = asyncio.ensure_future(receive())
        self._receive = receive
        self._given = False

    async def gone(self) -> bool:
        await asyncio.sleep(0)
        return self._first.done() and self._first.result()["type"] == "http.disconnect"

    async def __call__(self) -> Message:
        if self._given:
            return await self._receive()
        self._given = True
        return await self._first
