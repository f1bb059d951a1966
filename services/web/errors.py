"""Pages for what went wrong: no right, not found, refused, busy, a silent service, a fault.

Where htmx waits for a part, the part says it; where it waits for a list of a whole page, the page's body is replaced.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote, unquote, urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response
from starlette.routing import Match

from services.web import cookies
from services.web.clients import Gap, Problem, Refused, SignedOut
from services.web.forms import FIELDS_MAX, Again, ForgedForm, resendable
from services.web.guard import FOREIGN, HEADERS, SAFE_METHODS
from services.web.view import View, go, is_part_wanted, safe_next
from shared.http.problem import body_of
from shared.http.refusals import SystemFull

log = structlog.get_logger()
Handler = Callable[[Request, Exception], Awaitable[Response]]

KINDS = {401: "forbidden", 403: "forbidden", 404: "not_found", 429: "busy", 503: "busy"}


def failure(
    request: Request,
    kind: str,
    *,
    status: int,
    problem: Problem | None = None,
    gap: Gap | None = None,
    again: Again | None = None,
) -> Response:
    view: View = request.app.state.view
    template = "error_part.html" if is_part_wanted(request) else "error.html"
    response = view.page(
        request,
        template,
        status=status,
        kind=kind,
        problem=problem,
        gap=gap,
        again=again,
        number=request.scope.get("tuan.correlation", ""),
        bare=not hasattr(request.state, "visit"),
    )
    if "hx-request" in request.headers and not is_part_wanted(request):
        response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML"
    if gap and gap.retry_after:
        response.headers["Retry-After"] = str(gap.retry_after)
    return response


async def on_signed_out(request: Request, _: Exception) -> Response:
    """To the sign-in, which says why, and from there back to the page that was asked for, or whose form was sent.

    The cookie stays: by the time the browser reads this it may hold the next session, of another tab that signed in or
    changed the password meanwhile. What is over opens nothing. Who asked to be signed out is; who asks for a page
    without a session had none.
    """
    if request.url.path == "/sign-out":
        return go(request, "/sign-in")
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    is_page = request.method in SAFE_METHODS and "hx-request" not in request.headers
    told = {"next": asked if is_page else page_before(request)}
    if not is_page or cookies.SESSION in request.cookies:
        told["ended"] = "page" if request.method in SAFE_METHODS else "form"
    told = {name: value for name, value in told.items() if value}
    return go(request, f"/sign-in?{urlencode(told, quote_via=quote, safe='')}")


def page_before(request: Request) -> str:
    """The page of this console that sent the request, by its Referer; empty where it is none that can be opened."""
    ours = (request.headers.get("origin") or str(request.base_url)).rstrip("/")
    came_from = request.headers.get("referer", "")
    path = came_from.removeprefix(ours)
    if path == came_from or path != safe_next(path):
        return ""
    opened = {**request.scope, "method": "GET", "path": unquote(path.partition("?")[0])}
    can_be_opened = any(route.matches(opened)[0] is Match.FULL for route in request.app.routes)
    return path if can_be_opened else ""


async def on_kept_out(request: Request, kind: str, status: int) -> Response:
    """The page of what the guard refused.

    To the request of a foreign page the browser adds no cookies, and gets none: a new secret would void every form that
    is open here.
    """
    response = failure(request, kind, status=status)
    if kind == FOREIGN:
        del response.headers["set-cookie"]
    return response


async def on_refused(request: Request, error: Exception) -> Response:
    problem = error.problem if isinstance(error, Refused) else Problem()
    return failure(request, KINDS.get(problem.status, "refused"), status=max(problem.status, 400), problem=problem)


async def on_gap(request: Request, error: Exception) -> Response:
    """What was posted comes back as a form to send again under the same key: it acts once, whatever became of it."""
    gap = error if isinstance(error, Gap) else None
    return failure(request, "whole_gap", status=503, gap=gap, again=await posted(request))


async def on_full(request: Request, full: SystemFull) -> Response:
    """The console itself has no room: nothing was asked of a service yet."""
    problem = Problem.model_validate(body_of(full))
    is_upload = request.headers.get("content-type", "").startswith("multipart/")
    again = Again((), whole=False) if is_upload else await posted(request)
    response = failure(request, "busy", status=problem.status, problem=problem, again=again)
    response.headers["Retry-After"] = str(full.params["seconds"])
    return response


async def posted(request: Request) -> Again | None:
    """What was posted, to be sent again; None where nothing was, or where something in it cannot be given back."""
    if request.method in SAFE_METHODS:
        return None
    try:
        return resendable(await request.form(max_files=2, max_fields=FIELDS_MAX))
    except (HTTPException, MultiPartException):
        return None


async def on_forged(request: Request, _: Exception) -> Response:
    log.warning("console.form.forged", path=route_of(request))
    return failure(request, "forged", status=403)


async def on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return failure(request, "not_found" if status < 500 else "fault", status=status)


async def on_bad_address(request: Request, _: Exception) -> Response:
    return failure(request, "not_found", status=404)


async def on_fault(request: Request, error: Exception) -> Response:
    log.error("console.fault", path=route_of(request), exc_info=error)
    response = failure(request, "fault", status=500)
    # Made outside of the guard, which therefore does not dress it.
    response.headers.update(HEADERS | {"Cache-Control": "no-store"})
    return response


def route_of(request: Request) -> str:
    """The route's pattern, never the address: some hold a ticket, which is a secret (ADR 0023)."""
    return str(getattr(request.scope.get("route"), "path", "none"))


def install(app: FastAPI) -> None:
    handlers: dict[type[Exception], Handler] = {
        SignedOut: on_signed_out,
        Refused: on_refused,
        Gap: on_gap,
        ForgedForm: on_forged,
        HTTPException: on_http,
        RequestValidationError: on_bad_address,
        Exception: on_fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
