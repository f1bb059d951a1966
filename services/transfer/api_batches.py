"""The HTTP interface of batches (TRF-08)."""

from typing import Any

from services.transfer.api import Given, Parts, offered
from services.transfer.shapes_batches import BatchCard, BatchForm, BatchLine
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import AskedReadAfter, Done, Shown, done, shown
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso

router = Router("/v1")


class ShownBatch(BatchCard, Shown): ...


class ShownBatches(Page[BatchLine], Shown): ...


@router.post("/organizations/{organization}/transfer-batches", status_code=201)
@access(Access.WRITE, "the committee, working committee or general branch above both branches (TRF-08)")
async def start_batch(
    parts: Given, who: CurrentPrincipal, request: CommandRequest, organization: str, form: BatchForm
) -> Done:
    await parts.authority.require_write(who, organization)
    note = offered(parts, form)
    asked = await parts.batches.request(
        request, organization, form.from_branch, form.to, form.people, form.reason, note
    )
    return done(asked)


@router.get("/organizations/{organization}/transfer-batches")
@access(Access.READ, "the organization (TRF-08)")
async def batches(
    parts: Given,
    who: CurrentPrincipal,
    organization: str,
    after: AskedReadAfter,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> ShownBatches:
    fresh = await _shown_when(parts, after)
    page = await parts.batch_views.of_organization(who, organization, limit, cursor)
    return ShownBatches(**dict(page), **fresh)


@router.get("/transfer-batches/{batch}")
@access(Access.READ, "the organization that asked for it (TRF-08)")
async def batch(parts: Given, who: CurrentPrincipal, batch: str, after: AskedReadAfter) -> ShownBatch:
    fresh = await _shown_when(parts, after)
    return ShownBatch(**dict(await parts.batch_views.card(who, batch)), **fresh)


async def _shown_when(parts: Parts, after: AskedReadAfter) -> dict[str, Any]:
    """Waits for the read model of batches."""
    return {"fresh": await shown(await parts.batch_list.current(), after), "as_of": iso(parts.clock.now())}
