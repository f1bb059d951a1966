"""Around everything a process answers: the correlation it is logged under, its span, and the time it took (OPS-08)."""

import re
import time
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observability.logging import bind, unbind
from shared.observability.metric_names import histogram
from shared.observability.redaction import cleaned
from shared.observability.tracing import CORRELATION_HEADER, TRACE_HEADER, request

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
        headers = Headers(scope=scope)
        given = "" if self._outermost else headers.get(CORRELATION_HEADER, "")
        taken_over = is_harmless(given)
        correlation = given if taken_over else str(uuid4())
        scope["tuan.correlation"] = correlation
        bind(correlation=correlation)
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        with request(correlation, begins=not taken_over, parent=headers.get(TRACE_HEADER, "")) as span:
            try:
                await self._app(scope, receive, noting)
            finally:
                method, route = scope["method"], route_of(scope)
                _SECONDS.labels(method, route, status).observe(time.perf_counter() - started)
                if span is not None:
                    told = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                    span.update_name(f"{method} {route}")
                    span.set_attributes(told)


def is_harmless(correlation: str) -> bool:
    """Whether a correlation may be stored and logged: no text of its own, and no number of somebody (P11)."""
    return bool(_CORRELATION.fullmatch(correlation)) and cleaned(correlation) == correlation


def route_of(scope: Scope) -> str:
    """The route's pattern, never the path with its ids: a bounded number of values."""
    return str(getattr(scope.get("route"), "path", "none"))
