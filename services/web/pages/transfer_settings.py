"""What a province sets of its transfers, and the calendar of central operators (TRF-09, TRF-19, OPS-05)."""

import asyncio
import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.web.answers.transfer_settings import Periods, TalentCentre, WorkingDays
from services.web.clients import Done, Gap, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.naming import spoken
from services.web.pages.organizations import status_of
from services.web.pages.reading import down_to, organization_of
from services.web.texts import say
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import AsOperator, OrganizationId, SignedIn, Visit
from shared.kernel.clock import local_date

PERIOD = ("days", "automatic", "effective_from")
CENTRE = ("allowed", "effective_from")
DAYS = ("off", "on")
CALENDAR = "/operation/working-days"
YEARS_AROUND = (-1, 0, 1)
Year = Annotated[int | None, Query(ge=2000, le=2100)]
routes = APIRouter()


# ---- the periods of a province


@routes.get("/organizations/{organization}/transfers/periods")
async def periods_page(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    today = {"effective_from": local_date(view.now()).isoformat()}
    return await show_periods(request, visit, organization, Sheet(values=today), Sheet(values=today))


@routes.post("/organizations/{organization}/transfers/periods")
async def set_period(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    path = f"/v1/organizations/{organization}/transfer-periods"
    body = {**form.filled(("days", "effective_from")), "automatic": form.text("automatic") == "yes"}
    try:
        done = await visit.services.transfer.send(Done, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, PERIOD, no) if isinstance(no, Gap) else refused(form, PERIOD, no.problem)
        return await show_periods(request, visit, organization, sheet, Sheet(), status=status_of(no))
    here = f"/organizations/{organization}/transfers/periods"
    return go(request, here, "note.period_set", after={"transfer": done.token})


@routes.post("/organizations/{organization}/transfers/talent-centre")
async def set_talent_centre(
    request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm
) -> Response:
    """TRF-19."""
    path = f"/v1/organizations/{organization}/talent-centre"
    body = {**form.filled(("effective_from",)), "allowed": form.text("allowed") == "yes"}
    try:
        done = await visit.services.transfer.send(Done, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, CENTRE, no) if isinstance(no, Gap) else refused(form, CENTRE, no.problem)
        return await show_periods(request, visit, organization, Sheet(), sheet, status=status_of(no))
    here = f"/organizations/{organization}/transfers/periods"
    return go(request, here, "note.period_set", after={"transfer": done.token})


async def show_periods(
    request: Request, visit: Visit, organization: str, sheet: Sheet, centre_sheet: Sheet, *, status: int = 200
) -> Response:
    """The two settings of a province, each with its form."""
    view: View = request.app.state.view
    card, found, centre = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.transfer.get(Periods, f"/v1/organizations/{organization}/transfer-periods")),
        attempt(visit.services.transfer.get(TalentCentre, f"/v1/organizations/{organization}/talent-centre")),
    )
    entries = [entry.by for each in (found, centre) if not isinstance(each, Gap) for entry in each.history]
    above = [step for step in card.path if step.id != card.id]
    return view.page(
        request,
        "transfers/periods.html",
        status=status,
        card=card,
        province=card.full_name if len(above) == 1 else above[1].name if above[1:] else "",
        is_province=len(above) == 1,
        found=found,
        centre=centre,
        names=await spoken(visit, entries),
        today=local_date(view.now()),
        sheet=sheet,
        centre_sheet=centre_sheet,
        crumbs=down_to(visit, card, "transfers"),
    )


# ---- the working days


@routes.get(CALENDAR)
async def calendar_page(request: Request, visit: AsOperator, year: Year = None) -> Response:
    view: View = request.app.state.view
    return await show_calendar(request, visit, year or local_date(view.now()).year, None)


@routes.post(CALENDAR)
async def enter_days(request: Request, visit: AsOperator, form: CheckedForm, year: Year = None) -> Response:
    """OPS-05. Dates as the notice has them are understood: 2027-01-01, 1-1, 1月1日."""
    view: View = request.app.state.view
    year = year or local_date(view.now()).year
    days = {name: days_in(form, name, year) for name in DAYS}
    faults = [fault for found in days.values() for fault in found if isinstance(fault, Problem)]
    if faults:
        return await show_calendar(request, visit, year, refused(form, DAYS, Problem(errors=faults)), status=400)
    try:
        path = f"/v1/reference/working-days/{year}"
        done = await visit.services.transfer.send(Done, path, days, key=form.key, method="PUT")
    except (Refused, Gap) as no:
        sheet = unanswered(form, DAYS, no) if isinstance(no, Gap) else refused(form, DAYS, no.problem)
        return await show_calendar(request, visit, year, sheet, status=status_of(no))
    return go(request, f"{CALENDAR}?year={year}", "note.days_entered", after={"transfer": done.token}, year=year)


def days_in(form: Form, name: str, year: int) -> list[str | Problem]:
    """The days of a field, each one that cannot be read as a fault of it."""
    words = [word for word in re.split(r"[\s,，、;；]+", form.text(name)) if word]
    return [read_day(word, name, year) for word in words]


def read_day(word: str, name: str, year: int) -> str | Problem:
    numbers = re.fullmatch(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?", word)
    try:
        if numbers is None:
            raise ValueError(word)
        return date(int(numbers[1] or year), int(numbers[2]), int(numbers[3])).isoformat()
    except ValueError:
        return Problem(status=400, title=str(say("days.unreadable", word=word[:20])), field=name, rule="OPS-05")


async def show_calendar(
    request: Request, visit: Visit, year: int, sheet: Sheet | None, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    present = local_date(view.now()).year
    years = sorted({year, *(present + each for each in YEARS_AROUND)})
    answers = await asyncio.gather(*(attempt(days_of(visit, each)) for each in years))
    known = dict(zip(years, answers, strict=True))
    found = known[year]
    filled = {} if isinstance(found, Gap) else {name: "\n".join(map(str, getattr(found, name))) for name in DAYS}
    return view.page(
        request,
        "operation/working_days.html",
        status=status,
        year=year,
        years=known,
        found=found,
        names={} if isinstance(found, Gap) else await spoken(visit, [entry.by for entry in found.history]),
        sheet=sheet or Sheet(values=filled),
        address=Address(CALENDAR, {"year": str(year)}),
    )


async def days_of(visit: Visit, year: int) -> WorkingDays:
    return await visit.services.transfer.get(WorkingDays, f"/v1/reference/working-days/{year}")
