"""What a restored system does before anybody may use it: send everything, and fill the read models from that."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, get_type_hints

from deploy.local.problems import SetUpProblem
from services.relay.app import keep_running
from services.relay.kafka_tails import ends_of
from services.relay.relay import Relay
from services.relay.stopped import RelayStopped
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.messaging.generations import current_topics
from shared.observability.logging import configure_logging
from shared.projections.positions import POSITIONS
from shared.projections.runner import ProjectionLoop
from shared.runtime.ending import ended
from shared.runtime.parts import SOURCES
from shared.runtime.service import Role, Service, roles_of
from shared.runtime.settings import Settings

_ASK_SECONDS = 0.2
_END_SECONDS = 15.0


def fill(service: str, namespace: str) -> None:
    """Runs the read models of one service, and nothing else of it, until each has reached the end of its topics.

    For a process of its own, whose environment has the settings but for the namespace. Raises SetUpProblem.
    """
    configure_logging("ERROR")
    root = importlib.import_module(f"services.{service}.app")
    asyncio.run(_filled(root.build(get_type_hints(root.build)["settings"](namespace=namespace))))


@asynccontextmanager
async def relaying(driver: Driver, settings: Settings, commits: Mapping[str, int]) -> AsyncIterator[None]:
    """A relay in this process, until the block ends; it begins when so many commits of each service are numbered."""
    relay = Relay(driver, settings, SOURCES, SystemClock(settings.clock_offset_seconds))
    working = asyncio.create_task(keep_running(relay))
    try:
        while not working.done():
            checkpoint = await relay.store("rehearsal").load()
            if checkpoint and not checkpoint.lost and _reached(checkpoint.ordinals, commits):
                break
            await asyncio.sleep(_ASK_SECONDS)
        else:
            working.result()
        yield
    except RelayStopped as stopped:
        raise SetUpProblem(str(stopped)) from stopped
    finally:
        await ended(working, again=_END_SECONDS)


def _reached(ordinals: Mapping[str, int], commits: Mapping[str, int]) -> bool:
    return all(ordinals.get(service, 0) >= count for service, count in commits.items())


async def _filled(service: Service) -> None:
    loops = [loop for loop in service.loops if isinstance(loop, ProjectionLoop)]
    service.loops = loops
    for step in service.prepare:
        await step()
    driver = loops[0].driver
    ends = await ends_of(service.settings, await current_topics(driver, service.settings), SOURCES)
    positions = driver.database(service.settings.database(service.name))[POSITIONS]
    running = [asyncio.create_task(service.supervise(loop), name=loop.name) for loop in loops]
    try:
        # Ready alone is not enough: of topics made a moment ago a loop may know one before the other.
        while not (all(loop.health().ready for loop in loops) and await _stored(positions, loops, ends)):
            if stopped := [task.get_name() for task in running if task.done()]:
                raise SetUpProblem(f"{stopped[0]} {service.health(roles_of(Role.ALL))[stopped[0]].detail}")
            await asyncio.sleep(_ASK_SECONDS)
    finally:
        await ended(*running, again=_END_SECONDS)
        for closing in service.close:
            await closing()


async def _stored(positions: Any, loops: Sequence[ProjectionLoop], ends: Mapping[tuple[str, int], int]) -> bool:
    """Whether every loop's stored positions are the ends of all partitions that it reads."""
    rows = {row["_id"]: row["offset"] async for row in positions.find()}
    return all(
        rows.get(f"{read.name}-v{read.version}{loop.copy.suffix}/{topic}/{partition}", -1) + 1 >= end
        for loop in loops
        for read in [loop.projection]
        for (topic, partition), end in ends.items()
        if topic in read.topics
    )
