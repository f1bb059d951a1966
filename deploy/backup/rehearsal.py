"""The rehearsal of a restore (P15): into a namespace of its own, read models filled, everything compared, forgotten.

Nothing outside hears of it: the relay and the read models run, reactions and other work do not.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.admin import AIOKafkaAdminClient

from deploy.backup.contents import DATABASES
from deploy.backup.filling import fill, relaying
from deploy.backup.restoring import Restored, restore
from deploy.local.problems import SetUpProblem
from services.relay.audit import Behind
from services.relay.checkpoint import CheckpointStore
from services.relay.relay import audited
from services.stats.verify import Verification
from shared.eventstore.driver import Driver
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings

SUFFIX = "rehearsal_"


@dataclass(slots=True)
class Rehearsed:
    """What a rehearsal found wrong, in sentences, and how long its steps took, in seconds."""

    settings: Settings
    restored: Restored
    wrong: list[str]
    seconds: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def rehearsed(
    driver: Driver,
    settings: Settings,
    directory: Path,
    register: Mapping[str, int],
    say: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Rehearsed]:
    """Restores into a namespace beside that of `settings`, which is there until the block ends; tells each step done.

    The environment of this process has the same settings: the parts that fill the read models are processes of their
    own. Raises as `restore` does, and SetUpProblem where a part does not get through.
    """
    apart = settings.model_copy(update={"namespace": f"{settings.namespace}{SUFFIX}"})
    await _forget(driver, apart)
    watch = _Watch(say)
    try:
        with TemporaryDirectory() as folder:
            done = await restore(driver, apart, directory, register, Path(folder) / "beyond.jsonl")
        watch.lap("restored")
        async with relaying(driver, apart, _commits(done)):
            watch.lap("sent")
            await _fill(apart)
            watch.lap("filled")
            wrong = [*await _drifts(driver, apart), *await _miscounts(driver, apart)]
            watch.lap("verified")
            yield Rehearsed(apart, done, wrong, watch.laps)
    finally:
        await _forget(driver, apart)


def _commits(done: Restored) -> dict[str, int]:
    return {c.service: c.documents for c in done.manifest.collections if c.name == "commits"}


async def _fill(apart: Settings) -> None:
    """As many services at once as there are processors, each filled by a process of its own."""
    loop, at_once = asyncio.get_running_loop(), min(len(SOURCES), os.cpu_count() or 1)
    try:
        with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as processes:
            await asyncio.gather(*(loop.run_in_executor(processes, fill, name, apart.namespace) for name in SOURCES))
    except BrokenExecutor as broken:
        raise SetUpProblem("A process of the rehearsal was ended from outside; does the memory suffice?") from broken


async def _drifts(driver: Driver, settings: Settings) -> list[str]:
    """The figures against the documents and against the streams."""
    verification = Verification(driver, settings)
    drifts = [*(await verification.recount()).drifts, *(await verification.replay()).drifts]
    return [f"figures: {drift}" for drift in drifts]


async def _miscounts(driver: Driver, settings: Settings) -> list[str]:
    store = CheckpointStore(driver.database(settings.database("relay")), "rehearsal")
    try:
        return await audited(driver, settings, SOURCES, store)
    except Behind as behind:
        return [str(behind)]


async def _forget(driver: Driver, settings: Settings) -> None:
    for service in DATABASES:
        await driver.client.drop_database(settings.database(service))
    there = await Topics(settings.namespace).generations(connection(settings))
    await _delete(settings, [name for names in there.values() for name in names])


async def _delete(settings: Settings, topics: Sequence[str]) -> None:
    if not topics:
        return
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()


class _Watch:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name], self._last = now - self._last, now
        self._say(f"{name} in {self.laps[name]:.1f} s")
