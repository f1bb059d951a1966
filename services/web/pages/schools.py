"""The zone of schools, graduation months, the dates of the campaign, and who stays on (GRD-01 to GRD-04, GRD-09)."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from services.web.answers.member import Members
from services.web.answers.schools import (
    BranchRows,
    Campaign,
    ExcludedPeople,
    GraduationProgress,
    LateRows,
    MonthsMarked,
    NotMarked,
    SchoolRows,
)
from services.web.clients import Done, Gap, Parameters, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, mistake, refused, typed, unanswered
from services.web.pages.reading import above, down_to, organization_of
from services.web.texts import label, language
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import OrganizationId, SignedIn, Visit
from shared.kernel.clock import local_date

PAGE, BRANCHES = 50, 100
LACKING = ("", "admin", "branch")
MARKINGS = ("unmarked", "marked", "")
YEARS_AHEAD = 9
Year = Annotated[int, Path(ge=2018, le=2099)]
Lacking = Annotated[str, Query(pattern="^(admin|branch)?$")]
NamePart = Annotated[str, Query(max_length=100)]
Marking = Annotated[str, Query(pattern="^(unmarked|marked|all)$")]
routes = APIRouter()


@dataclass(frozen=True)
class NotDone:
    """Why one of several was refused."""

    sentence: str
    way_out: str
    rule: str


def this_year(request: Request) -> int:
    view: View = request.app.state.view
    return local_date(view.now()).year


async def campaign_of(visit: Visit, organization: str, year: int) -> Campaign | Gap:
    return await attempt(visit.services.org.get(Campaign, f"/v1/organizations/{organization}/campaigns/{year}"))


# ---- the zone


async def zone(
    request: Request, visit: Visit, organization: str, lacking: str, cursor: str, sheet: Sheet, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    here, org = f"/v1/organizations/{organization}", visit.services.org
    filters: Parameters = {"lacking": lacking, "limit": PAGE, "cursor": cursor}
    card, progress, rows, campaign = await asyncio.gather(
        organization_of(visit, organization),
        attempt(org.get(GraduationProgress, f"{here}/graduation")),
        attempt(org.get(SchoolRows, f"{here}/schools", filters)),
        campaign_of(visit, organization, this_year(request)),
    )
    return view.page(
        request,
        "schools/zone.html",
        status=status,
        card=card,
        progress=progress,
        rows=rows,
        campaign=campaign,
        lacking=lacking,
        tabs=LACKING,
        sheet=sheet,
        address=Address(f"/organizations/{organization}/schools", {"lacking": lacking, "cursor": cursor}),
        crumbs=above(visit, card, "schools"),
    )


@routes.get("/organizations/{organization}/schools")
async def zone_page(
    request: Request, organization: OrganizationId, visit: SignedIn, lacking: Lacking = "", cursor: str = ""
) -> Response:
    card = await organization_of(visit, organization)
    sheet = Sheet(values={"institution_code": card.institution_code or ""})
    return await zone(request, visit, organization, lacking, cursor, sheet)


@routes.post("/organizations/{organization}/schools")
async def set_code(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """The school's own code; the button that clears it sends none (GRD-01)."""
    code = "" if form.text("clear") else form.text("institution_code")
    path, fields = f"/v1/organizations/{organization}/institution-code", ("institution_code",)
    try:
        done = await visit.services.org.send(Done, path, {"institution_code": code}, key=form.key, method="PUT")
    except Refused as no:
        sheet = refused(form, fields, no.problem)
        return await zone(request, visit, organization, "", "", sheet, status=max(no.problem.status, 400))
    except Gap as gap:
        return await zone(request, visit, organization, "", "", unanswered(form, fields, gap), status=503)
    note = "note.code_set" if code else "note.code_cleared"
    return go(request, f"/organizations/{organization}/schools", note, after={"org": done.token})


# ---- graduation months


async def branches_of(visit: Visit, organization: str, filters: Parameters) -> dict[str, Any]:
    """The branches below with their months, how many have one, and who is late."""
    here, org = f"/v1/organizations/{organization}", visit.services.org
    card, progress, rows, late = await asyncio.gather(
        organization_of(visit, organization),
        attempt(org.get(GraduationProgress, f"{here}/graduation")),
        attempt(org.get(BranchRows, f"{here}/graduation/branches", {**filters, "limit": BRANCHES})),
        attempt(org.get(LateRows, f"{here}/graduation/late")),
    )
    return {"card": card, "progress": progress, "rows": rows, "late": late}


async def months(
    request: Request,
    visit: Visit,
    organization: str,
    filters: dict[str, str],
    sheet: Sheet,
    *,
    not_done: tuple[NotDone, ...] = (),
    done: int = 0,
    status: int = 200,
) -> Response:
    view: View = request.app.state.view
    year = this_year(request)
    marking = filters["marking"]
    found = await branches_of(visit, organization, {**filters, "marking": "" if marking == "all" else marking})
    return view.page(
        request,
        "schools/months.html",
        status=status,
        **found,
        campaign=await campaign_of(visit, organization, year),
        filters=filters,
        marking=marking,
        tabs=[(code or "all", label("marking", code or "all")) for code in MARKINGS],
        years=[(str(y), str(y)) for y in range(year, year + YEARS_AHEAD + 1)],
        months=[(str(m), str(m)) for m in range(1, 13)],
        sheet=sheet,
        not_done=not_done,
        done=done,
        address=Address(f"/organizations/{organization}/graduation", filters),
        crumbs=above(visit, found["card"], "graduation"),
    )


@routes.get("/organizations/{organization}/graduation")
async def months_page(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    marking: Marking = "unmarked",
    q: NamePart = "",
    cursor: str = "",
) -> Response:
    sheet = Sheet(values={"year": str(this_year(request)), "month": "6"})
    return await months(request, visit, organization, {"marking": marking, "q": q, "cursor": cursor}, sheet)


@routes.post("/organizations/{organization}/graduation")
async def mark_months(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """Those that were marked are marked; of the others the page says which condition fails (GRD-02)."""
    fields = ("year", "month")
    filters = {"marking": form.text("marking") or "unmarked", "q": form.text("q"), "cursor": ""}
    branches, typed_in = chosen(form, "branch"), typed(form, fields)
    if not branches:
        sheet = Sheet(values=typed_in, faults=(mistake("branch", "schools.none_chosen"),))
        return await months(request, visit, organization, filters, sheet, status=422)
    try:
        path = f"/v1/organizations/{organization}/graduation-months"
        done = await visit.services.org.send(MonthsMarked, path, {"branches": branches, **typed_in}, key=form.key)
    except Refused as no:
        sheet = refused(form, fields, no.problem)
        return await months(request, visit, organization, filters, sheet, status=max(no.problem.status, 400))
    except Gap as gap:
        return await months(request, visit, organization, filters, unanswered(form, fields, gap), status=503)
    after = {"org": done.token} if done.token else {}
    if not done.refused:
        to = Address(f"/organizations/{organization}/graduation", filters)
        return go(request, str(to), "note.months_marked", after=after, count=done.marked)
    seen = visit.after("org", done.token) if done.token else visit
    sheet = Sheet(values=typed_in)
    not_done = tuple(said(each.refused) for each in done.items if each.refused)
    return await months(request, seen, organization, filters, sheet, not_done=not_done, done=done.marked, status=422)


def chosen(form: Form, name: str) -> list[str]:
    return [value for value in form.data.getlist(name) if isinstance(value, str) and value]


def said(refusal: NotMarked) -> NotDone:
    sentence, way_out = refusal.said(language())
    return NotDone(sentence, way_out, refusal.rule)


# ---- the dates of the campaign


async def campaign_form(
    request: Request, visit: Visit, organization: str, year: int, sheet: Sheet | None, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/campaigns/{year}"
    card, campaign = await asyncio.gather(organization_of(visit, organization), visit.services.org.get(Campaign, path))
    days = {each.step: each.day.isoformat() for each in campaign.steps}
    return view.page(
        request,
        "schools/campaign.html",
        status=status,
        card=card,
        campaign=campaign,
        sheet=sheet or Sheet(values=days),
        crumbs=down_to(visit, card, "schools"),
    )


@routes.get("/organizations/{organization}/campaigns/{year}")
async def campaign_page(request: Request, organization: OrganizationId, year: Year, visit: SignedIn) -> Response:
    return await campaign_form(request, visit, organization, year, None)


@routes.post("/organizations/{organization}/campaigns/{year}")
async def set_campaign(
    request: Request, organization: OrganizationId, year: Year, visit: SignedIn, form: CheckedForm
) -> Response:
    path = f"/v1/organizations/{organization}/campaigns/{year}"
    steps = ("mark", "graduate", "start", "settle", "freshmen")
    try:
        await visit.services.org.send(Done, path, {"days": form.filled(steps)}, key=form.key, method="PUT")
    except Refused as no:
        sheet = refused(form, steps, no.problem)
        return await campaign_form(request, visit, organization, year, sheet, status=max(no.problem.status, 400))
    except Gap as gap:
        return await campaign_form(request, visit, organization, year, unanswered(form, steps, gap), status=503)
    return go(request, f"/organizations/{organization}/campaigns/{year}", "note.campaign_set", year=year)


# ---- who stays on


@routes.get("/organizations/{organization}/members/graduation")
async def left_out_page(request: Request, organization: OrganizationId, visit: SignedIn, cursor: str = "") -> Response:
    view: View = request.app.state.view
    query: Parameters = {"scope": "own", "limit": PAGE, "cursor": cursor}
    card, rows = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.member.get(Members, f"/v1/organizations/{organization}/members", query)),
    )
    return view.page(
        request,
        "schools/left_out.html",
        card=card,
        rows=rows,
        sheet=Sheet(),
        address=Address(f"/organizations/{organization}/members/graduation", {"cursor": cursor}),
        crumbs=down_to(visit, card, "members"),
    )


@routes.post("/organizations/{organization}/members/graduation")
async def leave_out(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """Marks those who stay on or teach, or takes the mark back (GRD-04)."""
    path, back = f"/v1/organizations/{organization}/graduation-exclusions", form.text("back")
    body = {"people": chosen(form, "person"), "kind": form.text("kind") or None}
    if not body["people"]:
        return go(request, f"/organizations/{organization}/members/graduation", "note.none_chosen", tone="warning")
    done = await visit.services.member.send(ExcludedPeople, path, body, key=form.key)
    failed = sum(each.refused is not None for each in done.items)
    after = {"member": done.token} if done.token else {}
    here = f"/organizations/{organization}/members/graduation"
    count = len(done.items) - failed
    if failed:
        return go(request, here, "note.left_out_in_part", after=after, tone="warning", count=count, failed=failed)
    return go(request, f"{here}?cursor={back}" if back else here, "note.left_out", after=after, count=count)
