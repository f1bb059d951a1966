"""For central operators: what services could not handle, with a retry and a drop that says why (P5)."""

import asyncio
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.web.answers import Nothing
from services.web.answers.operation import ParkedLine, ParkedLines
from services.web.clients import Gap, Refused, Service, attempt
from services.web.forms import CheckedForm, Sheet, refused, unanswered
from services.web.view import View, go
from services.web.visit import AsOperator, Visit

Hearing = Literal["org", "member", "transfer", "identity"]
HEARING: tuple[Hearing, ...] = get_args(Hearing)
"""The services that have reactions."""

PAGE = "/operation/parked"
RecordId = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
routes = APIRouter()


def service_of(visit: Visit, name: str) -> Service:
    found: Service = getattr(visit.services, name)
    return found


async def line_of(visit: Visit, service: Hearing, record: str) -> ParkedLine | None:
    answer = await service_of(visit, service).get(ParkedLines, "/v1/parked")
    return next((line for line in answer.items if line.record == record), None)


async def show(request: Request, visit: Visit, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    answers = await asyncio.gather(*(attempt(service_of(visit, n).get(ParkedLines, "/v1/parked")) for n in HEARING))
    found = dict(
        sorted(zip(HEARING, answers, strict=True), key=lambda each: not isinstance(each[1], Gap) and not each[1].items)
    )
    count = sum(len(each.items) for each in answers if not isinstance(each, Gap))
    return view.page(request, "operation/parked.html", status=status, found=found, count=count, sheet=sheet)


@routes.get(PAGE)
async def parked(request: Request, visit: AsOperator) -> Response:
    return await show(request, visit, Sheet())


@routes.post(PAGE + "/{service}/{record}/retry")
async def retry(request: Request, service: Hearing, record: RecordId, visit: AsOperator, form: CheckedForm) -> Response:
    try:
        await service_of(visit, service).send(Nothing, f"/v1/parked/{record}/retry", {}, key=form.key)
    except Refused as refusal:
        return await show(request, visit, refused(form, (), refusal.problem), status=max(refusal.problem.status, 400))
    except Gap as gap:
        return await show(request, visit, unanswered(form, (), gap), status=503)
    return go(request, PAGE, "note.retry_asked")


@routes.get(PAGE + "/{service}/{record}/drop")
async def drop_dialog(request: Request, service: Hearing, record: RecordId, visit: AsOperator) -> Response:
    return await show_drop(request, visit, service, record, Sheet())


@routes.post(PAGE + "/{service}/{record}/drop")
async def drop(request: Request, service: Hearing, record: RecordId, visit: AsOperator, form: CheckedForm) -> Response:
    body = {"reason": form.text("reason")}
    try:
        await service_of(visit, service).send(Nothing, f"/v1/parked/{record}/drop", body, key=form.key)
    except Refused as refusal:
        sheet, status = refused(form, ("reason",), refusal.problem), max(refusal.problem.status, 400)
        return await show_drop(request, visit, service, record, sheet, status=status)
    except Gap as gap:
        return await show_drop(request, visit, service, record, unanswered(form, ("reason",), gap), status=503)
    return go(request, PAGE, "note.dropped")


async def show_drop(
    request: Request, visit: Visit, service: Hearing, record: str, sheet: Sheet, *, status: int = 200
) -> Response:
    """The dialog; its line is None where it cannot be had, and the form still keeps what was typed."""
    view: View = request.app.state.view
    found = await attempt(line_of(visit, service, record))
    line = None if isinstance(found, Gap) else found
    return view.page(
        request, "operation/drop.html", status=status, service=service, record=record, line=line, sheet=sheet
    )
