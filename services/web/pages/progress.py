"""Entry progress on the hour: members and cadres, by tree and by sector, drill-down, download (STA-01, 03, 04, 08)."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.web.answers.stats import (
    CadreProgress,
    CadreSectors,
    CadreTrend,
    Hours,
    Information,
    MemberProgress,
    MemberSectors,
    MemberTrend,
)
from services.web.clients import Gap, Parameters, Refused, attempt
from services.web.pages.files import passed_on
from services.web.pages.reading import above, organization_of
from services.web.pages.trends import trend_of
from services.web.texts import say
from services.web.urls import Address
from services.web.view import View
from services.web.visit import SignedIn, Visit

HOURS_SHOWN = 48
SECTORS = (
    "school",
    "government",
    "state_enterprise",
    "private_enterprise",
    "social_organization",
    "urban_community",
    "rural",
    "other",
)
M = TypeVar("M", bound=BaseModel)
Organization = Annotated[str, Query(pattern="^(organization-[0-9a-f-]{36})?$")]
Hour = Annotated[str, Query(pattern=r"^(live|[0-9T:.+Z-]{10,40})?$")]
Sector = Annotated[str, Query(pattern="^[a-z_]{0,30}$")]
routes = APIRouter()


@dataclass(frozen=True)
class Kind:
    """The two progress pages: what they ask for and how their answers are read."""

    name: str
    tree: type[BaseModel]
    sectors: type[BaseModel]
    trend: type[MemberTrend | CadreTrend]


KINDS = {
    "members": Kind("members", MemberProgress, MemberSectors, MemberTrend),
    "cadres": Kind("cadres", CadreProgress, CadreSectors, CadreTrend),
}


async def published(call: Awaitable[M], nothing: M) -> M | Gap:
    """The figures; `nothing` where no hour has been published yet, which is no refusal on a page (STA-01)."""
    try:
        return await attempt(call)
    except Refused as refusal:
        if refusal.problem.code != "nothing_published_yet":
            raise
        return nothing


@dataclass(frozen=True)
class Asked:
    """What the address of a progress page says."""

    organization: str
    hour: str
    sector: str
    only: str
    span: str


async def _asked(
    organization: Organization = "",
    hour: Hour = "",
    sector: Sector = "",
    only: Annotated[str, Query(pattern="^(incomplete)?$")] = "",
    span: Annotated[str, Query(pattern="^(hours|days)?$")] = "",
) -> Asked:
    return Asked(organization, hour, sector if sector in SECTORS else "", only, span)


AskedFor = Annotated[Asked, Depends(_asked)]


async def show(request: Request, visit: Visit, kind: Kind, asked: Asked) -> Response:
    view: View = request.app.state.view
    stats = visit.services.stats
    hour = asked.hour
    chosen = asked.organization or visit.organization
    query: Parameters = {"organization": chosen, "hour": hour, "sector": asked.sector}
    path = f"/v1/progress/{kind.name}"
    card, figures, sectors, hours, information, trend = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        published(stats.get(kind.tree, path, query), kind.tree()),
        published(stats.get(kind.sectors, f"{path}/sectors", {"organization": chosen, "hour": hour}), kind.sectors()),
        attempt(stats.get(Hours, "/v1/progress/hours", {"limit": HOURS_SHOWN})),
        published(
            stats.get(Information, "/v1/progress/information", {"organization": chosen, "hour": hour}), Information()
        ),
        attempt(stats.get(kind.trend, f"{path}/trend", {"organization": chosen, "sector": asked.sector})),
    )
    all_sectors = Information() if isinstance(information, Gap) else information
    filters = asdict(asked)
    return view.page(
        request,
        f"progress/{kind.name}.html",
        card=card,
        figures=figures,
        sectors=sectors,
        hours=[] if isinstance(hours, Gap) else hours.items,
        information={row.organization: row for row in all_sectors.rows},
        informed=None if asked.sector else all_sectors,
        trend=trend_of(kind.name, trend, asked.span),
        filters=filters,
        sector_codes=SECTORS,
        address=Address(f"/progress/{kind.name}", filters),
        download=Address(f"/progress/{kind.name}.xlsx", filters | {"organization": chosen, "only": "", "span": ""}),
        crumbs=[] if isinstance(card, Gap) else above(visit, card, ""),
    )


@routes.get("/progress/members")
async def member_progress(request: Request, visit: SignedIn, asked: AskedFor) -> Response:
    return await show(request, visit, KINDS["members"], asked)


@routes.get("/progress/cadres")
async def cadre_progress(request: Request, visit: SignedIn, asked: AskedFor) -> Response:
    return await show(request, visit, KINDS["cadres"], asked)


async def workbook(visit: Visit, kind: str, organization: str, hour: str, sector: str) -> Response:
    query: Parameters = {"organization": organization or visit.organization, "hour": hour, "sector": sector}
    name = f"{say(f'progress.file_{kind}')}.xlsx"
    return await passed_on(visit.services.stats, f"/v1/progress/{kind}.xlsx", query, name)


@routes.get("/progress/members.xlsx")
async def member_workbook(
    visit: SignedIn, organization: Organization = "", hour: Hour = "", sector: Sector = ""
) -> Response:
    return await workbook(visit, "members", organization, hour, sector)


@routes.get("/progress/cadres.xlsx")
async def cadre_workbook(
    visit: SignedIn, organization: Organization = "", hour: Hour = "", sector: Sector = ""
) -> Response:
    return await workbook(visit, "cadres", organization, hour, sector)
