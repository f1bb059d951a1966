"""Dissolving a direct subordinate: what stands in its way, what ends with it, and the decision (ORG-09 to ORG-11)."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Cadres, Members
from services.web.answers.org import Document, Ending, Organization
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.naming import named
from services.web.pages.reading import down_to, organization_of
from services.web.view import View, go
from services.web.visit import OrganizationId, SignedIn, Visit

CADRES_SHOWN = 100
FIELDS = ("decided_on", "document", "relocate")
routes = APIRouter()


async def show(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}"
    card, ending, cadres, members = await asyncio.gather(
        organization_of(visit, organization),
        visit.services.org.get(Ending, f"{path}/dissolution"),
        attempt(visit.services.member.get(Cadres, f"{path}/cadres", {"limit": CADRES_SHOWN})),
        members_of(visit, organization),
    )
    shown = {} if isinstance(cadres, Gap) else {row.person: row.name for row in cadres.items}
    unnamed = [person for person in ending.people if person not in shown]
    shown |= {person: record.name for person, record in (await named(visit, unnamed)).items()}
    return view.page(
        request,
        "organizations/dissolve.html",
        status=status,
        card=card,
        ending=ending,
        names=shown,
        members=members,
        stuck=bool(ending.subordinates or (card.branch_kind == "pending" and members)),
        sheet=sheet,
        crumbs=down_to(visit, card, ""),
    )


async def members_of(visit: Visit, organization: str) -> int | None:
    """How many members a branch has; None where that is not to be had. member has the last word (ORG-09)."""
    path = f"/v1/organizations/{organization}/members"
    answer = await attempt(visit.services.member.get(Members, path, {"limit": 1}))
    return None if isinstance(answer, Gap) else answer.total


@routes.get("/organizations/{organization}/dissolve")
async def dissolve_page(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await show(request, visit, organization, Sheet())


@routes.post("/organizations/{organization}/dissolve")
async def dissolve(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    try:
        body = await decision(visit, form)
        done = await visit.services.org.send(Done, f"/v1/organizations/{organization}/dissolution", body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, FIELDS, no) if isinstance(no, Gap) else refused(form, FIELDS, no.problem)
        status = 503 if isinstance(no, Gap) else max(no.problem.status, 400)
        return await show(request, visit, organization, sheet, status=status)
    card = await organization_of(visit.after("org", done.token), organization)
    note = "note.dissolving" if card.is_branch else "note.dissolved"
    return go(request, back_to(visit, card), note, after={"org": done.token}, name=card.full_name)


def back_to(visit: Visit, card: Organization) -> str:
    """The list that the organization was chosen from; its own page while it waits for member's answer."""
    if card.is_branch:
        return f"/organizations/{card.id}"
    above = card.path[-1].id if card.path else visit.organization
    return f"/organizations/{above}/subordinates"


async def decision(visit: Visit, form: Form) -> dict[str, Any]:
    """What org wants to know; the file is handed over first and named by its id."""
    document = form.text("document")
    file = form.file("document_file")
    if file is not None:
        handed = (file.filename or "", file.file, file.content_type or "application/octet-stream")
        path, key = "/v1/approval-documents", f"{form.key}-document"
        document = (await visit.services.org.upload(Document, path, {}, handed, key=key)).document_id
    return {
        "decided_on": form.text("decided_on"),
        "document": document,
        "confirmed": form.text("confirmed").split(),
        "relocate": form.text("relocate") == "on",
    }
