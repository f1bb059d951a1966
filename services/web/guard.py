"""What every request passes before a page sees it: size, origin, language, and the headers of every answer (X08).

Pure ASGI, so that bodies and downloads stream through.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.cookies import LANGUAGE
from services.web.texts import speak

log = structlog.get_logger()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_BYTES_MAX = 256 * 1024
UPLOAD_BYTES_MAX = 11 * 1024 * 1024  # an approval document has 10 MiB (ORG-05), the rest is the form around it
FOREIGN, TOO_LONG, TOO_LARGE = "foreign", "too_long", "too_large"
Answer = Callable[[Request, str, int], Awaitable[Response]]
# Tabler's ticks and the captcha are data images; the captcha that is heard is data too, since it is kept nowhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class BodyTooLarge(Exception):
    """More bytes than any form of the console sends."""


class Guard:
    """Refuses bodies that are too large and unsafe requests that do not come from the console's own pages.

    ``origin`` is the only one allowed; empty means the host the request was sent to, which is right on one machine.
    ``answer`` makes the page of a refusal from its kind and status.
    """

    def __init__(self, app: ASGIApp, *, answer: Answer, origin: str = "") -> None:
        self._app = app
        self._answer = answer
        self._origin = origin.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        speak(Request(scope).cookies.get(LANGUAGE))
        dressed = self._dress(scope, send)
        if scope["method"] not in SAFE_METHODS and not self._is_own(headers):
            log.warning("console.origin.refused", path=scope["path"])
            await self._refuse(FOREIGN, 403, scope, receive, dressed)
            return
        is_upload = headers.get("content-type", "").startswith("multipart/form-data")
        kind, allowed = (TOO_LARGE, UPLOAD_BYTES_MAX) if is_upload else (TOO_LONG, FORM_BYTES_MAX)
        announced = headers.get("content-length", "")
        try:
            if announced.isdecimal() and int(announced) > allowed:
                raise BodyTooLarge
            await self._app(scope, _counted(receive, allowed), dressed)
        except BodyTooLarge:
            await self._refuse(kind, 413, scope, receive, dressed)

    async def _refuse(self, kind: str, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope), kind, status)
        await response(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        came_from = headers.get("origin", "")
        if self._origin:
            return came_from == self._origin
        return bool(came_from) and urlsplit(came_from).netloc == headers.get("host")

    def _dress(self, scope: Scope, send: Send) -> Send:
        is_asset = scope["path"].startswith("/static/")

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if self._origin.startswith("https://"):
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if not is_asset:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        return dressed


def _counted(receive: Receive, allowed: int) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > allowed:
            raise BodyTooLarge
        return message

    return counted
