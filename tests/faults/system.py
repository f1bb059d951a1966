"""A whole system on servers of its own, so that MongoDB and Kafka can be killed and paused too."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from deploy.cli.data import seed_stack
from deploy.local.seeding.client import NOT_YET, Refused
from deploy.local.stack import Stack
from shared.eventstore.driver import Driver
from shared.runtime.settings import Settings
from tests.shared.observability.receiver import Receiver

T = TypeVar("T")

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class System:
    """A running stack, and who receives its traces, all of them.

    What blocks (restarting, waiting) runs in a thread, so that clients go on meanwhile.
    """

    stack: Stack
    spans: Receiver

    @property
    def settings(self) -> Settings:
        """The settings of the stack's own processes, whatever this process's environment is."""
        given = {k.removeprefix("TUAN_").lower(): v for k, v in self.stack.settings().items()}
        return Settings.model_validate(given)

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Driver]:
        driver = Driver(self.settings.mongo_url)
        try:
            yield driver
        finally:
            await driver.close()

    def seed(self) -> None:
        """The root, the provincial-level bodies and the operator; this process's environment stays as it was."""
        kept = dict(os.environ)
        try:
            seed_stack(self.stack)
        finally:
            os.environ.clear()
            os.environ.update(kept)

    async def kill_and_restart(self, name: str, seconds_down: float) -> None:
        """SIGKILL, a while of nothing, and the start that an operator or a supervisor would do."""
        self.stack.kill(name)
        await asyncio.sleep(seconds_down)
        await asyncio.to_thread(self.stack.restart, name)

    @contextmanager
    def paused(self, *names: str) -> Iterator[None]:
        """SIGSTOP: the process keeps its connections and answers nobody."""
        processes = [p for name in names if (p := self.stack.process(name).running())]
        assert len(processes) == len(names)
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGCONT)

    def ended_by_themselves(self) -> list[str]:
        """Processes that are not there although nobody ended them."""
        return [name for name in self.stack.names() if self.stack.process(name).running() is None]


async def patiently(attempt: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Repeats what a user would repeat: no answer, a failed server, a copy that has not caught up."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await attempt()
        except httpx.TransportError:
            if asyncio.get_running_loop().time() > until:
                raise
        except Refused as refused:
            passing = refused.status >= 500 or refused.code in NOT_YET
            if not passing or asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(0.2)


async def until(holds: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE_SECONDS, pause: float = 0.5) -> Any:
    """Waits until `holds` answers something true and gives that; whatever it last answered after `seconds`."""
    last = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await holds()
        if answer or asyncio.get_running_loop().time() > last:
            return answer
        await asyncio.sleep(pause)
