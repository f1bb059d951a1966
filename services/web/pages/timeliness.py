"""How timely transfers are decided, on the hour, by organization, with the formula beside (STA-05, TRF-10)."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.web.answers.graduates import Timeliness, TimelinessTrend
from services.web.answers.stats import Hours
from services.web.clients import Gap, Parameters, attempt
from services.web.pages.graduates import Asked, asked_for
from services.web.pages.progress import HOURS_SHOWN, published
from services.web.pages.reading import above, organization_of
from services.web.pages.trends import trend_of
from services.web.urls import Address
from services.web.view import View
from services.web.visit import SignedIn

routes = APIRouter()


@routes.get("/progress/timeliness")
async def timeliness(request: Request, visit: SignedIn, asked: Annotated[Asked, Depends(asked_for)]) -> Response:
    view: View = request.app.state.view
    stats, chosen = visit.services.stats, asked.organization or visit.organization
    query: Parameters = {"organization": chosen, "hour": asked.hour}
    card, figures, hours, trend = await asyncio.gather(
        attempt(organization_of(visit, chosen)),
        published(stats.get(Timeliness, "/v1/progress/timeliness", query), Timeliness()),
        attempt(stats.get(Hours, "/v1/progress/hours", {"limit": HOURS_SHOWN})),
        attempt(stats.get(TimelinessTrend, "/v1/progress/timeliness/trend", {"organization": chosen})),
    )
    filters = asdict(asked)
    return view.page(
        request,
        "graduates/timeliness.html",
        card=card,
        figures=figures,
        hours=[] if isinstance(hours, Gap) else hours.items,
        trend=trend_of("timeliness", trend, asked.span),
        filters=filters,
        address=Address("/progress/timeliness", filters),
        crumbs=[] if isinstance(card, Gap) else above(visit, card, ""),
    )
