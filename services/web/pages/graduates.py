"""The graduation cockpit: rates on the hour, who is left behind now, whom to call, one click for many (BEY-09)."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.web.answers.graduates import (
    STUCK,
    GraduateProgress,
    GraduateTrend,
    Late,
    LeftBehindList,
    Outcome,
    Situation,
)
from services.web.answers.schools import LateRows
from services.web.answers.stats import Hours
from services.web.clients import Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Sheet, mistake, refused, unanswered
from services.web.pages.naming import names_of
from services.web.pages.organizations import status_of
from services.web.pages.picker import picker_of
from services.web.pages.progress import HOURS_SHOWN, Hour, Organization, published
from services.web.pages.reading import above, organization_of
from services.web.pages.schools import campaign_of
from services.web.pages.transfer_start import DESTINATIONS, TYPED, destination
from services.web.pages.transfers import lists_of
from services.web.pages.trends import trend_of
from services.web.urls import Address
from services.web.view import View
from services.web.visit import AsAdmin, SignedIn, Visit

PAGE = 50
LATE_STEPS = ("start", "settle", "freshmen")
"""Of a campaign's steps those that transfer knows of; marking is org's."""
AT_ONCE = 50
PERSON = "person-[0-9a-f-]{36}"
Year = Annotated[str, Query(pattern="^(20[0-9]{2})?$")]
Stuck = Annotated[str, Query(pattern="^[a-z_]{0,20}$")]
routes = APIRouter()


@dataclass(frozen=True)
class Asked:
    """What the address says; empty is the organization acted for, the newest hour, the newest year, everybody."""

    organization: str
    year: str
    hour: str
    span: str


async def asked_for(
    organization: Organization = "",
    year: Year = "",
    hour: Hour = "",
    span: Annotated[str, Query(pattern="^(hours|days)?$")] = "",
) -> Asked:
    return Asked(organization, year, hour, span)


async def now_of(visit: Visit, organization: str, year: str) -> Situation | Gap | Problem:
    """A refusal (too many organizations below) stands in place of the list, and the rest of the page stays."""
    path = f"/v1/organizations/{organization}/graduates/situation"
    try:
        return await attempt(visit.services.transfer.get(Situation, path, {"year": year}))
    except Refused as refusal:
        return refusal.problem


@routes.get("/progress/graduates")
async def cockpit(request: Request, visit: SignedIn, asked: Annotated[Asked, Depends(asked_for)]) -> Response:
    view: View = request.app.state.view
    stats, chosen = visit.services.stats, asked.organization or visit.organization
    query: Parameters = {"organization": chosen, "hour": asked.hour, "year": asked.year}
    card, figures, hours = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        published(stats.get(GraduateProgress, "/v1/progress/graduates", query), GraduateProgress()),
        attempt(stats.get(Hours, "/v1/progress/hours", {"limit": HOURS_SHOWN})),
    )
    year = asked.year or ("" if isinstance(figures, Gap) or not figures.year else str(figures.year))
    year = year or str(view.now().year)
    now, lists, trend = await asyncio.gather(
        now_of(visit, chosen, year),
        lists_of(visit),
        attempt(stats.get(GraduateTrend, "/v1/progress/graduates/trend", {"organization": chosen, "year": year})),
    )
    filters = asdict(asked)
    return view.page(
        request,
        "graduates/cockpit.html",
        card=card,
        figures=figures,
        hours=[] if isinstance(hours, Gap) else hours.items,
        now=now,
        grounds=lists.ground_names,
        too_many=isinstance(now, Problem),
        trend=trend_of("graduates", trend, asked.span),
        year=year,
        filters=filters,
        address=Address("/progress/graduates", filters),
        people=Address("/graduates", {"organization": asked.organization, "year": year}),
        crumbs=[] if isinstance(card, Gap) else above(visit, card, ""),
    )


async def late_of(visit: Visit, organization: str, year: int, step: str) -> Late | Gap | Problem:
    path = f"/v1/organizations/{organization}/graduates/late"
    try:
        return await attempt(visit.services.transfer.get(Late, path, {"year": year, "step": step}))
    except Refused as refusal:
        return refusal.problem


@routes.get("/graduates/late")
async def late(request: Request, visit: SignedIn, organization: Organization = "", year: Year = "") -> Response:
    """GRD-09: of each step whose day is over those who have not done it."""
    view: View = request.app.state.view
    chosen, asked = organization or visit.organization, int(year or view.now().year)
    card, campaign, marking = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        campaign_of(visit, chosen, asked),
        attempt(visit.services.org.get(LateRows, f"/v1/organizations/{chosen}/graduation/late")),
    )
    over = [] if isinstance(campaign, Gap) else [each.step for each in campaign.steps if each.days_left < 0]
    asking = [step for step in LATE_STEPS if step in over]
    found = await asyncio.gather(*(late_of(visit, chosen, asked, step) for step in asking))
    filters = {"organization": organization, "year": year}
    return view.page(
        request,
        "graduates/late.html",
        card=card,
        campaign=campaign,
        marking=marking if asked == view.now().year else None,
        late=dict(zip(asking, found, strict=True)),
        chosen=chosen,
        year=asked,
        back=Address("/progress/graduates", filters),
    )


@routes.get("/graduates")
async def people(
    request: Request,
    visit: SignedIn,
    organization: Organization = "",
    year: Year = "",
    stuck: Stuck = "",
    cursor: str = "",
) -> Response:
    """Those left behind, now, with ticks."""
    view: View = request.app.state.view
    chosen, reason = organization or visit.organization, stuck if stuck in STUCK else ""
    query: Parameters = {"year": year, "stuck": reason, "limit": PAGE, "cursor": cursor}
    path = f"/v1/organizations/{chosen}/graduates"
    card, rows, lists = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        attempt(visit.services.transfer.get(LeftBehindList, path, query)),
        lists_of(visit),
    )
    names = {} if isinstance(rows, Gap) else await names_of(visit, [row.person for row in rows.items])
    filters = {"organization": organization, "year": year, "stuck": reason, "cursor": cursor}
    return view.page(
        request,
        "graduates/people.html",
        card=card,
        rows=rows,
        names=names,
        lists=lists,
        reasons=STUCK,
        filters=filters,
        address=Address("/graduates", filters),
    )


@routes.get("/graduates/start")
async def start_page(
    request: Request,
    visit: AsAdmin,
    who: Annotated[list[str] | None, Query()] = None,
    people: Annotated[str, Query(pattern=f"^({PERSON}(,{PERSON})*)?$")] = "",
    organization: Organization = "",
    q: str = "",
    at: str = "",
    to: str = "",
) -> Response:
    """First where to, then why; for all that were ticked."""
    ticked = list(dict.fromkeys([*(who or []), *(people.split(",") if people else [])]))
    address = Address(
        "/graduates/start",
        {"people": ",".join(ticked), "organization": organization or visit.organization, "q": q, "at": at, "to": to},
    )
    return await choose(request, visit, address, Sheet())


async def choose(request: Request, visit: Visit, address: Address, sheet: Sheet, *, status: int = 200) -> Response:
    view: View = request.app.state.view
    ticked = [person for person in address.value("people").split(",") if person]
    if len(ticked) > AT_ONCE:
        ticked = ticked[:AT_ONCE]
    organization = address.value("organization")
    chosen, names, lists = await asyncio.gather(
        destination(visit, address.value("to")), names_of(visit, ticked), lists_of(visit)
    )
    picker = None
    if ticked and chosen is None:
        picker = await picker_of(visit, address, organization, DESTINATIONS, "")
    return view.page(
        request,
        "graduates/start.html",
        status=status,
        ticked=ticked,
        names=names,
        chosen=chosen,
        picker=picker,
        lists=lists,
        address=address,
        sheet=sheet,
        back=Address("/graduates", {"organization": organization}),
    )


@routes.post("/graduates/start")
async def start(request: Request, visit: AsAdmin, form: CheckedForm) -> Response:
    """A usual transfer out for each (TRF-05); what came of each is shown."""
    view: View = request.app.state.view
    organization = form.text("organization") or visit.organization
    ticked = [each for each in form.text("people").split(",") if each][:AT_ONCE]
    named = {"people": ",".join(ticked), "organization": organization}
    address = Address("/graduates/start", named | {"to": form.text("to"), "at": form.text("at")})
    if not ticked:
        return await choose(request, visit, address, Sheet(faults=(mistake("people", "graduates.nobody_ticked"),)))
    body = {"people": ticked, "to": form.text("to"), "reason": form.text("reason"), **form.filled(("note",))}
    path = f"/v1/organizations/{organization}/graduates/transfers"
    try:
        outcome = await visit.services.transfer.send(Outcome, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        return await choose(request, visit, address, sheet, status=status_of(no))
    names = await names_of(visit, ticked)
    back = Address("/graduates", {"organization": organization})
    return view.page(request, "graduates/started.html", outcome=outcome, names=names, back=back)
