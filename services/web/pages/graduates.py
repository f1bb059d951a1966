"""The graduation cockpit: rates on the hour, who is left behind now, whom to call (GRD-06, BEY-09)."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.web.answers.graduates import (
    STUCK,
    GraduateProgress,
    GraduateRegions,
    GraduateSchools,
    GraduateTrend,
    Late,
    LeftBehindList,
    Situation,
)
from services.web.answers.schools import LateRows
from services.web.answers.stats import Hours
from services.web.clients import Gap, Parameters, Problem, Refused, attempt
from services.web.pages.files import passed_on
from services.web.pages.naming import names_of
from services.web.pages.progress import HOURS_SHOWN, Hour, Organization, published
from services.web.pages.reading import above, organization_of
from services.web.pages.schools import campaign_of
from services.web.pages.transfers import lists_of
from services.web.pages.trends import trend_of
from services.web.texts import say
from services.web.urls import Address
from services.web.view import View
from services.web.visit import SignedIn, Visit
from shared.kernel.clock import local_date

PAGE = 50
LATE_STEPS = ("start", "settle", "freshmen")
"""Of a campaign's steps those that transfer knows of; marking is org's."""
Year = Annotated[str, Query(pattern="^(20[0-9]{2})?$")]
Stuck = Annotated[str, Query(pattern="^[a-z_]{0,20}$")]
M = TypeVar("M", bound=BaseModel)
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


@dataclass(frozen=True)
class AskedRows(Asked):
    """`by` is empty for direct subordinates. Of schools those within `region`, from the one numbered `cursor` on."""

    by: str
    region: str
    cursor: str


By = Annotated[str, Query(pattern="^(school|region)?$")]
Region = Annotated[str, Query(pattern="^([0-9]{6})?$")]


async def rows_asked_for(
    asked: Annotated[Asked, Depends(asked_for)],
    by: By = "",
    region: Region = "",
    cursor: Annotated[str, Query(pattern="^[0-9]{0,5}$")] = "",
) -> AskedRows:
    return AskedRows(**asdict(asked), by=by, region=region, cursor=cursor)


async def or_why_not(call: Awaitable[M]) -> M | Gap | Problem:
    """A refusal (too many organizations below) stands in place of the list, and the rest of the page stays."""
    try:
        return await attempt(call)
    except Refused as refusal:
        return refusal.problem


async def parts_of(
    visit: Visit, organization: str, asked: AskedRows, year: str, hour: str
) -> GraduateSchools | GraduateRegions | Gap | Problem | None:
    """Rows by school or by region; None where direct subordinates are asked for."""
    stats, query = visit.services.stats, {"organization": organization, "hour": hour, "year": year}
    match asked.by:
        case "school":
            page: Parameters = {**query, "region": asked.region, "limit": PAGE, "offset": asked.cursor}
            return await or_why_not(stats.get(GraduateSchools, "/v1/progress/graduates/schools", page))
        case "region":
            return await or_why_not(stats.get(GraduateRegions, "/v1/progress/graduates/regions", query))
        case _:
            return None


def addresses(filters: dict[str, str], chosen: str, year: str, hour: str) -> dict[str, Any]:
    """The page as it is; `same_hour`: also once another one is published; `elsewhere`: other rows, from the top."""
    here, from_top = "/progress/graduates", filters | {"region": "", "cursor": ""}
    of_file = filters | {"organization": chosen, "year": year, "hour": hour, "span": "", "cursor": ""}
    return {
        "address": Address(here, filters),
        "same_hour": Address(here, filters | {"hour": hour}),
        "elsewhere": Address(here, from_top),
        "download": Address(f"{here}.xlsx", of_file),
    }


@routes.get("/progress/graduates")
async def cockpit(request: Request, visit: SignedIn, asked: Annotated[AskedRows, Depends(rows_asked_for)]) -> Response:
    view: View = request.app.state.view
    stats, chosen = visit.services.stats, asked.organization or visit.organization
    query: Parameters = {"organization": chosen, "hour": asked.hour, "year": asked.year}
    card, figures, hours = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        published(stats.get(GraduateProgress, "/v1/progress/graduates", query), GraduateProgress()),
        attempt(stats.get(Hours, "/v1/progress/hours", {"limit": HOURS_SHOWN})),
    )
    year = asked.year or ("" if isinstance(figures, Gap) or not figures.year else str(figures.year))
    year = year or str(local_date(view.now()).year)
    hour = asked.hour if isinstance(figures, Gap) or not figures.hour else figures.hour.isoformat()
    now, lists, parts, trend = await asyncio.gather(
        or_why_not(
            visit.services.transfer.get(Situation, f"/v1/organizations/{chosen}/graduates/situation", {"year": year})
        ),
        lists_of(visit),
        parts_of(visit, chosen, asked, year, hour),
        attempt(stats.get(GraduateTrend, "/v1/progress/graduates/trend", {"organization": chosen, "year": year})),
    )
    filters = asdict(asked)
    return view.page(
        request,
        "graduates/cockpit.html",
        card=card,
        figures=figures,
        parts=parts,
        why_not=parts if isinstance(parts, Problem) else None,
        hours=[] if isinstance(hours, Gap) else hours.items,
        now=now,
        grounds=lists.ground_names,
        too_many=isinstance(now, Problem),
        trend=trend_of("graduates", trend, asked.span),
        year=year,
        filters=filters,
        **addresses(filters, chosen, year, hour),
        people=Address("/graduates", {"organization": asked.organization, "year": year}),
        crumbs=[] if isinstance(card, Gap) else above(visit, card, ""),
    )


@routes.get("/progress/graduates.xlsx")
async def workbook(visit: SignedIn, asked: Annotated[AskedRows, Depends(rows_asked_for)]) -> Response:
    query: Parameters = {
        "organization": asked.organization or visit.organization,
        "hour": asked.hour,
        "year": asked.year or None,
        "by": asked.by or "organization",
        "region": asked.region,
    }
    name = f"{say('progress.file_graduates')}.xlsx"
    return await passed_on(visit.services.stats, "/v1/progress/graduates.xlsx", query, name)


@routes.get("/graduates/late")
async def late(request: Request, visit: SignedIn, organization: Organization = "", year: Year = "") -> Response:
    """GRD-09: of each step whose day is over those who have not done it."""
    view: View = request.app.state.view
    chosen, asked = organization or visit.organization, int(year or local_date(view.now()).year)
    card, campaign, marking = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        campaign_of(visit, chosen, asked),
        attempt(visit.services.org.get(LateRows, f"/v1/organizations/{chosen}/graduation/late")),
    )
    over = [] if isinstance(campaign, Gap) else [each.step for each in campaign.steps if each.days_left < 0]
    asking = [step for step in LATE_STEPS if step in over]
    path = f"/v1/organizations/{chosen}/graduates/late"
    found = await asyncio.gather(
        *(or_why_not(visit.services.transfer.get(Late, path, {"year": asked, "step": step})) for step in asking)
    )
    filters = {"organization": organization, "year": year}
    return view.page(
        request,
        "graduates/late.html",
        card=card,
        campaign=campaign,
        marking=marking if asked == local_date(view.now()).year else None,
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
        year=year or str(local_date(view.now()).year),
        filters=filters,
        address=Address("/graduates", filters),
    )
