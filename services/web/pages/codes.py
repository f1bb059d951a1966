"""Registration codes for the admins of direct subordinates: one, all as a workbook, revoking (ADM-02, ADM-03)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web import codes_workbook
from services.web.answers.org import CodeMade, CodeRows, CodesOfAll
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.reading import down_to, organization_of
from services.web.texts import say
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import CodeId, OrganizationId, SignedIn, Visit
from shared.http.answers import XLSX, download

PAGE = 50
routes = APIRouter()


async def show(
    request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200, made: CodeMade | None = None
) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/subordinates/registration-codes"
    cursor = request.query_params.get("cursor")
    card, rows = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.org.get(CodeRows, path, {"limit": PAGE, "cursor": cursor})),
    )
    return view.page(
        request,
        "codes/list.html",
        status=status,
        card=card,
        rows=rows,
        sheet=sheet,
        made=made,
        made_for=sheet.value("full_name"),
        crumbs=down_to(visit, card, "subordinates"),
        address=Address(f"/organizations/{organization}/codes", {"cursor": cursor}),
    )


async def again(request: Request, visit: Visit, organization: str, form: Form, no: Refused | Gap) -> Response:
    """The page once more, with why nothing was done."""
    if isinstance(no, Gap):
        return await show(request, visit, organization, unanswered(form, (), no), status=503)
    status = max(no.problem.status, 400)
    return await show(request, visit, organization, refused(form, (), no.problem), status=status)


@routes.get("/organizations/{organization}/codes")
async def code_list(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    return await show(request, visit, organization, Sheet())


@routes.post("/organizations/{organization}/codes/{subordinate}")
async def make(
    request: Request, organization: OrganizationId, subordinate: OrganizationId, visit: SignedIn, form: CheckedForm
) -> Response:
    """The code stands in this answer and on no other page: who loses it has it revoked and a new one made."""
    path = f"/v1/organizations/{subordinate}/registration-codes"
    try:
        made = await visit.services.org.send(CodeMade, path, {}, key=form.key)
    except (Refused, Gap) as no:
        return await again(request, visit, organization, form, no)
    sheet = Sheet(values={"full_name": form.text("full_name")})
    return await show(request, visit, organization, sheet, made=made)


@routes.post("/organizations/{organization}/codes.xlsx")
async def make_all(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    path = f"/v1/organizations/{organization}/subordinates/registration-codes"
    try:
        codes = await visit.services.org.send(CodesOfAll, path, {}, key=form.key)
    except (Refused, Gap) as no:
        return await again(request, visit, organization, form, no)
    content = await asyncio.to_thread(codes_workbook.write, codes)
    return download(content, XLSX, f"{say('codes.title')}.xlsx")


@routes.post("/organizations/{organization}/codes/{subordinate}/{code}/revoke")
async def revoke(
    request: Request,
    organization: OrganizationId,
    subordinate: OrganizationId,
    code: CodeId,
    visit: SignedIn,
    form: CheckedForm,
) -> Response:
    path = f"/v1/organizations/{subordinate}/registration-codes/{code}"
    try:
        done = await visit.services.org.send(Done, path, {}, key=form.key, method="DELETE")
    except (Refused, Gap) as no:
        return await again(request, visit, organization, form, no)
    return go(request, f"/organizations/{organization}/codes", "note.code_revoked", after={"org": done.token})
