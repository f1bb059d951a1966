"""The relay as a process: the loop, kept running, and its health over HTTP (port_base + 5)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
import uvicorn
import uvloop
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from pymongo.errors import PyMongoError

from services.relay.audit import Behind
from services.relay.checkpoint import Superseded
from services.relay.relay import Relay
from services.relay.sending import STOP_SECONDS
from services.relay.server_watch import ServerWatch
from services.relay.stopped import RelayStopped
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.messaging.topics import TopicNotMade
from shared.observability.exposition import pulse
from shared.observability.logging import configure_logging
from shared.observability.tracing import configure_tracing
from shared.runtime.collector import rest_the_collector
from shared.runtime.ending import ended
from shared.runtime.parts import SOURCES
from shared.runtime.service import Role, Service, add_health_routes, end_within
from shared.runtime.settings import Settings
from shared.runtime.tls import certificate_of, listening

log = structlog.get_logger()

RESTART_SECONDS = 1.0
STOPPED = 3
"""Exit code of a relay that must not go on."""

PASSING = (PyMongoError, KafkaError, Superseded, Behind, TopicNotMade, OSError)
"""What a restart from the checkpoint heals: servers that restart, elections, another relay's turn."""


async def run_relay(settings: Settings, services: Sequence[str] = SOURCES) -> None:
    """Runs until the process is told to stop. Raises RelayStopped when somebody has to look first."""
    driver = Driver(settings.mongo_url, settings.driver)
    relay = Relay(driver, settings, services, SystemClock(settings.clock_offset_seconds))
    service = Service("relay", FastAPI(openapi_url=None), settings, loops=[relay])
    add_health_routes(service, Role.ALL)
    server = uvicorn.Server(_http(service, settings))
    working = asyncio.create_task(keep_running(relay))
    working.add_done_callback(lambda _: setattr(server, "should_exit", True))
    watching = asyncio.create_task(ServerWatch(driver, settings, services).run())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """A signal ends the process where the server returns: what gives the lease back comes before that."""
        async with pulse(certificate_of(settings.tls_dir)):
            yield
            end_within(4 * STOP_SECONDS)
            await ended(working, watching, again=3 * STOP_SECONDS)
            await driver.close()

    service.app.router.lifespan_context = lifespan
    await server.serve()
    if not working.cancelled():
        working.result()


async def keep_running(relay: Relay) -> None:
    """The loop, begun again after every failure that passes; any other goes up."""
    while True:
        try:
            await relay.run()
        except PASSING as error:
            log.warning("relay.restarts", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(RESTART_SECONDS)


def run(settings: Settings) -> int:
    """The process's whole life; answers its exit code. A stop is said in one sentence."""
    configure_logging(settings.log_level, "relay")
    configure_tracing("relay", settings)
    rest_the_collector()
    try:
        uvloop.run(run_relay(settings))
    except RelayStopped as stopped:
        log.critical("relay.stopped", cause=stopped.cause, reason=str(stopped))
        print(stopped)  # noqa: T201 - the sentence for whoever started it
        return STOPPED
    return 0


def _http(service: Service, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        service.app,
        host=settings.host,
        port=settings.port_of(service.name),
        access_log=False,
        log_config=None,
        server_header=False,
        **listening(settings.tls_dir),
    )
