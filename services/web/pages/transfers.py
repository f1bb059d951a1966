"""The transfers of an organization: what waits for it, what it started, all (TRF-14)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.transfer import Card, Lists, Transfer, Transfers
from services.web.clients import Gap, Parameters, attempt
from services.web.pages.naming import names_of
from services.web.pages.reading import above, organization_of
from services.web.urls import Address
from services.web.view import View
from services.web.visit import OrganizationId, SignedIn, Visit

PAGE = 50
COUNTED = 100
TABS = ("waiting", "started", "all")
routes = APIRouter()


async def lists_of(visit: Visit) -> Lists:
    """Reasons and grounds; empty where transfer does not answer, so that a page still opens."""
    answer = await attempt(visit.services.transfer.get(Lists, "/v1/reference/transfers"))
    return Lists() if isinstance(answer, Gap) else answer


async def card_of(visit: Visit, transfer: str) -> Card:
    """Raises Refused (absent, or none of the asker's), SignedOut or Gap."""
    return await visit.services.transfer.get(Card, f"/v1/transfers/{transfer}")


async def waiting_for(visit: Visit, organization: str, limit: int) -> list[Transfer]:
    """What the organization has to decide, the nearest deadline first."""
    path = f"/v1/organizations/{organization}/transfers"
    found = await visit.services.transfer.get(Transfers, path, {"which": "waiting", "limit": limit})
    return by_deadline([row for row in found.items if row.turn])


def by_deadline(rows: list[Transfer]) -> list[Transfer]:
    """Those without a deadline last, in the order in which they came."""
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.requested_at))


@routes.get("/organizations/{organization}/transfers")
async def transfer_list(
    request: Request, organization: OrganizationId, visit: SignedIn, which: str = "waiting", cursor: str = ""
) -> Response:
    view: View = request.app.state.view
    tab = which if which in TABS else "waiting"
    path = f"/organizations/{organization}/transfers"
    query: Parameters = {"which": tab, "limit": PAGE, "cursor": cursor}
    card, rows, lists = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.transfer.get(Transfers, f"/v1{path}", query)),
        lists_of(visit),
    )
    shown = [] if isinstance(rows, Gap) else list(rows.items)
    return view.page(
        request,
        "transfers/list.html",
        card=card,
        rows=rows,
        shown=by_deadline(shown) if tab == "waiting" else shown,
        names=await names_of(visit, [row.person for row in shown]),
        lists=lists,
        tab=tab,
        tabs=TABS,
        address=Address(path, {"which": tab, "cursor": cursor}),
        crumbs=above(visit, card, "transfers"),
    )


@routes.get("/organizations/{organization}/transfers/count")
async def waiting_count(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    """The number beside the entry of the menu, asked for by each page after it is there."""
    view: View = request.app.state.view
    rows = await attempt(waiting_for(visit, organization, COUNTED))
    return view.page(request, "transfers/count.html", found=0 if isinstance(rows, Gap) else len(rows), most=COUNTED)
