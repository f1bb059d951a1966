"""The home of the organization acted for: its card, its figures, what is incomplete and who can mend it."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.web.answers.applications import ApplicationRows
from services.web.answers.changes import Migrations
from services.web.answers.graduates import YearLeft, YearsLeft
from services.web.answers.imports import Imports
from services.web.answers.member import Record
from services.web.answers.org import Organization, Subordinates
from services.web.answers.schools import Campaign, GraduationProgress
from services.web.answers.stats import MemberProgress, MemberTrend
from services.web.answers.transfer import Transfer, Transfers
from services.web.clients import Gap, Parameters, attempt
from services.web.pages.emptied import emptied
from services.web.pages.naming import named, names_of
from services.web.pages.reading import organization_of
from services.web.pages.transfers import offers_for
from services.web.pages.transfers import waiting_for as transfers_waiting
from services.web.pages.trends import trend_of
from services.web.view import View
from services.web.visit import SignedIn, Visit
from shared.kernel.clock import local_date

INCOMPLETE_SHOWN = 6
LAGGARDS_SHOWN = 5
WAITING_SHOWN = 3
TRANSFERS_ASKED = 50
ARRIVALS = "arrivals"
PEOPLE = (ARRIVALS, "moving_on")
DISPUTES = ("objections", "coordination")
IMPORTS_SHOWN = 3
routes = APIRouter()


def laggards(progress: MemberProgress | Gap) -> list[object]:
    """The direct subordinates whose members' records are least complete; none where all are."""
    if isinstance(progress, Gap):
        return []
    behind = [row for row in progress.rows if row.members_complete < row.members]
    behind.sort(key=lambda row: row.members_complete / row.members)
    return list(behind[:LAGGARDS_SHOWN])


async def waiting_for(visit: Visit, path: str) -> ApplicationRows:
    """The applications for an account that wait to be decided (ADM-07); none for who has nobody below to decide on."""
    if not visit.is_admin or visit.standing is None or visit.standing.category == "branch":
        return ApplicationRows()
    return await visit.services.org.get(ApplicationRows, path, {"limit": WAITING_SHOWN})


async def urgent_of(visit: Visit, organization: str) -> list[tuple[Transfer, str, str]] | Gap:
    """What waits for the organization and has the least time left, then disputes; each with whose turn, or which, it is
    and the member's name.
    """
    rows, disputes = await asyncio.gather(
        attempt(transfers_waiting(visit, organization, TRANSFERS_ASKED)),
        asyncio.gather(*(attempt(disputed(visit, organization, which)) for which in disputes_of(visit))),
    )
    if isinstance(rows, Gap):
        return rows
    urgent = [(row, row.turn) for row in rows[:WAITING_SHOWN]]
    urgent += [pair for found in disputes if not isinstance(found, Gap) for pair in found]
    names = await names_of(visit, [row.person for row, _ in urgent])
    return [(row, what, names.get(row.person, "")) for row, what in urgent]


def disputes_of(visit: Visit) -> tuple[str, ...]:
    """A branch has nobody below it who starts a transfer."""
    if not visit.is_admin or visit.standing is None:
        return ()
    return DISPUTES[1:] if visit.standing.category == "branch" else DISPUTES


async def disputed(visit: Visit, organization: str, which: str) -> list[tuple[Transfer, str]]:
    """TRF-11, TRF-12. Raises Gap."""
    query: Parameters = {"which": which, "limit": WAITING_SHOWN}
    path = f"/v1/organizations/{organization}/transfers"
    return [(row, which) for row in (await visit.services.transfer.get(Transfers, path, query)).items]


async def graduation_of(visit: Visit, organization: str, year: int) -> tuple[GraduationProgress, Campaign] | None:
    """What is next in the campaign, for who has branches below that need a month (GRD-09); nothing for others."""
    if visit.standing is None or visit.standing.category == "branch":
        return None
    here, org = f"/v1/organizations/{organization}", visit.services.org
    progress, campaign = await asyncio.gather(
        attempt(org.get(GraduationProgress, f"{here}/graduation")),
        attempt(org.get(Campaign, f"{here}/campaigns/{year}")),
    )
    if isinstance(progress, Gap) or isinstance(campaign, Gap) or not progress.branches:
        return None
    return progress, campaign


async def left_behind_of(visit: Visit, card: Organization | Gap) -> tuple[YearLeft, ...]:
    """GRD-06: of a graduate branch how many are to be transferred, this year's and those of years before."""
    if isinstance(card, Gap) or card.special_kind != "graduate":
        return ()
    found = await attempt(visit.services.transfer.get(YearsLeft, f"/v1/organizations/{card.id}/graduates/years"))
    return () if isinstance(found, Gap) else found.items


async def people_of(visit: Visit, organization: str, which: str) -> list[tuple[Transfer, str]] | Gap:
    """Of a branch: who arrived and was not contacted, or not seen, yet (TRF-21). Who is to move on (TRF-20), also for
    the admin above, who acts for a branch without one (ADM-08).
    """
    if visit.standing is None or (visit.standing.category != "branch" and (which == ARRIVALS or not visit.is_admin)):
        return []
    query: Parameters = {"which": which, "limit": WAITING_SHOWN}
    found = await attempt(visit.services.transfer.get(Transfers, f"/v1/organizations/{organization}/transfers", query))
    if isinstance(found, Gap):
        return found
    names = await names_of(visit, [row.person for row in found.items])
    return [(row, names.get(row.person, "")) for row in found.items]


async def all_people_of(visit: Visit, organization: str) -> list[tuple[str, list[tuple[Transfer, str]] | Gap]]:
    found = await asyncio.gather(*(people_of(visit, organization, which) for which in PEOPLE))
    return list(zip(PEOPLE, found, strict=True))


def _asked_of(organization: str) -> tuple[str, Parameters, Parameters, Parameters]:
    here = f"/v1/organizations/{organization}/subordinates"
    asked: Parameters = {"which": "waiting", "limit": WAITING_SHOWN}
    return here, {"complete": "false", "limit": INCOMPLETE_SHOWN}, {"organization": organization}, asked


@routes.get("/home")
async def home(request: Request, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    if visit.standing is None:
        return view.page(request, "home/nowhere.html")
    if not visit.acts:
        return RedirectResponse("/me", status_code=303)
    organization, services = visit.organization, visit.services
    here, incomplete, of_it, asked = _asked_of(organization)
    (card, below, waiting, progress, imports, trend), urgent, moves, graduation, come = await asyncio.gather(
        asyncio.gather(
            attempt(organization_of(visit, organization)),
            attempt(services.org.get(Subordinates, here, incomplete)),
            attempt(waiting_for(visit, f"{here}/account-applications")),
            attempt(services.stats.get(MemberProgress, "/v1/progress/members", of_it | {"hour": "live"})),
            attempt(services.member.get(Imports, "/v1/imports", of_it | {"limit": IMPORTS_SHOWN})),
            attempt(services.stats.get(MemberTrend, "/v1/progress/members/trend", of_it)),
        ),
        urgent_of(visit, organization),
        attempt(services.org.get(Migrations, f"/v1/organizations/{organization}/migrations", asked)),
        graduation_of(visit, organization, local_date(view.now()).year),
        asyncio.gather(attempt(offers_for(visit, organization)), all_people_of(visit, organization)),
    )
    return view.page(
        request,
        "home/home.html",
        card=card,
        below=below,
        urgent=urgent,
        waiting=waiting,
        moves=moves,
        graduation=graduation,
        today=local_date(view.now()),
        people=come[1],
        offers=come[0] if isinstance(come[0], Gap) else come[0][:WAITING_SHOWN],
        imports=imports,
        progress=progress,
        laggards=laggards(progress),
        trend=trend_of("members", trend),
        **await _of_card(visit, card) | _emptied(progress, card, below),
    )


def _emptied(progress: MemberProgress | Gap, card: Organization | Gap, below: Subordinates | Gap) -> dict[str, Any]:
    """Of itself and the direct subordinates whose information is incomplete."""
    if isinstance(card, Gap):
        return {"emptied": frozenset()}
    rows = () if isinstance(below, Gap) else below.items
    return {"emptied": emptied(progress, card.id, (card, *rows))}


async def _of_card(visit: Visit, card: Organization | Gap) -> dict[str, Any]:
    """What is asked for once the organization is known."""
    secretary, left_behind = await asyncio.gather(_secretary_of(visit, card), left_behind_of(visit, card))
    return {"secretary": secretary, "left_behind": left_behind}


async def _secretary_of(visit: Visit, card: Organization | Gap) -> dict[str, Record]:
    """By their id; empty where there is none, or where it is not known."""
    secretary = None if isinstance(card, Gap) else card.secretary
    return await named(visit, [secretary.person]) if secretary else {}
