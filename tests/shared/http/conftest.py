"""A small service behind the real edge."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import httpx
import pytest
import structlog
from fastapi import File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from pymongo.errors import AutoReconnect
from starlette.responses import PlainTextResponse, Response

from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest, with_content
from shared.http.consistency import AskedReadAfter
from shared.http.edge import new_app
from shared.http.paging import CursorText, Limit
from shared.http.routes import Access, Router, access
from shared.kernel.clock import ManualClock
from shared.kernel.refusals import ChangedMeanwhile, FormFaulty
from shared.testing.tokens import Issuer

PERSON = "person-6f0c1f0e-58c5-5a57-9d0b-1c52a6a1f7d0"
ORGANIZATION = "organization-6f0c1f0e-58c5-5a57-9d0b-1c52a6a1f7d1"
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=10)
    colour: Colour = Colour.RED
    count: int = Field(default=1, ge=1, le=9)
    tags: list[str] = []
    anything: Any = None


router = Router(prefix="/v1")


@router.get("/open")
@access(Access.PUBLIC, "a test needs an open route")
async def open_() -> dict[str, str]:
    return {"ok": "yes"}


@router.get("/me")
@access(Access.SELF, "the token")
async def me(principal: CurrentPrincipal) -> dict[str, Any]:
    return {"id": principal.id, "central": principal.central, "organization": principal.organization}


@router.get("/guarded/{thing}")
@access(Access.READ, "the thing")
async def guarded(thing: str) -> dict[str, str]:
    return {"thing": thing}


@router.post("/things")
@access(Access.SIGNED_IN, "a test")
async def make(thing: Thing, request: CommandRequest) -> dict[str, Any]:
    return {"name": thing.name, "key": request.key, "hash": request.body_hash, "correlation": request.correlation}


@router.post("/empty")
@access(Access.SIGNED_IN, "a test")
async def empty(request: CommandRequest) -> dict[str, str]:
    return {"hash": request.body_hash}


@router.post("/files", max_body_size=200_000)
@access(Access.SIGNED_IN, "a test")
async def upload(
    note: Annotated[str, Form()], file: Annotated[UploadFile, File()], request: CommandRequest
) -> dict[str, Any]:
    content = await file.read()
    return {"size": len(content), "hash": with_content(request, {"note": note}, content).body_hash}


@router.get("/list")
@access(Access.SIGNED_IN, "a test")
async def list_(after: AskedReadAfter, limit: Limit = 50, cursor: CursorText = None) -> dict[str, Any]:
    return {"limit": limit, "cursor": cursor, "after": [[each.stream, each.version] for each in after]}


@router.get("/fault/{kind}")
@access(Access.PUBLIC, "a test")
async def fault(kind: str) -> Response:
    match kind:
        case "refusal":
            raise ChangedMeanwhile
        case "form":
            raise FormFaulty([ChangedMeanwhile(field="a"), ChangedMeanwhile(field="b")])
        case "program":
            raise ValueError("张三 11010119900307123X")
        case "store":
            raise AutoReconnect("mongodb://user:secret@10.0.0.1")
        case _:
            return PlainTextResponse("secret", status_code=502)


@router.post("/fault/store")
@access(Access.PUBLIC, "a test")
async def fault_on_write() -> None:
    raise AutoReconnect("mongodb://user:secret@10.0.0.1")


@pytest.fixture(autouse=True, scope="package")
def _quiet() -> Iterator[None]:
    """Unconfigured, structlog draws every traceback with all locals, for seconds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("CRITICAL"))
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


@pytest.fixture
def issuer(clock: ManualClock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
async def client(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    app = new_app("test", issuer.verifier(), [router])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
