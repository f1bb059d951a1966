"""How the console asks the services: over httpx, with the user's token, and never trusting an answer's shape.

Three things can come of a call: the answer as a model of `answers`, a ``Refused`` with the service's problem, or a
``Gap`` where the service did not answer. A page shows a gap in its place and stays whole (architecture 7).
"""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx
import structlog
from pydantic import BaseModel, ValidationError, model_validator

from services.web.settings import SERVICES, WebSettings
from services.web.texts import language
from shared.observability.tracing import outgoing
from shared.runtime.tls import client_context

log = structlog.get_logger()

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
HEALTH_TIMEOUT = httpx.Timeout(2.0)
UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=2.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4.0)

Value = str | int | None | tuple[str, ...]
Query = Mapping[str, Value]
Parameters = dict[str, Value]
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Problem(BaseModel):
    """An answer of kind problem+json (shared/http): what was refused, by which rule, and the way out."""

    title: str = ""
    status: int = 500
    code: str = ""
    rule: str = ""
    way_out: str = ""
    detail_en: str = ""
    way_out_en: str = ""
    field: str | None = None
    params: dict[str, Any] = {}
    errors: list["Problem"] = []

    @model_validator(mode="after")
    def _in_the_language_of_the_request(self) -> Self:
        if language() == "en":
            self.title, self.way_out = self.detail_en or self.title, self.way_out_en or self.way_out
        return self

    @property
    def faults(self) -> list["Problem"]:
        """Each single fault: the problem itself where it does not list several."""
        return self.errors or [self]


class Refused(Exception):
    """A service said no. Nothing was changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class SignedOut(Exception):
    """The session is dead: signed out, timed out, or ended by somebody."""


@dataclass
class Gap(Exception):
    """A service that did not answer, or not in a way that can be shown, or that has no room at the moment (OPS-08).

    ``retry_after`` in seconds, if it said so, and ``problem`` is what it said. Whatever was sent may be sent again
    under its key.
    """

    service: str
    retry_after: int | None = None
    problem: Problem | None = None


async def attempt(call: Awaitable[T]) -> T | Gap:
    """The answer, or the gap in its place. Refusals still rise."""
    try:
        return await call
    except Gap as gap:
        return gap


@dataclass(frozen=True)
class Caller:
    """In whose name a call is made. ``read_after`` maps a service to consistency tokens of what was done.

    ``address`` and ``agent`` tell identity where somebody signs in from; it believes them from the console only.
    ``human`` is the pass that identity gave for a captcha, for what is done without an account.
    """

    token: str = ""
    organization: str = ""
    read_after: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    agent: str = ""
    human: str = ""

    def headers(self, service: str) -> dict[str, str]:
        headers = {"Accept": "application/json", **outgoing()}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.organization:
            headers["X-Acting-Organization"] = self.organization
        if self.address:
            headers["X-Client-Address"] = self.address
            headers["X-Client-Agent"] = self.agent
        if self.human:
            headers["X-Pass"] = self.human
        if service in self.read_after:
            headers["X-Read-After"] = self.read_after[service]
        return headers


class Done(BaseModel):
    """What a command answers: its stream and version, which make the consistency token."""

    stream: str = ""
    version: int = 0

    @property
    def token(self) -> str:
        return f"{self.stream}:{self.version}"


@dataclass(frozen=True)
class Service:
    """One service as seen by one caller."""

    name: str
    http: httpx.AsyncClient
    caller: Caller

    async def get(self, model: type[M], path: str, query: Query | None = None) -> M:
        """Raises Refused, SignedOut or Gap."""
        params = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        response = await self._send("GET", path, params=params)
        return self._read(model, response)

    async def health(self, model: type[M]) -> M:
        """What its process says of itself, ready or not. Raises Gap."""
        try:
            response = await self.http.get("/health/ready", timeout=HEALTH_TIMEOUT)
        except httpx.HTTPError as error:
            raise self._gap(error) from error
        return self._read(model, response)

    async def send(self, model: type[M], path: str, body: Mapping[str, Any], *, key: str, method: str = "POST") -> M:
        """A command. ``key`` is its Idempotency-Key, so that a form sent twice acts once."""
        response = await self._send(method, path, json=dict(body), headers={"Idempotency-Key": key})
        return self._read(model, response)

    async def upload(
        self, model: type[M], path: str, fields: Mapping[str, str], file: tuple[str, Any, str], *, key: str
    ) -> M:
        """A command with one file: (name, open file, content type)."""
        response = await self._send(
            "POST",
            path,
            data=dict(fields),
            files={"file": file},
            headers={"Idempotency-Key": key},
            timeout=UPLOAD_TIMEOUT,
        )
        return self._read(model, response)

    @asynccontextmanager
    async def download(self, path: str, query: Query | None = None) -> AsyncIterator[httpx.Response]:
        """A file, streamed: the caller reads ``aiter_bytes``."""
        params = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        try:
            async with self.http.stream(
                "GET", path, params=params, headers=self.caller.headers(self.name), timeout=UPLOAD_TIMEOUT
            ) as response:
                if response.is_error:
                    await response.aread()
                    self._refuse(response)
                yield response
        except httpx.HTTPError as error:
            raise self._gap(error) from error

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self.caller.headers(self.name) | options.pop("headers", {})
        try:
            response = await self.http.request(method, path, headers=headers, **options)
        except httpx.HTTPError as error:
            raise self._gap(error) from error
        if response.is_error:
            self._refuse(response)
        return response

    def _gap(self, error: httpx.HTTPError) -> Gap:
        log.warning("console.service.silent", service=self.name, error=type(error).__name__)
        return Gap(self.name)

    def _refuse(self, response: httpx.Response) -> None:
        """Raises what an answer of 400 or more means."""
        try:
            problem = Problem.model_validate_json(response.content)
        except ValidationError:
            problem = Problem(status=response.status_code)
        problem.status = response.status_code
        if response.status_code == httpx.codes.UNAUTHORIZED and self.caller.token:
            raise self._unproved()
        full = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
        if full or (response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and not problem.code):
            log.warning("console.service.failed", service=self.name, status=response.status_code, code=problem.code)
            retry = response.headers.get("retry-after", "")
            said = problem if problem.title else None
            raise Gap(self.name, int(retry) if retry.isdecimal() else None, said)
        raise Refused(problem)

    def _unproved(self) -> SignedOut | Gap:
        """Only identity knows that a session is over; any other service could not check the token that it was sent."""
        if self.name == "identity":
            return SignedOut()
        log.warning("console.token.refused", service=self.name)
        return Gap(self.name)

    def _read(self, model: type[M], response: httpx.Response) -> M:
        try:
            return model.model_validate_json(response.content or b"{}")
        except ValidationError as error:
            where = [".".join(map(str, item["loc"])) for item in error.errors(include_input=False)]
            log.warning("console.answer.unreadable", service=self.name, model=model.__name__, fields=where)
            raise Gap(self.name) from error


@dataclass(frozen=True)
class Services:
    """All services as seen by one caller."""

    identity: Service
    org: Service
    member: Service
    transfer: Service
    stats: Service
    relay: Service


class Clients:
    """The connections, one pool a service, for the life of the process."""

    def __init__(self, settings: WebSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        verify = client_context(settings.tls_dir) if settings.tls_dir else True
        self._pools = {
            name: httpx.AsyncClient(
                base_url=settings.address(name),
                timeout=TIMEOUT,
                limits=LIMITS,
                transport=transport,
                trust_env=False,
                verify=verify,
            )
            for name in SERVICES
        }

    def seen_by(self, caller: Caller) -> Services:
        return Services(**{name: Service(name, pool, caller) for name, pool in self._pools.items()})

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()
