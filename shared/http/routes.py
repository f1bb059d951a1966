"""Routes that say who may. One that does not say it cannot be made; one that is not public cannot forget the token."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, params
from fastapi.routing import iter_route_contexts

from shared.http.auth import principal
from shared.http.messages import StrictRoute

F = TypeVar("F", bound=Callable[..., Any])

BODY_BYTES_MAX = 64 * 1024
_MARK = "__tuan_access__"


class Access(StrEnum):
    """Who may use a route."""

    PUBLIC = "public"  # anyone, without a token
    SIGNED_IN = "signed_in"  # anyone with a token: directory data, reference data
    SELF = "self"  # the principal's own things, named by the token and not by the request
    READ = "read"  # who administers or holds a post in the scope or above it
    WRITE = "write"  # who administers the scope or its direct superior
    DUTY = "duty"  # a duty: a right with a reach of its own (ADM-08)
    OPERATOR = "operator"  # central operators: those who run the system, known by their token


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route says: who may, and in which scope or why."""

    access: Access
    about: str


class RouteWithoutAccess(TypeError):
    """A route does not say who may use it."""


def access(who: Access, about: str) -> Callable[[F], F]:
    """Marks a handler, below the router's decorator: who may, and which scope decides (or why it is public).

    For all but PUBLIC the token is checked before the handler runs. READ, WRITE and DUTY are then decided by the use
    case through `Authority`; the mark is the promise that tests hold it to.
    """

    def mark(handler: F) -> F:
        setattr(handler, _MARK, Declared(who, about))
        return handler

    return mark


class Router(APIRouter):
    """An APIRouter whose routes are strict about bodies, bounded in size, and declare their access."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix=prefix, route_class=StrictRoute, max_body_size=BODY_BYTES_MAX)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """As the base; raises RouteWithoutAccess. `max_body_size` of a route goes before the router's."""
        declared = declared_by(endpoint)
        if declared is None or not declared.about:
            raise RouteWithoutAccess(f"{path}: mark {endpoint.__qualname__} with @access(Access..., about)")
        if declared.access is not Access.PUBLIC:
            given: Sequence[params.Depends] = options.get("dependencies") or ()
            options["dependencies"] = [Depends(principal), *given]
        described = {"x-access": declared.access.value, "x-access-about": declared.about}
        options["openapi_extra"] = (options.get("openapi_extra") or {}) | described
        super().add_api_route(path, endpoint, **options)


def declared_by(endpoint: Any) -> Declared | None:
    found = getattr(endpoint, _MARK, None)
    return found if isinstance(found, Declared) else None


def declarations(app: FastAPI) -> Iterator[tuple[str, str, Declared | None]]:
    """(method, path, what it declares) of every route of an application, however it was added."""
    for context in iter_route_contexts(app.routes):
        for method in sorted(context.methods or {"*"}):
            yield method, str(context.path), declared_by(context.endpoint)


def assert_all_routes_declare_access(app: FastAPI, public: frozenset[str] = frozenset()) -> None:
    """For each service's tests (P12): no route without a declaration, and none public but `METHOD /path` of `public`.

    The routes for the machines that look after the process (/health, /metrics) are the only ones left out.
    """
    found = [(f"{m} {p}", d) for m, p, d in declarations(app) if not p.startswith(("/health/", "/metrics"))]
    silent = [route for route, declared in found if declared is None]
    opened = {route for route, declared in found if declared is not None and declared.access is Access.PUBLIC}
    if silent or opened != set(public):
        raise AssertionError(f"without access: {silent}; public but not listed, or listed in vain: {opened ^ public}")
