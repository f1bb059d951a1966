"""Merging one organization into another, and a school's explanation before that (ORG-21)."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.changes import OCCASIONS, ExplainingList
from services.web.answers.org import Document, Ending, Node, Organization
from services.web.clients import Done, Gap, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.migrations import touched
from services.web.pages.naming import named
from services.web.pages.organizations import status_of
from services.web.pages.reading import down_to, organization_of
from services.web.view import View, go
from services.web.visit import OrganizationId, SignedIn, Visit

FIELDS = ("into", "decided_on", "document")
EXPLAINED = ("occasion", "note", "document")
routes = APIRouter()


async def siblings_of(visit: Visit, card: Organization) -> list[Node]:
    """ORG-21: what it can be merged into: the other direct subordinates, branches into branches."""
    tree = await visit.services.org.get(Node, f"/v1/organizations/{card.superior}/tree")
    return [each for each in tree.children if each.id != card.id and (each.category == "branch") is card.is_branch]


async def show(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    """Raises Refused for who is not an own admin of the superior."""
    view: View = request.app.state.view
    card = await organization_of(visit, organization)
    if not card.may.dissolve or card.superior is None:
        raise Refused(Problem(status=403, rule="ORG-21"))
    ending, siblings, along = await asyncio.gather(
        visit.services.org.get(Ending, f"/v1/organizations/{organization}/dissolution"),
        attempt(siblings_of(visit, card)),
        touched(visit, organization),
    )
    return view.page(
        request,
        "changes/merge.html",
        status=status,
        card=card,
        ending=ending,
        siblings=siblings,
        names={person: record.name for person, record in (await named(visit, list(ending.people))).items()},
        sheet=sheet,
        crumbs=down_to(visit, card, ""),
        **along,
    )


@routes.get("/organizations/{organization}/merge")
async def merge_page(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await show(request, visit, organization, Sheet())


@routes.post("/organizations/{organization}/merge")
async def merge(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    try:
        body: dict[str, Any] = {
            "into": form.text("into"),
            "decided_on": form.text("decided_on"),
            "document": await handed_over(visit, form),
            "confirmed": form.text("confirmed").split(),
        }
        done = await visit.services.org.send(Done, f"/v1/organizations/{organization}/merger", body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, FIELDS, no) if isinstance(no, Gap) else refused(form, FIELDS, no.problem)
        return await show(request, visit, organization, sheet, status=status_of(no))
    card = await organization_of(visit.after("org", done.token), organization)
    return go(request, f"/organizations/{organization}", "note.merging", after={"org": done.token}, name=card.full_name)


async def handed_over(visit: Visit, form: Form) -> str:
    """The id of the document: the file is handed over first and named by it."""
    file = form.file("document_file")
    if file is None:
        return form.text("document")
    handed = (file.filename or "", file.file, file.content_type or "application/octet-stream")
    path, key = "/v1/approval-documents", f"{form.key}-document"
    return (await visit.services.org.upload(Document, path, {}, handed, key=key)).document_id


async def explaining(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    card = await organization_of(visit, organization)
    if not card.may.migrate:
        raise Refused(Problem(status=403, rule="ADM-08"))
    return view.page(
        request,
        "changes/explain.html",
        status=status,
        card=card,
        sheet=sheet,
        occasions=OCCASIONS,
        crumbs=down_to(visit, card, ""),
    )


@routes.get("/organizations/{organization}/explain")
async def explain_page(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await explaining(request, visit, organization, Sheet())


@routes.post("/organizations/{organization}/explain")
async def explain(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    try:
        body = {**form.filled(("occasion", "note")), "document": await handed_over(visit, form)}
        done = await visit.services.org.send(Done, f"/v1/organizations/{organization}/explanations", body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, EXPLAINED, no) if isinstance(no, Gap) else refused(form, EXPLAINED, no.problem)
        return await explaining(request, visit, organization, sheet, status=status_of(no))
    return go(request, f"/organizations/{organization}", "note.explained", after={"org": done.token})


@routes.get("/organizations/{organization}/explanations")
async def explanations(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await listed(request, visit, organization, Sheet())


async def listed(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/subordinates/explanations"
    card, rows = await asyncio.gather(
        organization_of(visit, organization), attempt(visit.services.org.get(ExplainingList, path))
    )
    crumbs = down_to(visit, card, "subordinates")
    return view.page(
        request, "changes/explanations.html", status=status, card=card, rows=rows, sheet=sheet, crumbs=crumbs
    )


@routes.post("/organizations/{organization}/explanations")
async def settle(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """What a subordinate explained is done with."""
    path = f"/v1/organizations/{form.text('of')}/explanations/{form.text('explanation')}/settlement"
    try:
        done = await visit.services.org.send(Done, path, {}, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, (), no) if isinstance(no, Gap) else refused(form, (), no.problem)
        return await listed(request, visit, organization, sheet, status=status_of(no))
    here = f"/organizations/{organization}/explanations"
    return go(request, here, "note.explanation_settled", after={"org": done.token})
