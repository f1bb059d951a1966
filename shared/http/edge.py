"""The outer layer of a service: refusal of broken requests, one form of answers, no stack traces."""

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pymongo.errors import ConnectionFailure
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.admission import Admission
from shared.http.auth import TokenVerifier
from shared.http.problem import MEDIA_TYPE, on_refusal, on_status, on_validation, problem, refusal_of_status
from shared.http.refusals import Failed, MalformedRequest, OutcomeUnknown
from shared.http.routes import Router
from shared.http.watch import FOR_MACHINES, Watch, route_of
from shared.kernel.refusals import Refusal, SystemBusy
from shared.observability.tracing import CORRELATION_HEADER

log = structlog.get_logger()

QUERY_BYTES_MAX = 8_192
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_NUL = re.compile(rb"%00|\x00")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def new_app(title: str, verifier: TokenVerifier, routers: Iterable[Router]) -> FastAPI:
    """The HTTP application of a service. Nothing is served beside its routers: no documentation, no redirects."""
    app = FastAPI(
        title=title,
        version="1",
        routes=[route for router in routers for route in router.routes],  # included, each would be worked out anew
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.verifier = verifier
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_status)
    app.add_middleware(Admission)
    app.add_middleware(Edge)
    app.add_middleware(Watch)
    return app


class Edge:
    """ASGI middleware, inside of Watch. Whatever happens, a caller gets an answer of ours with its correlation."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FOR_MACHINES):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, scope)
        try:
            if _broken(scope):
                await answer.refuse(MalformedRequest(), scope, receive)
            else:
                await self._app(scope, receive, answer.send)
        except ConnectionFailure as error:
            log.warning("store.silent", error=type(error).__name__, method=scope["method"], route=route_of(scope))
            safe = scope["method"] in SAFE_METHODS
            await answer.refuse(SystemBusy() if safe else OutcomeUnknown(), scope, receive)
        except Exception:  # the edge's whole job: no fault of the program reaches a caller as anything but Failed
            log.exception("request.failed", method=scope["method"], route=route_of(scope))
            await answer.refuse(Failed(), scope, receive)


class _Answer:
    """Passes an answer on with our headers; an error without our form is replaced by a problem.

    What is asked by machines does not come here: a process that is not ready says of which loop, with status 503.
    """

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self._correlation: str = scope["tuan.correlation"]
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
            if self.status >= 400 and not headers.get("content-type", "").startswith(MEDIA_TYPE):
                await self._replace(message)
                return
            self._add(headers)
        if not self._replaced:
            await self._send(message)

    async def _replace(self, message: MutableMapping[str, Any]) -> None:
        self._replaced = True
        answer = problem(refusal_of_status(message["status"], self._scope), self._correlation)
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
