"""The shell of a service's process: its HTTP application and its background loops, supervised, with health.

A service's `app.py` composes a `Service` and hands it to `serve`. On one machine a process has all roles; in
production each role runs alone (`--role`).
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, Protocol, runtime_checkable

import structlog
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from shared.observability.exposition import metrics, pulse
from shared.observability.logging import configure_logging
from shared.observability.metric_names import counter, gauge
from shared.observability.tracing import configure_tracing
from shared.runtime.collector import rest_the_collector
from shared.runtime.ending import ended
from shared.runtime.settings import Settings
from shared.runtime.tls import certificate_of, listening

log = structlog.get_logger()

RESTART_SECONDS = 0.5
RESTART_SECONDS_MAX = 30.0
STOP_SECONDS = 10.0
STEADY_SECONDS = 60.0
"""A loop that ran so long had recovered: its next failure counts as a first one."""

_READY = gauge("tuan_loop_ready")
_STOPPED = gauge("tuan_loop_stopped")
_FAILURES = counter("tuan_loop_failures_total")


class Role(StrEnum):
    API = "api"
    CONSUMER = "consumer"
    WORKER = "worker"
    ALL = "all"


class Stopped(Exception):
    """A loop that must not go on until somebody has looked: it stays down, and the process is not ready.

    A `Mendable` one goes on when what it stopped at was mended.
    """


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a loop does its work, and the sentence for whoever asks."""

    ready: bool
    detail: str = ""


class Loop(Protocol):
    """Work in the background. `run` returns only when cancelled; what it raises restarts it, `Stopped` ends it."""

    name: str
    role: Role

    async def run(self) -> None: ...

    def health(self) -> Health: ...


@runtime_checkable
class Mendable(Protocol):
    """A loop that can tell, once stopped, when it may begin again: `mended` returns then."""

    async def mended(self) -> None: ...


@dataclass(slots=True)
class Service:
    """What a composition root makes. `prepare` creates indexes and topics and may run more than once."""

    name: str
    app: FastAPI
    settings: Settings
    loops: Sequence[Loop] = ()
    prepare: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = ()
    _states: dict[str, Health] = field(default_factory=dict)

    def health(self, roles: Sequence[Role]) -> dict[str, Health]:
        return {loop.name: self._states.get(loop.name) or loop.health() for loop in self.loops if loop.role in roles}

    async def supervise(self, loop: Loop) -> None:
        """Runs a loop for ever, with growing pauses after failures; a stopped one stays down, loudly."""
        pause = RESTART_SECONDS
        _FAILURES.labels(loop.name)
        while True:
            self._states.pop(loop.name, None)
            _STOPPED.labels(loop.name).set(0)
            started = time.monotonic()
            try:
                await _run(loop)
            except Stopped as stopped:
                _STOPPED.labels(loop.name).set(1)
                log.critical("loop.stopped", loop=loop.name, reason=str(stopped))
                self._states[loop.name] = Health(ready=False, detail=f"stopped: {stopped}")
                if not isinstance(loop, Mendable):
                    return
                await self._mended(loop)
            except Exception as error:  # the supervisor's whole job: whatever failed is shown and tried again
                _FAILURES.labels(loop.name).inc()
                log.exception("loop.failed", loop=loop.name)
                self._states[loop.name] = Health(ready=False, detail=f"failed, starts again: {type(error).__name__}")
                if time.monotonic() - started > STEADY_SECONDS:
                    pause = RESTART_SECONDS
                await asyncio.sleep(pause)
                pause = min(RESTART_SECONDS_MAX, pause * 2)

    async def _mended(self, loop: Mendable) -> None:
        while True:
            try:
                return await loop.mended()
            except Exception as error:  # noqa: BLE001 - whatever it asks is away: it asks again
                log.warning("loop.not_asked", reason=type(error).__name__)
                await asyncio.sleep(RESTART_SECONDS_MAX)


async def _run(loop: Loop) -> NoReturn:
    """Raises CancelledError only where this very task was cancelled: a client whose server goes away may let the end of
    a task of its own out, and a loop that took it for an order would be down for ever without a word.
    """
    try:
        await loop.run()
    except asyncio.CancelledError as lost:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("what the loop waited for was cancelled") from lost
    raise RuntimeError("the loop ended by itself")


def roles_of(role: Role) -> tuple[Role, ...]:
    """Whose loops a process runs. A loop whose own role is ALL runs in every process."""
    return (Role.API, Role.CONSUMER, Role.WORKER, Role.ALL) if role is Role.ALL else (role, Role.ALL)


@asynccontextmanager
async def running(service: Service, role: Role = Role.ALL) -> AsyncIterator[None]:
    """Prepares the service and keeps its loops running; used by the process and by tests alike."""
    roles = roles_of(role)
    try:
        for step in service.prepare:
            await step()
    except Exception:
        log.exception("service.not_started")  # of the server's own report the log keeps one line
        raise
    tasks = [asyncio.create_task(service.supervise(p), name=p.name) for p in service.loops if p.role in roles]
    try:
        yield
    finally:
        await ended(*tasks, again=STOP_SECONDS / 2)
        for closing in service.close:
            await closing()


def serve(service: Service, role: Role = Role.ALL) -> None:
    """Runs the process until it is told to stop. The HTTP part always runs: health and metrics are asked of it."""
    configure_logging(service.settings.log_level, service.name)
    configure_tracing(service.name, service.settings)
    add_health_routes(service, role)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with pulse(certificate_of(service.settings.tls_dir)), running(service, role):
            rest_the_collector()
            yield
            end_within(STOP_SECONDS)

    service.app.router.lifespan_context = lifespan
    uvicorn.run(
        service.app,
        host=service.settings.host,
        port=service.settings.port_of(service.name),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        server_header=False,
        **listening(service.settings.tls_dir),
    )


def end_within(seconds: float) -> None:
    """Clients whose servers are all gone would wait for ever. What was acknowledged is durable: going is safe."""

    def go() -> None:
        log.warning("service.left_unfinished", seconds=seconds)
        os._exit(0)

    timer = threading.Timer(seconds, go)
    timer.daemon = True
    timer.start()


def add_health_routes(service: Service, role: Role) -> None:
    """`/health/live`, `/health/ready`, `/metrics`: for the machines that look after the process."""

    async def live() -> Response:
        return Response(status_code=200)

    async def ready() -> JSONResponse:
        states = service.health(roles_of(role))
        ok = all(h.ready for h in states.values())
        body = {
            "service": service.name,
            "role": role,
            "ready": ok,
            "loops": {name: {"ready": h.ready, "detail": h.detail} for name, h in states.items()},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    async def told() -> Response:
        for name, state in service.health(roles_of(role)).items():
            _READY.labels(name).set(state.ready)
        return await metrics()

    for path, handler in (("/health/live", live), ("/health/ready", ready), ("/metrics", told)):
        service.app.add_api_route(path, handler, include_in_schema=False)
