"""How a refusal looks on the wire: application/problem+json, and the only table from kinds to status numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from shared.http.refusals import (
    BodyTooLarge,
    Failed,
    InvalidField,
    MalformedRequest,
    MethodNotOffered,
    NothingHere,
    Unauthenticated,
)
from shared.http.validation import sentence_of
from shared.http.watch import route_of
from shared.kernel.refusals import FormFaulty, Kind, Refusal

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
KIB = 1024
MIB = 1024 * KIB

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.ABSENT: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.RULE: 422,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
}

_BY_STATUS: Mapping[int, type[Refusal]] = {
    401: Unauthenticated,
    404: NothingHere,
    405: MethodNotOffered,
}


def body_of(refusal: Refusal) -> dict[str, Any]:
    """The members of a problem; `errors` holds one of the same shape for each fault of a form."""
    faults = refusal.faults if isinstance(refusal, FormFaulty) else ()
    return {
        "type": "about:blank",
        "title": refusal.sentence(),
        "status": status_of(refusal),
        "code": refusal.code,
        "rule": refusal.rule,
        "detail_en": refusal.sentence("en"),
        "way_out": refusal.advice(),
        "way_out_en": refusal.advice("en"),
        "field": refusal.field,
        "params": refusal.params,
        "errors": [body_of(fault) for fault in faults],
    }


def status_of(refusal: Refusal) -> int:
    if isinstance(refusal, Failed):
        return 500
    if isinstance(refusal, MethodNotOffered):
        return 405
    return STATUS[refusal.kind]


def problem(refusal: Refusal, correlation: str = "") -> Response:
    """The answer. A throttled caller learns from parameter `seconds` when to come again."""
    headers = {}
    if refusal.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.kind in (Kind.THROTTLED, Kind.UNAVAILABLE) and not isinstance(refusal, Failed):
        headers["Retry-After"] = str(refusal.params.get("seconds", RETRY_SECONDS))
    body = body_of(refusal) | ({"correlation": correlation} if correlation else {})
    content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status_of(refusal), headers, MEDIA_TYPE)


def refusal_of_status(status: int, scope: Scope) -> Refusal:
    """What a framework's bare status means here."""
    if status >= 500:
        return Failed()
    if status == STATUS[Kind.TOO_LARGE]:
        return BodyTooLarge(limit=_size(scope["route"].max_body_size))
    return _BY_STATUS.get(status, MalformedRequest)()


def _size(count: int) -> str:
    """A number of bytes as a person reads it; what a form around a file adds to its limit goes unsaid."""
    return f"{count // MIB} MiB" if count >= MIB else f"{count // KIB} KiB"


def refusal_of_faults(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    """Of pydantic's findings: one fault for each, without what was typed."""
    if any(error["type"] == "json_invalid" for error in errors):
        return MalformedRequest()
    faults = [_fault(error) for error in errors]
    return faults[0] if len(faults) == 1 else FormFaulty(faults)


def _fault(error: Mapping[str, Any]) -> Refusal:
    place, *path = error["loc"]
    zh, en = sentence_of(error["type"], error.get("ctx") or {})
    return InvalidField(field=".".join(map(str, path)) or str(place), problem=zh, problem_en=en)


async def on_refusal(request: Request, error: Exception) -> Response:
    """For FastAPI: a Refusal from anywhere."""
    assert isinstance(error, Refusal)  # noqa: S101 - registered for nothing else
    log.info("request.refused", code=error.code, rule=error.rule, method=request.method, route=route_of(request.scope))
    return problem(error, correlation_of(request))


async def on_validation(request: Request, error: Exception) -> Response:
    """For FastAPI: a request that does not fit its model."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    return problem(refusal_of_faults(error.errors()), correlation_of(request))


async def on_status(request: Request, error: Exception) -> Response:
    """For FastAPI: its own bare refusals (no such route, body too large)."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return problem(refusal_of_status(error.status_code, request.scope), correlation_of(request))


def correlation_of(request: Request) -> str:
    """The id under which everything of this request is logged; set by the edge."""
    return str(request.scope.get("tuan.correlation", ""))
