"""Imports: template, upload, the running job, the result with its faulty rows, withdrawal (MEM-09, MEM-27)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.web.answers.imports import Import, ImportRows, Imports, ImportStarted, Reasons
from services.web.answers.org import Organization
from services.web.clients import Done, Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, mistake, refused, typed, unanswered
from services.web.pages.files import passed_on
from services.web.pages.naming import spoken
from services.web.pages.reading import above, organization_of
from services.web.texts import say
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import AsAdmin, ImportId, OrganizationId, SignedIn, Visit

PAGE = 50
TEMPLATES = ("members", "cadres")
KEPT = ("template",)
CategoryName = Annotated[str, Query(pattern="^[a-z_]{1,32}$")]
TemplateKind = Annotated[str, Path(pattern="^(members|cadres)$")]
routes = APIRouter()


def templates_for(card: Organization) -> tuple[str, ...]:
    """A branch's cadres come by the member template (MEM-24)."""
    return ("members",) if card.is_branch else TEMPLATES


async def desk(request: Request, visit: Visit, organization: str, sheet: Sheet, *, status: int = 200) -> Response:
    """The page with the templates, the upload and the history."""
    view: View = request.app.state.view
    cursor = request.query_params.get("cursor", "")
    query: Parameters = {"organization": organization, "limit": PAGE, "cursor": cursor}
    card, history = await asyncio.gather(
        organization_of(visit, organization), attempt(visit.services.member.get(Imports, "/v1/imports", query))
    )
    return view.page(
        request,
        "imports/desk.html",
        status=status,
        card=card,
        history=history,
        names=await spoken(visit, [] if isinstance(history, Gap) else [job.uploaded_by for job in history.items]),
        sheet=sheet,
        templates=templates_for(card),
        address=Address(f"/organizations/{organization}/imports", {"cursor": cursor}),
        crumbs=above(visit, card, "members"),
    )


@routes.get("/organizations/{organization}/imports")
async def imports_page(request: Request, organization: OrganizationId, visit: AsAdmin) -> Response:
    return await desk(request, visit, organization, Sheet(values={"template": "members"}))


@routes.post("/organizations/{organization}/imports")
async def upload(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    file, template = form.file("file"), form.text("template")
    if file is None or template not in TEMPLATES:
        fault = mistake("file", "imports.no_file") if file is None else mistake("template", "imports.no_template")
        return await desk(request, visit, organization, Sheet(typed(form, KEPT), (fault,)), status=422)
    try:
        started = await visit.services.member.upload(
            ImportStarted,
            "/v1/imports",
            {"organization": organization, "template": template},
            (file.filename or "", file.file, file.content_type or "application/octet-stream"),
            key=form.key,
        )
    except Refused as refusal:
        sheet = refused(form, KEPT, refusal.problem)
        return await desk(request, visit, organization, sheet, status=max(refusal.problem.status, 400))
    except Gap as gap:
        return await desk(request, visit, organization, unanswered(form, KEPT, gap), status=503)
    note = "note.import_joined" if started.joined else ""
    after = {"member": f"{started.stream}:{started.version}"}
    return go(request, f"/imports/{started.stream}", note, after=after)


@routes.get("/templates/{kind}.xlsx")
async def template(visit: SignedIn, kind: TemplateKind, category: CategoryName = "branch") -> Response:
    name = f"{say(f'imports.file_{kind}')}.xlsx"
    return await passed_on(visit.services.member, f"/v1/templates/{kind}.xlsx", {"category": category}, name)


async def job_of(visit: Visit, number: str) -> Import:
    return await visit.services.member.get(Import, f"/v1/imports/{number}")


@routes.get("/imports/{number}")
async def import_page(
    request: Request,
    number: ImportId,
    visit: SignedIn,
    verdict: Annotated[str, Query(pattern="^(failed|warning|unprocessed)$")] = "failed",
    reason: Annotated[str, Query(max_length=80)] = "",
    cursor: str = "",
) -> Response:
    return await show(request, visit, number, {"verdict": verdict, "reason": reason, "cursor": cursor}, ())


async def show(
    request: Request,
    visit: Visit,
    number: str,
    chosen: dict[str, str],
    faults: tuple[Problem, ...],
    *,
    status: int = 200,
) -> Response:
    """The import as it stands; `chosen` are the rows to list: `verdict`, and `reason` and `cursor` where given."""
    view: View = request.app.state.view
    job = await job_of(visit, number)
    asked_by = job.withdrawal.requested_by if job.withdrawal else ""
    context = {
        "job": job,
        "sheet": Sheet(faults=faults),
        "back": f"/organizations/{job.organization or visit.organization}/imports",
        "names": await spoken(visit, [job.uploaded_by, asked_by]),
    }
    if job.is_running:
        return view.page(request, "imports/running.html", status=status, **context)
    member, verdict = visit.services.member, chosen["verdict"]
    rows, reasons = await asyncio.gather(
        attempt(member.get(ImportRows, f"/v1/imports/{number}/rows", {**chosen, "limit": PAGE})),
        attempt(member.get(Reasons, f"/v1/imports/{number}/reasons", {"verdict": verdict})),
    )
    context |= {
        "rows": rows,
        "reasons": () if isinstance(reasons, Gap) else reasons.items,
        "verdict": verdict,
        "address": Address(f"/imports/{number}", chosen),
    }
    return view.page(request, "imports/result.html", status=status, **context)


@routes.get("/imports/{number}/job")
async def job_part(request: Request, number: ImportId, visit: SignedIn) -> Response:
    """The running job's part, asked for again and again; when it is over the page is loaded anew with the result.

    A silent service changes nothing on the page but a note: the next try mends it.
    """
    view: View = request.app.state.view
    job = await attempt(job_of(visit, number))
    if isinstance(job, Gap):
        return Response(status_code=204, headers={"HX-Trigger": "service-gap"})
    if not job.is_running:
        return Response(headers={"HX-Refresh": "true"})
    return view.page(request, "imports/job.html", job=job)


@routes.get("/imports/{number}/failed-rows.xlsx")
async def failed_rows(number: ImportId, visit: SignedIn) -> Response:
    job = await job_of(visit, number)
    stem = job.file_name.rsplit(".", 1)[0] or number
    kind = "imports.open_suffix" if job.unprocessed and not job.failed else "imports.failed_suffix"
    name = f"{stem}-{say(kind)}.xlsx"
    return await passed_on(visit.services.member, f"/v1/imports/{number}/failed-rows.xlsx", {}, name)


async def act(request: Request, visit: Visit, number: str, form: Form, path: str, note: str) -> Response:
    """One command on an import; a refusal is shown on its page."""
    try:
        done = await visit.services.member.send(Done, f"/v1/imports/{number}/{path}", {}, key=form.key)
    except Refused as refusal:
        problem = refusal.problem
        return await show(
            request, visit, number, {"verdict": "failed"}, tuple(problem.faults), status=max(problem.status, 400)
        )
    return go(request, f"/imports/{number}", note, after={"member": done.token} if done.stream else None)


@routes.post("/imports/{number}/cancel")
async def cancel(request: Request, number: ImportId, visit: SignedIn, form: CheckedForm) -> Response:
    return await act(request, visit, number, form, "cancel", "note.cancelled")


@routes.get("/imports/{number}/withdrawal")
async def withdrawal_dialog(request: Request, number: ImportId, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    job = await job_of(visit, number)
    return view.page(request, "imports/withdrawal.html", job=job, sheet=Sheet(), alone_max=100)


@routes.post("/imports/{number}/withdrawal")
async def withdraw(request: Request, number: ImportId, visit: SignedIn, form: CheckedForm) -> Response:
    """Withdraws what the import brought in; above 100 people it asks for a second admin's confirmation."""
    asks = form.text("asks") == "yes"
    note = "note.withdrawal_asked" if asks else "note.withdrawn"
    return await act(request, visit, number, form, "withdrawal", note)


@routes.post("/imports/{number}/withdrawal/cancel")
async def call_off_withdrawal(request: Request, number: ImportId, visit: SignedIn, form: CheckedForm) -> Response:
    return await act(request, visit, number, form, "withdrawal/cancel", "note.withdrawal_called_off")


@routes.post("/imports/{number}/withdrawal/confirm")
async def confirm_withdrawal(request: Request, number: ImportId, visit: SignedIn, form: CheckedForm) -> Response:
    return await act(request, visit, number, form, "withdrawal/confirm", "note.withdrawn")
