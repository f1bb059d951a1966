"""The outermost layer of a service: correlation, refusal of broken requests, one form of answers, no stack traces."""

import re
import time
from collections.abc import Iterable, MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pymongo.errors import ConnectionFailure
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.auth import TokenVerifier
from shared.http.problem import MEDIA_TYPE, on_refusal, on_status, on_validation, problem, refusal_of_status
from shared.http.refusals import Failed, MalformedRequest, OutcomeUnknown
from shared.http.routes import Router
from shared.kernel.refusals import Refusal, SystemBusy
from shared.observability.logging import bind, unbind
from shared.observability.metric_names import histogram

log = structlog.get_logger()

CORRELATION_HEADER = "X-Correlation-Id"
QUERY_BYTES_MAX = 8_192
MACHINE_PATHS = ("/health/", "/metrics")
FOR_MACHINES = ("/health/", "/metrics")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NUL = re.compile(rb"%00|\x00")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_SECONDS = histogram(
    "tuan_http_request_seconds", ("method", "route", "status"), (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
)


def new_app(title: str, verifier: TokenVerifier, routers: Iterable[Router]) -> FastAPI:
    """The HTTP application of a service. Nothing is served beside its routers: no documentation, no redirects."""
    app = FastAPI(
        title=title,
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.verifier = verifier
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_status)
    app.add_middleware(Edge)
    return app


class Edge:
    """ASGI middleware. Whatever happens inside, a caller gets an answer of ours with its correlation."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FOR_MACHINES):
            await self._app(scope, receive, send)
            return
        unbind()
        given = Headers(scope=scope).get(CORRELATION_HEADER, "")
        correlation = given if _CORRELATION.fullmatch(given) else str(uuid4())
        scope["tuan.correlation"] = correlation
        bind(correlation=correlation)
        answer = _Answer(send, correlation, machine=scope["path"].startswith(MACHINE_PATHS))
        started = time.perf_counter()
        try:
            if _broken(scope):
                await answer.refuse(MalformedRequest(), scope, receive)
            else:
                await self._app(scope, receive, answer.send)
        except ConnectionFailure as error:
            log.warning("store.silent", error=type(error).__name__, method=scope["method"], route=_route(scope))
            safe = scope["method"] in SAFE_METHODS
            await answer.refuse(SystemBusy() if safe else OutcomeUnknown(), scope, receive)
        except Exception:  # the edge's whole job: no fault of the program reaches a caller as anything but Failed
            log.exception("request.failed", method=scope["method"], route=_route(scope))
            await answer.refuse(Failed(), scope, receive)
        finally:
            seconds = time.perf_counter() - started
            _SECONDS.labels(scope["method"], _route(scope), answer.status).observe(seconds)


class _Answer:
    """Passes an answer on with our headers; an error without our form is replaced by a problem.

    What is asked by machines keeps its own form: a process that is not ready says of which loop, with status 503.
    """

    def __init__(self, send: Send, correlation: str, *, machine: bool) -> None:
        self._machine = machine
        self._send = send
        self._correlation = correlation
        self._replaced = False
        self.status = 0

    async def refuse(self, refusal: Refusal, scope: Scope, receive: Receive) -> None:
        """Answers, unless an answer has begun: then the connection ends without its rest."""
        if self.status:
            raise ConnectionAbortedError("the answer had begun")
        await problem(refusal, self._correlation)(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            ours = self._machine or headers.get("content-type", "").startswith(MEDIA_TYPE)
            if self.status >= 400 and not ours:
                await self._replace(message)
                return
            self._add(headers)
        if not self._replaced:
            await self._send(message)

    async def _replace(self, message: MutableMapping[str, Any]) -> None:
        self._replaced = True
        answer = problem(refusal_of_status(message["status"]), self._correlation)
        start: Message = {"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers}
        self._add(MutableHeaders(scope=start))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": answer.body})

    def _add(self, headers: MutableHeaders) -> None:
        headers[CORRELATION_HEADER] = self._correlation
        for name, value in _SECURITY.items():
            headers.setdefault(name, value)


def _broken(scope: Scope) -> bool:
    query: bytes = scope["query_string"]
    path: str = scope["path"]
    return "\x00" in path or len(query) > QUERY_BYTES_MAX or len(path) > QUERY_BYTES_MAX or bool(_NUL.search(query))


def _route(scope: Scope) -> str:
    """The route's pattern, never the path with its ids: a bounded number of values."""
    return str(getattr(scope.get("route"), "path", "none"))
