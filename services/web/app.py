"""The composition root of the console: ``create_app`` for servers and tests, ``run`` as the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.web import errors, static
from services.web.clients import Clients
from services.web.guard import Guard
from services.web.pages import (
    account,
    admins,
    applications,
    applying,
    cadres,
    codes,
    dissolving,
    entry,
    files,
    graduates,
    graduates_start,
    health,
    home,
    imports,
    information,
    members,
    merging,
    migrations,
    organizations,
    outside,
    parked,
    progress,
    registration,
    schools,
    sign_in,
    timeliness,
    transfer_arrivals,
    transfer_batches,
    transfer_contacts,
    transfer_disputes,
    transfer_in,
    transfer_many,
    transfer_one,
    transfer_settings,
    transfer_start,
    transfers,
)
from services.web.settings import WebSettings
from services.web.view import View
from services.web.visit import Sessions
from shared.http.admission import Admission
from shared.http.watch import Watch
from shared.kernel.clock import SystemClock
from shared.observability.exposition import metrics_beside, pulse
from shared.observability.logging import configure_logging
from shared.observability.tracing import configure_tracing
from shared.runtime.tls import certificate_of, listening

PAGES = (
    *(sign_in, home, organizations, information, members, entry, imports, cadres, admins, codes, progress, account),
    *(schools, dissolving, migrations, merging, applying, applications, files, parked, health, registration),
    *(graduates, graduates_start, timeliness),
    *(transfers, transfer_in, transfer_many, transfer_one, transfer_start, transfer_arrivals, transfer_batches),
    *(transfer_disputes, transfer_settings, transfer_contacts, outside),
)


def create_app(settings: WebSettings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The console as an ASGI app. ``transport`` replaces the network in tests.

    Raises AssetsMissing when the assets were not built.
    """
    assets = static.load()
    clients = Clients(settings, transport)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pulse(certificate_of(settings.tls_dir)):
            yield
        await clients.close()

    served = [route for router in (static.router(assets), *(page.routes for page in PAGES)) for route in router.routes]
    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, routes=served)
    app.state.view = View(assets, SystemClock(settings.clock_offset_seconds))
    app.state.clients = clients
    app.state.sessions = Sessions(clients)
    errors.install(app)
    app.add_middleware(Admission, answer=errors.on_full, free=("/static/",))
    app.add_middleware(Guard, answer=errors.on_kept_out, origin=settings.console_origin)
    app.add_middleware(Watch, outermost=True)

    @app.get("/")
    async def start() -> Response:
        return RedirectResponse("/home", status_code=303)

    @app.get("/health/live")
    @app.get("/health/ready")
    async def healthy() -> Response:
        """The console holds no state: it is ready when it answers; a silent service is a gap on its pages."""
        return JSONResponse({"status": "ok"})

    return app


def run(settings: WebSettings) -> None:
    """Serves until the process is told to stop."""
    configure_logging(settings.log_level, "web")
    configure_tracing("web", settings)
    metrics_beside(settings.host, settings.metrics_port, settings.tls_dir)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port_of("web"),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        **listening(settings.tls_dir),
    )
