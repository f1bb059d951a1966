"""Registering as an admin by a code, and what became of it; for who has no account yet (ADM-03, ADM-04, IDN-02)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from services.web.answers.identity import Registration, RegistrationTaken
from services.web.clients import Gap, Refused, attempt
from services.web.forms import CheckedForm, Sheet, mistake, refused, typed, unanswered
from services.web.pages.sign_in import DOCUMENT_KINDS, PASSWORDS_DIFFER, asked, identity, show
from services.web.view import View

FORM = "registration/form.html"
KEPT = ("registration_code", "name", "document_kind", "number", "mobile", "spoken")
Ticket = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
routes = APIRouter()


@routes.get("/register")
async def form_page(request: Request) -> Response:
    return await show(request, FORM, Sheet(values={"document_kind": DOCUMENT_KINDS[0], **asked(request)}))


@routes.post("/register")
async def register(request: Request, form: CheckedForm) -> Response:
    if form.raw("new_password") != form.raw("repeated_password"):
        sheet = Sheet(values=typed(form, KEPT), faults=(mistake("repeated_password", PASSWORDS_DIFFER),))
        return await show(request, FORM, sheet, status=422)
    names = ("registration_code", "name", "document_kind", "number", "mobile", "captcha_id", "captcha")
    body = {name: form.text(name) for name in names} | {"new_password": form.raw("new_password")}
    try:
        taken = await identity(request).send(RegistrationTaken, "/v1/admin-registrations", body, key=form.key)
    except Refused as refusal:
        status = max(refusal.problem.status, 400)
        return await show(request, FORM, refused(form, KEPT, refusal.problem), status=status)
    except Gap as gap:
        return await show(request, FORM, unanswered(form, KEPT, gap), status=503)
    return RedirectResponse(f"/register/{taken.ticket}", status_code=303)


@routes.get("/register/{ticket}")
async def outcome_page(request: Request, ticket: Ticket) -> Response:
    """One address for all that becomes of it, with nothing personal in it or on it."""
    view: View = request.app.state.view
    return view.page(request, "registration/outcome.html", ticket=ticket, found=await outcome_of(request, ticket))


@routes.get("/register/{ticket}/outcome")
async def outcome_part(request: Request, ticket: Ticket) -> Response:
    """Asked for again and again; when it is settled the page is loaded anew. A silent service changes nothing."""
    found = await outcome_of(request, ticket)
    if isinstance(found, Gap) or found.state == "waiting":
        return Response(status_code=204)
    return Response(headers={"HX-Refresh": "true"})


async def outcome_of(request: Request, ticket: str) -> Registration | Gap:
    return await attempt(identity(request).get(Registration, f"/v1/admin-registrations/{ticket}"))
