"""The protocol's side of transfer: what the systems of 北京, 广东 and 福建 call (TRF-17, BEY-08; docs/exchange.md).

No token: a message proves itself by its signature, and so does every answer but a refusal.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from services.transfer.exchange.daily import DailyWork, own_page
from services.transfer.exchange.gate import Admitted, Gate
from services.transfer.exchange.protocol import (
    PAGE_MAX,
    PREFIX,
    Decision,
    Directory,
    Keys,
    KeysTaken,
    Offer,
    Outcome,
    Receipt,
    Reconciled,
    Reconciliation,
    Standing,
)
from services.transfer.exchange.receiving import Receiving
from services.transfer.projections.directory import OwnDirectory
from shared.http.routes import Access, Router, access

router = Router(PREFIX)

SIGNED = "another system, by its signature (BEY-08)"
RECONCILIATION_BYTES_MAX = 512 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the handlers work with; the composition root puts it on the application."""

    gate: Gate
    receiving: Receiving
    daily: DailyWork
    directory: OwnDirectory


async def _exchange(http: HttpRequest) -> Exchange:
    parts: Exchange = http.app.state.exchange
    return parts


Given = Annotated[Exchange, Depends(_exchange)]


async def _admitted(http: HttpRequest, parts: Given) -> Admitted:
    return await parts.gate.admit(http)


Proven = Annotated[Admitted, Depends(_admitted)]


def _takes(message: type[BaseModel]) -> dict[str, Any]:
    """The body in the document: it is read from the bytes that are signed, so the framework does not see it."""
    schema = message.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/offers", response_model=Receipt, openapi_extra=_takes(Offer))
@access(Access.PUBLIC, SIGNED)
async def exchange_offer(parts: Given, came: Proven) -> Response:
    """Somebody is offered to one of our organizations."""
    return await parts.gate.answer(came, await parts.receiving.offer(came, came.read(Offer)))


@router.post("/decisions", response_model=Receipt, openapi_extra=_takes(Decision))
@access(Access.PUBLIC, SIGNED)
async def exchange_decision(parts: Given, came: Proven) -> Response:
    """What they decided about an offer of ours."""
    return await parts.gate.answer(came, await parts.receiving.decision(came, came.read(Decision)))


@router.post("/outcomes", response_model=Receipt, openapi_extra=_takes(Outcome))
@access(Access.PUBLIC, SIGNED)
async def exchange_outcome(parts: Given, came: Proven) -> Response:
    """How an offer of theirs ended."""
    return await parts.gate.answer(came, await parts.receiving.outcome(came, came.read(Outcome)))


@router.get("/transfers/{transfer}", response_model=Standing)
@access(Access.PUBLIC, SIGNED)
async def exchange_standing(
    parts: Given, came: Proven, transfer: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]
) -> Response:
    """How a transfer between the two stands here."""
    return await parts.gate.answer(came, await parts.receiving.standing(came, transfer))


@router.get("/directory", response_model=Directory)
@access(Access.PUBLIC, SIGNED)
async def exchange_directory(parts: Given, came: Proven, since: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Our organizations that take people in, changed behind a version."""
    rows, version = await parts.directory.behind(since, PAGE_MAX)
    return await parts.gate.answer(came, own_page(rows, version))


@router.post(
    "/reconciliations",
    response_model=Reconciled,
    openapi_extra=_takes(Reconciliation),
    max_body_size=RECONCILIATION_BYTES_MAX,
)
@access(Access.PUBLIC, SIGNED)
async def exchange_reconciliation(parts: Given, came: Proven) -> Response:
    """Whom of those who crossed we have."""
    return await parts.gate.answer(came, await parts.daily.reconciled(came.system, came.read(Reconciliation)))


@router.post("/keys", response_model=KeysTaken, openapi_extra=_takes(Keys))
@access(Access.PUBLIC, SIGNED)
async def exchange_keys(parts: Given, came: Proven) -> Response:
    """Their keys from now on."""
    return await parts.gate.answer(came, await parts.receiving.keys(came, came.read(Keys)))
