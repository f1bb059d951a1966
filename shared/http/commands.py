"""What surrounds a command: the kernel's Request, made of the token, the idempotency key and the body."""

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request as HttpRequest

from shared.http.auth import CurrentPrincipal
from shared.http.problem import correlation_of
from shared.http.refusals import IdempotencyKeyNeeded
from shared.kernel.envelope import Request
from shared.kernel.ids import request_hash

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


async def command_key(http: HttpRequest) -> str:
    """The idempotency key, for commands of nobody yet. Raises IdempotencyKeyNeeded."""
    key = http.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyNeeded(field=KEY_HEADER)
    return key


CommandKey = Annotated[str, Depends(command_key)]
"""Parameter of a handler without a principal, whose use case makes the Request itself."""


async def command(http: HttpRequest, principal: CurrentPrincipal, key: CommandKey) -> Request:
    """The dependency of every command with a principal.

    The hash covers method, address, acting organization and JSON body, so that a key means one request. A form's
    files are read by the handler, which adds them with `with_content`.
    """
    body = None if _is_form(http) else await _json(http)
    parts = [http.method, http.url.path, http.url.query, principal.organization, body]
    return Request(principal.actor, key, request_hash(parts), correlation_of(http))


CommandRequest = Annotated[Request, Depends(command)]
"""Parameter of a handler: the surroundings of its command."""


def with_content(request: Request, fields: Mapping[str, str], *files: bytes) -> Request:
    """The request with a form's content in its hash: a repeat may use another boundary, but not another file."""
    parts = [request.body_hash, dict(fields), [sha256(file).hexdigest() for file in files]]
    return replace(request, body_hash=request_hash(parts))


def _is_form(http: HttpRequest) -> bool:
    kind = http.headers.get("content-type", "").lower()
    return kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded"))


async def _json(http: HttpRequest) -> object:
    return await http.json() if await http.body() else None
