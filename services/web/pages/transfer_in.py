"""Taking a member in: found by name and number, both exactly; then the reason (TRF-03, TRF-04)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Ticket
from services.web.answers.org import Organization
from services.web.clients import Done, Gap, Refused
from services.web.forms import CheckedForm, Form, Sheet, refused, typed, unanswered
from services.web.pages.organizations import status_of
from services.web.pages.reading import above, organization_of
from services.web.pages.sign_in import DOCUMENT_KINDS
from services.web.pages.transfers import lists_of
from services.web.view import View, go
from services.web.visit import AsAdmin, OrganizationId, Visit

WHOM = ("name", "document_kind", "number")
TYPED = ("ticket", "name", "reason", "note")
routes = APIRouter()


@routes.get("/organizations/{organization}/transfers/in")
async def in_page(request: Request, organization: OrganizationId, visit: AsAdmin) -> Response:
    card = await organization_of(visit, organization)
    return await show(request, visit, card, Sheet(values={"document_kind": DOCUMENT_KINDS[0]}))


@routes.post("/organizations/{organization}/transfers/in")
async def start_in(request: Request, organization: OrganizationId, visit: AsAdmin, form: CheckedForm) -> Response:
    """First whom; then why, with the ticket that member gave for them: the number is asked once and kept nowhere."""
    card = await organization_of(visit, organization)
    if form.text("ticket"):
        return await start(request, visit, card, form)
    body = {"name": form.text("name"), "number": form.text("number"), "document_kind": form.text("document_kind")}
    try:
        path = f"/v1/organizations/{organization}/transfer-tickets"
        found = await visit.services.member.send(Ticket, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, WHOM, no) if isinstance(no, Gap) else refused(form, WHOM, no.problem)
        return await show(request, visit, card, sheet, status=status_of(no))
    return await show(request, visit, card, Sheet(values={"ticket": found.ticket, "name": form.text("name")}))


async def start(request: Request, visit: Visit, card: Organization, form: Form) -> Response:
    path = f"/v1/organizations/{card.id}/transfers-in"
    body = {"ticket": form.text("ticket"), "reason": form.text("reason"), **form.filled(("note",))}
    try:
        done = await visit.services.transfer.send(Done, path, body, key=form.key)
    except Gap as gap:
        return await show(request, visit, card, unanswered(form, TYPED, gap), status=503)
    except Refused as no:
        return await show(request, visit, card, again(form, no), status=status_of(no))
    here, after = f"/transfers/{done.stream}", {"transfer": done.token}
    return go(request, here, "note.transfer_started", after=after, name=form.text("name"))


def again(form: Form, no: Refused) -> Sheet:
    """What is over is looked for once more; everything else leaves whom it is about as it was."""
    if no.problem.code == "ticket_over":
        values = typed(form, ("name",)) | {"document_kind": DOCUMENT_KINDS[0]}
        return Sheet(values=values, faults=tuple(no.problem.faults))
    return refused(form, TYPED, no.problem)


async def show(request: Request, visit: Visit, card: Organization, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    return view.page(
        request,
        "transfers/in.html",
        status=status,
        card=card,
        lists=await lists_of(visit),
        document_kinds=DOCUMENT_KINDS[:-1],
        sheet=sheet,
        crumbs=above(visit, card, "transfers"),
    )
