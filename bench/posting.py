"""A bare client for many JSON commands: a library's would cost as much processor time as what is measured."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import orjson


class NotDone(RuntimeError):
    """A command was refused, with this `code`, if the answer has one."""

    def __init__(self, told: str, answer: bytes) -> None:
        super().__init__(told)
        self.code = str(orjson.loads(answer).get("code", "")) if answer.startswith(b"{") else ""


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
            raise NotDone(f"{path}: {answered[:20]!r} {answer.decode()[:500]}", answer)
        return orjson.loads(answer)
