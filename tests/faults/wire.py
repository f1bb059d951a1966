"""A wire between a driver and MongoDB that can be cut at any command, before the server hears it or after."""

import asyncio
import struct
from enum import Enum
from typing import Self

_HEADER = struct.Struct("<iiii")
_OP_MSG = 2013
_NOT_COMMANDS = {b"hello", b"ismaster", b"isMaster", b"ping", b"endSessions", b"buildInfo"}
"""What drivers say of themselves, for no caller."""

_Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lost(Enum):
    """What never arrives of the command at which the wire is cut."""

    REQUEST = "request"
    ANSWER = "answer"


class Wire:
    """Counts the commands that pass. Between `arm` and the cut everything passes; after it, until `heal`, nothing."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open: set[asyncio.StreamWriter] = set()
        self._passed = 0
        self._at = 0
        self._lost = Lost.REQUEST
        self._down = False
        self._heals_itself = True
        self.cut = asyncio.Event()
        self.names: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._hang_up()

    @property
    def url(self) -> str:
        """A driver must not look for the set's members by itself: it would go round the wire."""
        port = self._server.sockets[0].getsockname()[1]
        return f"mongodb://127.0.0.1:{port}/?directConnection=true"

    def arm(self, at: int, lost: Lost = Lost.REQUEST, *, heals_itself: bool = True) -> None:
        """Cuts at the command with number `at` from now on; never for 0. `names` begins anew."""
        self._passed, self._at, self._lost, self._heals_itself = 0, at, lost, heals_itself
        self.names = []
        self.cut.clear()

    def heal(self) -> None:
        self._down = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            writer.close()
            return
        server: _Pair = await asyncio.open_connection(*self._target)
        self._open |= {writer, server[1]}
        swallow = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._requests(reader, server[1], swallow))
                pumps.create_task(self._answers(server[0], writer, swallow))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, server[1]):
                end.close()
                self._open.discard(end)

    async def _requests(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, swallow: asyncio.Event
    ) -> None:
        while True:
            message = await _message(client)
            name = _command(message)
            if name is not None:
                self._passed += 1
                self.names.append(name)
                if self._passed == self._at:
                    if self._lost is Lost.REQUEST:
                        self._hang_up()
                        return
                    swallow.set()
            server.write(message)
            await server.drain()

    async def _answers(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, swallow: asyncio.Event
    ) -> None:
        while True:
            message = await _message(server)
            if swallow.is_set():
                self._hang_up()
                return
            client.write(message)
            await client.drain()

    def _hang_up(self) -> None:
        self._down = not self._heals_itself
        for end in self._open:
            end.transport.abort()
        self.cut.set()


async def _message(reader: asyncio.StreamReader) -> bytes:
    header = await reader.readexactly(_HEADER.size)
    return header + await reader.readexactly(_HEADER.unpack(header)[0] - _HEADER.size)


def _command(message: bytes) -> str | None:
    """The name of a caller's command: the first key of the body of an OP_MSG."""
    if _HEADER.unpack_from(message)[3] != _OP_MSG:
        return None
    first_key = _HEADER.size + 4 + 1 + 4 + 1
    name = message[first_key : message.index(b"\0", first_key)]
    return None if name in _NOT_COMMANDS else name.decode()
