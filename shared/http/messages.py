"""Requests read strictly: JSON as RFC 8259 has it, flat enough, and without characters no form field can hold."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from shared.http.refusals import MalformedRequest

DEPTH_MAX = 16
_ESCAPED_NUL = b"\\u0000"


class StrictRequest(Request):
    """A request whose body raises MalformedRequest where a lenient parser would guess.

    Refused are NaN and infinities, broken UTF-8, lone surrogates, more than 16 levels of nesting and the character
    NUL, which some stores and programs take for the end of the text.
    """

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            try:
                value = orjson.loads(body)
            except orjson.JSONDecodeError as error:
                raise MalformedRequest from error
            if _too_deep(value) or (_ESCAPED_NUL in body and _has_nul(value)):
                raise MalformedRequest
            self._json = value
        return self._json

    async def _get_form(self, **limits: Any) -> FormData:
        form = await super()._get_form(**limits)
        for name, value in form.multi_items():
            text = value.filename or "" if isinstance(value, UploadFile) else value
            if "\x00" in name or "\x00" in text:
                raise MalformedRequest
        return form


class StrictRoute(APIRoute):
    """A route that reads its requests strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    keys = value if isinstance(value, dict) else ()
    return any(_has_nul(key) for key in keys) or any(_has_nul(child) for child in _children(value))


def _children(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()
