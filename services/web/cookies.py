"""The console's cookies (X08): all ``__Host-``, Secure, HttpOnly, SameSite=Lax, so no other host can set or read them.

Lax and not Strict, because addresses of pages are passed on between colleagues; every unsafe route checks the origin
and a token besides, and no GET changes anything.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

SESSION = "__Host-tuan_session"  # the opaque session of identity
VISIT = "__Host-tuan_visit"  # a random secret that form tokens are made from
ACTING = "__Host-tuan_acting"  # the organization chosen; what it allows is decided by the services
DEVICE = "__Host-tuan_device"  # that somebody signed in from here before: strangers' wrong tries do not lock them out
DEVICE_SECONDS = 180 * 86_400
LANGUAGE = "__Host-tuan_language"  # chosen by hand; a browser's own language does not count
LANGUAGE_SECONDS = 365 * 86_400
HUMAN = "__Host-tuan_human"  # that a captcha was answered a moment ago, for who applies without an account
HUMAN_SECONDS = 1_800
NOTE = "__Host-tuan_note"  # what the last command did, for the next page only
NOTE_SECONDS = 30


def put(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def drop(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """A token for one page: another each time, so that compression cannot give it away."""
    salt = secrets.token_urlsafe(12)
    return f"{salt}.{_sign(secret, salt)}"


def is_form_token(secret: str, token: str) -> bool:
    salt, _, signature = token.partition(".")
    return bool(secret) and hmac.compare_digest(_sign(secret, salt).encode(), signature.encode())


def _sign(secret: str, salt: str) -> str:
    digest = hmac.new(secret.encode(), salt.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


class Note(BaseModel):
    """Says on the next page what was done (a text id with values) and which state its reads must have reached.

    `tone` is `success`, or `warning` where it was not done.
    """

    text: str = ""
    tone: str = "success"
    values: dict[str, str | int] = {}
    after: dict[str, str] = {}


def write_note(response: Response, note: Note) -> None:
    put(response, NOTE, urlsafe_b64encode(orjson.dumps(note.model_dump())).decode(), seconds=NOTE_SECONDS)


def read_note(request: Request) -> Note:
    """The note of the last command; an empty one if there is none or it cannot be read."""
    try:
        return Note.model_validate_json(urlsafe_b64decode(request.cookies.get(NOTE, "")))
    except (ValidationError, ValueError):
        return Note()


def visit_secret(request: Request) -> str:
    """The secret this browser's form tokens are made from; made now if the browser has none."""
    known: str | None = request.cookies.get(VISIT) or getattr(request.state, "new_visit", None)
    if known:
        return known
    request.state.new_visit = new_secret()
    return str(request.state.new_visit)


def keep_visit(request: Request, response: Response) -> None:
    """Sends the secret along if it was made for this request."""
    made: str | None = getattr(request.state, "new_visit", None)
    if made:
        put(response, VISIT, made)


def only_text(values: Mapping[str, object]) -> dict[str, str | int]:
    """The values of a note: text and numbers."""
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
