"""Around everything a process answers: the correlation under which it is logged, and the time it took (OPS-08)."""

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability.logging import bind, unbind
from shared.observability.metric_names import histogram

CORRELATION_HEADER = "X-Correlation-Id"
FOR_MACHINES = ("/health/", "/metrics")

_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS = histogram("tuan_http_request_seconds")


class Watch:
    """ASGI middleware. With `outermost` a correlation that comes with the request is not believed."""

    def __init__(self, app: ASGIApp, *, outermost: bool = False) -> None:
        self._app = app
        self._outermost = outermost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FOR_MACHINES):
            await self._app(scope, receive, send)
            return
        unbind()
        given = "" if self._outermost else Headers(scope=scope).get(CORRELATION_HEADER, "")
        correlation = given if _CORRELATION.fullmatch(given) else str(uuid4())
        scope["tuan.correlation"] = correlation
        bind(correlation=correlation)
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            _SECONDS.labels(scope["method"], route_of(scope), status).observe(time.perf_counter() - started)


def route_of(scope: Scope) -> str:
    """The route's pattern, never the path with its ids: a bounded number of values."""
    return str(getattr(scope.get("route"), "path", "none"))
