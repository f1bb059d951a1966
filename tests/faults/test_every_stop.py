"""P1: a command stopped anywhere between request and answer happened whole or not at all, and its repeat is one result.

Two ways to stop: the wire to MongoDB is cut at each of the command's calls (before the server hears it, or before its
answer comes back; and the process dies of it, or lives on), and the caller gives up at each place where it waits.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.local.servers import Addresses
from shared.eventstore.driver import Driver
from tests.faults.applications import Applying, Approving
from tests.faults.commands import Command, Entering, Establishing, Filling, Process, Registering
from tests.faults.wire import Lost, Wire
from tests.member.conftest import secrets_dir  # noqa: F401 - a fixture


class Bench:
    """A command with its databases, seen from outside by a driver that is never cut."""

    def __init__(self, command: Command, url: str) -> None:
        self.command = command
        self.url = url
        self.numbers = itertools.count()
        self._driver = Driver(url)
        self._healthy = command.process(url)

    async def left(self) -> tuple[int, ...]:
        return await self.command.left(self._driver)

    async def one(self) -> tuple[int, ...]:
        """What a command leaves that nothing disturbs."""
        before = await self.left()
        await self._healthy.run(next(self.numbers))
        return _difference(await self.left(), before)

    async def expect_whole_or_nothing(self, number: int, before: tuple[int, ...], one: tuple[int, ...]) -> bool:
        """Then repeats it from another process, twice. Answers whether it had happened before the repeat."""
        found = _difference(await self.left(), before)
        assert found in (one, (0,) * len(one)), f"half a command was left: {found} of {one}"
        first = await self._healthy.run(number)
        assert _difference(await self.left(), before) == one
        again = await self._healthy.run(number)
        assert again.repeated or not again.events
        assert (again.stream, again.version) == (first.stream, first.version)
        assert _difference(await self.left(), before) == one
        return found == one

    async def close(self) -> None:
        await self._driver.close()
        await self._healthy.driver.close()


@pytest.fixture(params=[Establishing, Entering, Filling, Registering, Applying, Approving], ids=lambda c: c.name)
async def bench(
    request: pytest.FixtureRequest,
    servers: Addresses,
    namespace: str,
    secrets_dir: Path,  # noqa: F811
) -> AsyncIterator[Bench]:
    command: Command = request.param(namespace, secrets_dir)
    await command.prepare(servers.mongo_url)
    bench = Bench(command, servers.mongo_url)
    yield bench
    await bench.close()


@pytest.mark.rule("P1", "P4")
@pytest.mark.parametrize("dies", [True, False], ids=["dies", "lives on"])
async def test_a_command_cut_off_from_the_store_at_any_call_is_whole_or_nothing(bench: Bench, dies: bool) -> None:
    """Fails if a claim, a gate, a key or a commit is ever written outside the one transaction of a command."""
    server = urlsplit(bench.url.split(",")[0])
    one = await bench.one()
    async with Wire(server.hostname or "", server.port or 0) as wire:
        calls = min([await _calls(bench, wire) for _ in range(3)], key=len)  # on a busy machine one may be repeated
        assert len(calls) >= 3, calls
        outcomes = set()
        for lost, at in itertools.product(Lost, range(1, len(calls) + 1)):
            number, before = next(bench.numbers), await bench.left()
            wire.heal()
            process = bench.command.process(wire.url)
            await process.driver.client.admin.command("ping")
            wire.arm(at, lost, heals_itself=not dies)
            await (_until_cut(process, number, wire) if dies else _to_its_end(process, number))
            assert wire.cut.is_set(), f"only {wire.names} of {calls}"
            wire.heal()
            await process.die()
            happened = await bench.expect_whole_or_nothing(number, before, one)
            outcomes.add(happened)
            await process.driver.close()
        assert outcomes == {True, False} if dies else True in outcomes


@pytest.mark.rule("P1", "P4")
async def test_a_command_given_up_anywhere_is_whole_or_nothing(bench: Bench) -> None:
    """The caller's connection ends, or its time is up, wherever the command waits; what waits in the store goes on."""
    one = await bench.one()
    process = bench.command.process(bench.url)
    await process.run(next(bench.numbers))
    for at in itertools.count(1):
        number, before = next(bench.numbers), await bench.left()
        stopped = await given_up(process.run(number), at)
        await asyncio.gather(*process.background)
        await bench.expect_whole_or_nothing(number, before, one)
        if not stopped:
            break
    assert at >= bench.command.waits_least
    await process.driver.close()


async def given_up(work: Coroutine[Any, Any, Any], at: int) -> bool:
    """Runs a coroutine in a task that is cancelled at the nth place where it waits; whether there was such a place."""
    steps = Steps(work, at)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.create_task(steps.run())
    return steps.given_up


class Steps:
    """Awaits a coroutine, and at the nth place where that waits cancels the task that runs it."""

    def __init__(self, work: Coroutine[Any, Any, Any], at: int) -> None:
        self._work = work
        self._left = at
        self.given_up = False

    async def run(self) -> None:
        await self

    def __await__(self) -> Generator[Any, Any, None]:
        go_on: Callable[[], Any] = partial(self._work.send, None)
        with contextlib.suppress(StopIteration):
            while True:
                waited_for = go_on()
                self._left -= 1
                if self._left == 0 and (task := asyncio.current_task()):
                    self.given_up = task.cancel()
                try:
                    yield waited_for
                    go_on = partial(self._work.send, None)
                except asyncio.CancelledError as cancelled:
                    go_on = partial(self._work.throw, cancelled)


async def _calls(bench: Bench, wire: Wire) -> list[str]:
    """What one undisturbed command asks of the server."""
    process = bench.command.process(wire.url)
    await process.driver.client.admin.command("ping")
    wire.arm(0)
    await process.run(next(bench.numbers))
    await process.driver.close()
    return list(wire.names)


async def _until_cut(process: Process, number: int, wire: Wire) -> None:
    """The process dies at the moment of the cut."""
    running = asyncio.create_task(process.run(number))
    cut = asyncio.create_task(wire.cut.wait())
    await asyncio.wait((running, cut), return_when=asyncio.FIRST_COMPLETED)
    wire.heal()
    for task in (running, cut):
        task.cancel()
    await asyncio.gather(running, cut, return_exceptions=True)


async def _to_its_end(process: Process, number: int) -> None:
    """Whatever it answers: a caller repeats it anyway."""
    with contextlib.suppress(Exception):
        await process.run(number)


def _difference(now: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a - b for a, b in zip(now, before, strict=True))
