"""Admins of an organization: who they are, appointing from its cadres, revoking (ADM-01, ADM-04, ADM-05)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Cadres
from services.web.answers.org import Admins
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Sheet, refused, unanswered
from services.web.pages.naming import named
from services.web.pages.reading import above, organization_of
from services.web.view import View, go
from services.web.visit import OrganizationId, PersonId, SignedIn, Visit

CADRES_SHOWN = 100
routes = APIRouter()


async def show(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    card, admins, cadres = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.org.get(Admins, f"/v1/organizations/{organization}/admins")),
        attempt(visit.services.member.get(Cadres, f"/v1/organizations/{organization}/cadres", {"limit": CADRES_SHOWN})),
    )
    holders = [] if isinstance(admins, Gap) else [admin.person for admin in admins.items]
    records = await named(visit, holders)
    return view.page(
        request,
        "admins/list.html",
        status=status,
        card=card,
        admins=admins,
        cadres=cadres,
        records=records,
        holders=holders,
        sheet=sheet,
        crumbs=above(visit, card, "admins"),
    )


@routes.get("/organizations/{organization}/admins")
async def admin_list(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await show(request, visit, organization, Sheet())


@routes.post("/organizations/{organization}/admins")
async def appoint(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    path = f"/v1/organizations/{organization}/admins"
    try:
        done = await visit.services.org.send(Done, path, {"person": form.text("person")}, key=form.key)
    except Refused as refusal:
        status = max(refusal.problem.status, 400)
        return await show(request, visit, organization, refused(form, (), refusal.problem), status=status)
    except Gap as gap:
        return await show(request, visit, organization, unanswered(form, (), gap), status=503)
    return go(
        request,
        f"/organizations/{organization}/admins",
        "note.appointed",
        after={"org": done.token},
        name=form.text("name"),
    )


@routes.get("/organizations/{organization}/admins/{person}/revoke")
async def revoke_dialog(request: Request, organization: OrganizationId, person: PersonId, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    card = await organization_of(visit, organization)
    records = await named(visit, [person])
    return view.page(request, "admins/revoke.html", card=card, person=person, record=records.get(person), sheet=Sheet())


@routes.post("/organizations/{organization}/admins/{person}/revoke")
async def revoke(
    request: Request,
    organization: OrganizationId,
    person: PersonId,
    visit: SignedIn,
    form: CheckedForm,
) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/admins/{person}"
    try:
        done = await visit.services.org.send(Done, path, {}, key=form.key, method="DELETE")
    except (Refused, Gap) as no:
        card = await organization_of(visit, organization)
        records = await named(visit, [person])
        sheet = unanswered(form, (), no) if isinstance(no, Gap) else refused(form, (), no.problem)
        status = 503 if isinstance(no, Gap) else max(no.problem.status, 400)
        return view.page(
            request,
            "admins/revoke.html",
            status=status,
            card=card,
            person=person,
            record=records.get(person),
            sheet=sheet,
        )
    return go(
        request,
        f"/organizations/{organization}/admins",
        "note.revoked",
        after={"org": done.token},
        name=form.text("name"),
    )
