"""Approving many transfers at once: each one its own command, with its own outcome (TRF-05, TRF-07)."""

import asyncio
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.transfer import Transfer, Transfers
from services.web.clients import Done, Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet
from services.web.pages.naming import names_of
from services.web.pages.reading import down_to, organization_of
from services.web.view import View
from services.web.visit import OrganizationId, SignedIn, Visit

MOST, AT_ONCE, NAMED_MAX = 50, 8, 200
routes = APIRouter()


@dataclass(frozen=True)
class Outcome:
    """`said` is what stood against it, None where it was done, a Gap where nobody knows; `step` whose step was seen."""

    transfer: str
    row: Transfer | None
    said: Problem | Gap | None
    step: str


@routes.post("/organizations/{organization}/transfers/approve")
async def approve_many(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """Sent once more under the same key, nothing is done twice."""
    view: View = request.app.state.view
    chosen = [value for value in form.data.getlist("transfer") if isinstance(value, str)][:MOST]
    query: Parameters = {"which": "waiting", "limit": NAMED_MAX}
    card, waiting = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.transfer.get(Transfers, f"/v1/organizations/{organization}/transfers", query)),
    )
    known = {} if isinstance(waiting, Gap) else {row.transfer: row for row in waiting.items}
    gate = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(*(approve(visit, each, form, known.get(each), gate) for each in chosen))
    return view.page(
        request,
        "transfers/approved.html",
        card=card,
        outcomes=outcomes,
        done=sum(each.said is None for each in outcomes),
        names=await names_of(visit, [each.row.person for each in outcomes if each.row]),
        sheet=Sheet(key=form.key),
        crumbs=down_to(visit, card, "transfers"),
    )


async def approve(visit: Visit, transfer: str, form: Form, row: Transfer | None, gate: asyncio.Semaphore) -> Outcome:
    step = form.text(f"step-{transfer}")
    body = {"organization": step} if step else {}
    async with gate:
        try:
            each = str(uuid5(NAMESPACE_URL, f"{form.key}/{transfer}"))
            await visit.services.transfer.send(Done, f"/v1/transfers/{transfer}/approval", body, key=each)
        except Refused as no:
            return Outcome(transfer, row, no.problem, step)
        except Gap as gap:
            return Outcome(transfer, row, gap, step)
        return Outcome(transfer, row, None, step)
