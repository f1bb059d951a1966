"""Reading workbooks in a child process, seen from the service (X25).

Nothing of an uploaded file is parsed in the service itself, and what the child answers is validated like any input.
"""

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import ValidationError

import services
from services.member.domain.faults import Fault
from services.member.domain.person_record import Scope
from services.member.workbooks import limits
from services.member.workbooks.child import LENGTH_DIGITS
from services.member.workbooks.guard import check_outside
from services.member.workbooks.judging import Comparison, Head, JudgedRow
from services.member.workbooks.protocol import MESSAGE, REQUEST, Message, Request, Task
from services.member.workbooks.refusals import BY_CODE, WorkbookUnreadable
from shared.runtime.service import Health, Role

_CHECKOUT = Path(services.__file__).parent.parent
_WITHOUT_NETWORK = (("unshare", "-n"), ("unshare", "-rn"))

_File = tuple[bytes, str, Scope]

KEPT_SECONDS = 60.0
KEPT_MOST = 4
KEPT_BYTES = 8 * limits.MIB
"""Of answers between the upload and the import worker: how long, how many, and how large as the child wrote them
(5,000 rows: 3.3 MB)."""

PIECE_BYTES = 64 * 1024
"""A hundred rows: read without keeping the process's other requests waiting."""
LINE_BYTES_MAX = limits.MIB

GONE_SECONDS = 0.01
"""How often is looked whether a process that was killed is gone."""

REST_SECONDS = 5.0
"""How long after an upload the next child is started: until then whoever uploaded needs the processors."""

log = structlog.get_logger(__name__)


@cache
def isolation() -> str:
    """How the child is cut off from the network on this machine: `unshare -n`, `unshare -rn` or `none`.

    Blocks for a few milliseconds on the first call.
    """
    for command in _WITHOUT_NETWORK:
        try:
            done = subprocess.run([*command, "true"], check=False, capture_output=True, env={}, timeout=5)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return " ".join(command)
    return "none"


@dataclass(slots=True)
class _Said:
    """What a child said of a workbook, and how many bytes that was."""

    messages: list[Message] = field(default_factory=list)
    size: int = 0


S = TypeVar("S", bytes, _Said)


class Sandbox:
    """At most `slots` children at a time; further calls wait. Safe for concurrent use in one event loop.

    What `check` read is kept for a minute, so that `judge` of the same file in the same scope starts no second child.
    Where it runs as a loop, a child waits for the next file: to start one takes as long as to read 5,000 rows.
    """

    name = "member.sandbox"
    role = Role.API

    def __init__(self, slots: int = 2) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._kept: dict[_File, list[Message]] = {}
        self._waiting: asyncio.subprocess.Process | None = None
        self._taken = asyncio.Event()

    def health(self) -> Health:
        """Ready either way: without a child that waits, one is started when a file comes."""
        return Health(ready=True, detail="a child waits" if self._waiting else "no child waits")

    async def run(self) -> None:
        """Keeps one child started, whose limits hold already and which has seen no file. Each reads one and ends."""
        try:
            while True:
                self._taken.clear()
                self._waiting = await _start()
                await self._taken.wait()
                await asyncio.sleep(REST_SECONDS)
        finally:
            if child := self._take():
                await _end(child)

    def _take(self) -> asyncio.subprocess.Process | None:
        """The child that waits, if it still lives."""
        child, self._waiting = self._waiting, None
        self._taken.set()
        return child if child and child.returncode is None else None

    async def check(self, content: bytes, file_name: str, scope: Scope) -> Head:
        """Whether a file can be imported at all; raises a WorkbookRefused if not."""
        said = await self._judged(content, file_name, scope)
        if (head := said.messages[0].head) is None:
            raise WorkbookUnreadable
        self._keep(_file(content, file_name, scope), said)
        return head

    async def judge(self, content: bytes, file_name: str, scope: Scope) -> AsyncIterator[Head | JudgedRow]:
        """The head, then every row in order; all of the file or a WorkbookRefused before the first.

        The child has ended before the head is yielded, so a slow consumer holds no slot.
        """
        kept = self._kept.pop(_file(content, file_name, scope), None)
        comparison = Comparison()
        for message in kept or (await self._judged(content, file_name, scope)).messages:
            if message.head:
                yield message.head
            elif message.row:
                yield comparison.judge(message.row)

    async def failed_rows(
        self, content: bytes, file_name: str, scope: Scope, faults: Mapping[int, tuple[Fault, ...]]
    ) -> bytes:
        """The rows of a file that have faults, with them, as an .xlsx in the template's layout (X26)."""
        output = await self._asked(Request(Task.FAILED_ROWS, file_name, scope, dict(faults)), content, _bytes)
        line, _, made = output.partition(b"\n")
        message = _message(line)
        if message.made is None or message.made.size != len(made):
            raise WorkbookUnreadable
        return made

    async def _judged(self, content: bytes, file_name: str, scope: Scope) -> _Said:
        """All that the child says: the last of it a tail, which has counted the rows."""
        said = await self._asked(Request(Task.JUDGE, file_name, scope, {}), content, _messages)
        tail = said.messages[-1].tail if said.messages else None
        if tail is None or tail.rows != sum(message.row is not None for message in said.messages):
            raise WorkbookUnreadable
        return said

    def _keep(self, file: _File, said: _Said) -> None:
        if said.size > KEPT_BYTES:
            return
        if len(self._kept) >= KEPT_MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[file] = said.messages
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._kept.pop, file, None)

    async def _asked(
        self, request: Request, content: bytes, receive: Callable[[AsyncIterator[bytes]], Awaitable[S]]
    ) -> S:
        """What `receive` makes of all that the child writes; a refusal is raised, so is every way of failing."""
        check_outside(content, request.file_name)
        head = REQUEST.dump_json(request)
        async with self._slots:
            process = self._take() or await _start()
            try:
                async with asyncio.timeout(limits.CHILD_WALL_SECONDS):
                    sent = f"{len(head):0{LENGTH_DIGITS}}".encode() + head + content
                    received, _ = await asyncio.gather(receive(_written(process)), _send(process, sent))
                    await process.wait()
            except TimeoutError as error:
                raise WorkbookUnreadable from error
            finally:
                await _end(process)
        return received


def _file(content: bytes, file_name: str, scope: Scope) -> _File:
    return hashlib.sha256(content).digest(), file_name, scope


def _message(line: bytes) -> Message:
    """A line of the child. Raises the refusal it tells of, or WorkbookUnreadable for what no child of ours says."""
    try:
        message = MESSAGE.validate_json(line)
    except ValidationError as error:
        raise WorkbookUnreadable from error
    if message.refused:
        raise BY_CODE.get(message.refused.code, WorkbookUnreadable)(field=None, **message.refused.params)
    return message


async def _start() -> asyncio.subprocess.Process:
    """A child that waits for its request. Whoever gives up while it starts leaves none behind."""
    starting = asyncio.create_task(_spawn())
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise


async def _spawn() -> asyncio.subprocess.Process:
    cut_off = [] if isolation() == "none" else isolation().split()
    return await asyncio.create_subprocess_exec(
        *cut_off,
        sys.executable,
        "-E",
        "-s",
        "-B",
        "-m",
        "services.member.workbooks.child",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd=_CHECKOUT,
        start_new_session=True,
    )


async def _send(process: asyncio.subprocess.Process, sent: bytes) -> None:
    if (stdin := process.stdin) is None:
        return
    # A child that refuses or dies early closes its end; its answer, or the lack of one, says why.
    with contextlib.suppress(ConnectionError):
        stdin.write(sent)
        await stdin.drain()
        stdin.close()


async def _written(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    """Pieces of the child's output, at most so much as any child of ours could have to say."""
    size = 0
    while process.stdout and (piece := await process.stdout.read(PIECE_BYTES)):
        size += len(piece)
        if size > limits.CHILD_OUTPUT_BYTES:
            raise WorkbookUnreadable
        yield piece


async def _bytes(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def _messages(pieces: AsyncIterator[bytes]) -> _Said:
    """The lines, read while the child still judges: it and this process have a processor each."""
    said, rest = _Said(), b""
    async for piece in pieces:
        said.size += len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > LINE_BYTES_MAX:
            raise WorkbookUnreadable
        said.messages += map(_message, lines)
    if rest:
        said.messages.append(_message(rest))
    return said


async def _end(process: asyncio.subprocess.Process) -> None:
    """The child is gone when this returns, whatever it was doing, and the copy of it that may work in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # A pipe that is full and no longer read would keep the end from ever being noticed.
    while process.stdout and await process.stdout.read(limits.MIB):
        pass
    code = await process.wait()
    # As process 1 of a container this one inherits the copy of a child that died first.
    with contextlib.suppress(ChildProcessError):
        while not os.waitpid(-process.pid, os.WNOHANG)[0]:  # noqa: ASYNC222 - it does not wait
            await asyncio.sleep(GONE_SECONDS)
    if code not in {0, -9}:
        log.warning("workbook.child.failed", exit_code=code)
