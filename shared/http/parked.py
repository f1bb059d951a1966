"""Routes by which central operators see what a service has parked and decide about it (P5)."""

from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.refusals import OnlyCentralOperators
from shared.http.routes import Access, Router, access
from shared.http.tokens import Principal
from shared.messaging.parked import Parked

log = structlog.get_logger()

RecordId = Annotated[str, Path(max_length=64)]


async def _central(who: CurrentPrincipal) -> Principal:
    """Raises OnlyCentralOperators. Their right is no grant, so no copy of the rights has to be recent."""
    if not who.central:
        raise OnlyCentralOperators
    return who


CentralOperator = Annotated[Principal, Depends(_central)]


class DropBody(BaseModel):
    """Why a record is given up for good; whoever audits it reads this."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reason: Annotated[str, Field(min_length=2, max_length=200)]


def parked_router(parked: Parked) -> Router:
    """The routes, for a service that has reactions. A record is named by the id of its event.

    The commands need no memory of their keys: a record is dropped once, and a retry that is asked for twice is one.
    """
    router = Router("/v1/parked")

    @router.get("")
    @access(Access.OPERATOR, "what this service could not handle (P5)")
    async def list_parked(_who: CentralOperator) -> dict[str, Any]:
        items = [asdict(line) for line in await parked.lines()]
        return {"items": items, "next": None, "total": len(items)}

    @router.post("/{record}/retry", status_code=202)
    @access(Access.OPERATOR, "what this service could not handle (P5)")
    async def retry_parked(record: RecordId, who: CentralOperator, _request: CommandRequest) -> dict[str, Any]:
        await parked.ask_retry(record, who.id)
        log.info("reaction.retry_asked", first=record)
        return {}

    @router.post("/{record}/drop")
    @access(Access.OPERATOR, "what this service could not handle (P5)")
    async def drop_parked(
        record: RecordId, body: DropBody, who: CentralOperator, _request: CommandRequest
    ) -> dict[str, Any]:
        await parked.drop(record, who.id, body.reason)
        log.warning("reaction.dropped", first=record)
        return {}

    return router
