"""A bare client for many JSON commands: a library's would cost as much processor time as what is measured."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import orjson

PATIENCE_SECONDS = 300.0
PAUSE_SECONDS_MAX = 5.0


class NotDone(RuntimeError):
    """A command was refused, with this `code`, if the answer has one; `busy`: it is to be sent again later."""

    def __init__(self, told: str, answer: bytes, *, busy: bool = False) -> None:
        super().__init__(told)
        self.code = str(orjson.loads(answer).get("code", "")) if answer.startswith(b"{") else ""
        self.busy = busy


class Posting:
    """One connection that is kept; not for use by two at once."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._host, self._port = host, int(port)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def post(self, path: str, headers: Mapping[str, str], body: object) -> Any:
        """The answer's JSON; raises NotDone for any other status than 201."""
        content = orjson.dumps(body)
        lines = {"Host": self._host, "Content-Type": "application/json", "Content-Length": str(len(content))}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **headers}.items())
        self._writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = answered.partition(b"content-length:")[2].partition(b"\r\n")[0]
        answer = await self._reader.readexactly(int(length))
        if b" 201 " not in answered.partition(b"\r\n")[0]:
            busy = answered.split(b" ", 2)[1][:1] == b"5"
            raise NotDone(f"{path}: {answered[:20]!r} {answer.decode()[:500]}", answer, busy=busy)
        return orjson.loads(answer)

    async def persist(self, path: str, headers: Callable[[], Awaitable[Mapping[str, str]]], body: object) -> Any:
        """The same, sent again with the first one's key while a service is busy, silent or away: for five minutes."""
        until, pause = time.monotonic() + PATIENCE_SECONDS, 0.2
        key = (await headers())["Idempotency-Key"]
        while True:
            try:
                return await self.post(path, {**(await headers()), "Idempotency-Key": key}, body)
            except (NotDone, OSError, EOFError) as error:
                if (isinstance(error, NotDone) and not error.busy) or time.monotonic() > until:
                    raise
                await asyncio.sleep(pause)
                pause = min(PAUSE_SECONDS_MAX, 2 * pause)
                if not isinstance(error, NotDone):
                    await self._again()

    async def _again(self) -> None:
        """A new connection instead of one that broke; one that cannot be had shows at the next request."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self.__aenter__()


@asynccontextmanager
async def hands(address: str, many: int) -> AsyncIterator[list[Posting]]:
    """Connections for so many who work at the same moment."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Posting(address)) for _ in range(many)]
