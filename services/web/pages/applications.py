"""Applications for an account at the direct superior: list, record, approval with a code, refusal (ADM-07)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.web.answers.applications import ApplicationRecord, ApplicationRows
from services.web.answers.org import CodeMade
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.files import passed_on
from services.web.pages.naming import spoken
from services.web.pages.organizations import status_of
from services.web.pages.reading import down_to, organization_of
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import ApplicationId, OrganizationId, SignedIn, Visit

PAGE = 50
TYPED = ("grounds",)
routes = APIRouter()


@routes.get("/organizations/{organization}/applications")
async def application_list(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    ended: Annotated[str, Query(pattern="^(true)?$")] = "",
    cursor: str = "",
) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/subordinates/account-applications"
    card, rows = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.org.get(ApplicationRows, path, {"ended": ended, "limit": PAGE, "cursor": cursor})),
    )
    return view.page(
        request,
        "applications/list.html",
        card=card,
        rows=rows,
        ended=bool(ended),
        crumbs=down_to(visit, card, "subordinates"),
        address=Address(f"/organizations/{organization}/applications", {"ended": ended, "cursor": cursor}),
    )


async def record_of(visit: Visit, application: str) -> ApplicationRecord:
    """Raises Refused (absent, or no right), SignedOut or Gap."""
    return await visit.services.org.get(ApplicationRecord, f"/v1/account-applications/{application}")


async def show(
    request: Request,
    visit: Visit,
    application: str,
    sheet: Sheet,
    *,
    status: int = 200,
    made: CodeMade | None = None,
) -> Response:
    view: View = request.app.state.view
    record = await record_of(visit, application)
    superior = await organization_of(visit, record.superior)
    names = await spoken(visit, [record.decided_by] if record.decided_by else [])
    return view.page(
        request,
        "applications/record.html",
        status=status,
        record=record,
        superior=superior,
        decided_by=names.get(record.decided_by or "", ""),
        sheet=sheet,
        made=made,
        crumbs=down_to(visit, superior, "applications"),
    )


async def again(request: Request, visit: Visit, application: str, form: Form, no: Refused | Gap) -> Response:
    """The page once more, with why nothing was done and what was typed."""
    sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
    return await show(request, visit, application, sheet, status=status_of(no))


@routes.get("/applications/{application}")
async def application_page(request: Request, application: ApplicationId, visit: SignedIn) -> Response:
    return await show(request, visit, application, Sheet())


@routes.get("/applications/{application}/form")
async def application_form(application: ApplicationId, visit: SignedIn) -> Response:
    record = await record_of(visit, application)
    path = f"/v1/account-applications/{application}/form"
    return await passed_on(visit.services.org, path, {}, record.file_name or application)


@routes.post("/applications/{application}/approve")
async def approve(request: Request, application: ApplicationId, visit: SignedIn, form: CheckedForm) -> Response:
    """The code stands in this answer and on no other page: who loses it has it revoked and a new one made."""
    path = f"/v1/account-applications/{application}/approval"
    try:
        made = await visit.services.org.send(CodeMade, path, {}, key=form.key)
    except (Refused, Gap) as no:
        return await again(request, visit, application, form, no)
    return await show(request, visit, application, Sheet(), made=made)


@routes.post("/applications/{application}/refuse")
async def refuse(request: Request, application: ApplicationId, visit: SignedIn, form: CheckedForm) -> Response:
    path = f"/v1/account-applications/{application}/refusal"
    try:
        done = await visit.services.org.send(Done, path, {"grounds": form.text("grounds")}, key=form.key)
    except (Refused, Gap) as no:
        return await again(request, visit, application, form, no)
    return go(request, f"/applications/{application}", "note.application_refused", after={"org": done.token})
