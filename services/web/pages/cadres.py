"""The cadres of one organization: who holds which position (MEM-17, MEM-24)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Cadres
from services.web.answers.org import Admins
from services.web.clients import Gap, attempt
from services.web.pages.reading import above, organization_of
from services.web.urls import Address
from services.web.view import View
from services.web.visit import OrganizationId, SignedIn

PAGE = 50
routes = APIRouter()


@routes.get("/organizations/{organization}/cadres")
async def cadre_list(
    request: Request, organization: OrganizationId, visit: SignedIn, q: str = "", cursor: str = ""
) -> Response:
    view: View = request.app.state.view
    words = q.strip()[:50]
    path = f"/organizations/{organization}/cadres"
    card, rows, admins = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.member.get(Cadres, f"/v1{path}", {"q": words, "limit": PAGE, "cursor": cursor})),
        attempt(visit.services.org.get(Admins, f"/v1/organizations/{organization}/admins")),
    )
    return view.page(
        request,
        "cadres/list.html",
        card=card,
        rows=rows,
        words=words,
        admins=set() if isinstance(admins, Gap) else {admin.person for admin in admins.items},
        address=Address(path, {"q": words, "cursor": cursor}),
        crumbs=above(visit, card, "cadres"),
    )
