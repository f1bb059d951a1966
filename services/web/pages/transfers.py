"""The transfers of an organization: what waits for it, what it started, the history of all below it (TRF-14)."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.web.answers.member import FoundPeople
from services.web.answers.org import Organization
from services.web.answers.outside import Exchange, Exchanges
from services.web.answers.transfer import APPROVERS, Card, Lists, Transfer, Transfers
from services.web.clients import Gap, Parameters, Refused, attempt
from services.web.forms import Sheet
from services.web.pages.naming import names_of
from services.web.pages.reading import above, organization_of
from services.web.texts import label, say
from services.web.urls import Address
from services.web.view import View
from services.web.visit import OrganizationId, SignedIn, Visit
from shared.kernel.clock import local_date

PAGE = 50
COUNTED = 100
OF_SUBORDINATES = ("overdue", "objections", "below")
TO_DECIDE = ("waiting", "objections", "coordination")
OFFERS = "offers"
LEADING_BODY = "leading_body"
TABS = ("waiting", "arrivals", "moving_on", "started", "all", "coordination", *OF_SUBORDINATES)
WAITING_STATES = ("pending", "unassigned")
STATES = ("requested", *WAITING_STATES, "approved", "completed", "refused", "withdrawn", "timed_out", "failed")
routes = APIRouter()


async def lists_of(visit: Visit, starts: str = "") -> Lists:
    """Reasons and grounds; empty where transfer does not answer, so that a page still opens.

    `starts`: who starts a transfer; the province of that one may allow leavers more (TRF-19).
    """
    query: Parameters = {"organization": starts} if starts else {}
    answer = await attempt(visit.services.transfer.get(Lists, "/v1/reference/transfers", query))
    return Lists() if isinstance(answer, Gap) else answer


async def until_shown(visit: Visit, organization: str, tokens: Sequence[str]) -> None:
    """Returns when what was done to several transfers is to be seen behind their links, by its consistency tokens.

    Or after two seconds, or at once where transfer does not say: done is done.
    """
    path = f"/v1/organizations/{organization}/transfers"
    query: Parameters = {"which": "waiting", "limit": 1}
    if tokens:
        with suppress(Gap, Refused):
            await visit.after("transfer", ",".join(tokens)).services.transfer.get(Transfers, path, query)


async def card_of(visit: Visit, transfer: str) -> Card:
    """Raises Refused (absent, or none of the asker's), SignedOut or Gap."""
    return await visit.services.transfer.get(Card, f"/v1/transfers/{transfer}")


async def waiting_for(visit: Visit, organization: str, limit: int) -> list[Transfer]:
    """What the organization has to decide, the nearest deadline first."""
    path = f"/v1/organizations/{organization}/transfers"
    found = await visit.services.transfer.get(Transfers, path, {"which": "waiting", "limit": limit})
    return [row for row in found.items if row.turn]


async def offers_for(visit: Visit, organization: str) -> tuple[Exchange, ...]:
    """TRF-17: what other systems offer to the organization; nothing to one that takes nobody, or to who decides none.

    Raises Gap, Refused.
    """
    if not visit.is_admin or visit.standing is None or visit.standing.category == LEADING_BODY:
        return ()
    return (await visit.services.transfer.get(Exchanges, f"/v1/organizations/{organization}/outside-offers")).items


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to, as it stands in its address; what cannot be asked for is left out."""

    which: str = "waiting"
    q: str = ""
    state: str = ""
    started_by: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""
    cursor: str = ""

    def asked(self) -> dict[str, str]:
        """As transfer understands it."""
        chosen = {"state": self.state, "started_by": self.started_by, "reason": self.reason}
        days = {"since": self.since, "until": self.until}
        return {name: value for name, value in (chosen | days).items() if value}

    @property
    def narrowed(self) -> dict[str, str]:
        return {"q": self.q, **self.asked()} if self.q else self.asked()


async def filters_of(
    which: str = "",
    q: str = "",
    state: str = "",
    started_by: str = "",
    reason: str = "",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> Filters:
    return Filters(
        which if which in TABS else TABS[0],
        " ".join(q.split())[:50],
        state if state in STATES else "",
        started_by if started_by in APPROVERS else "",
        reason if reason.replace("_", "").isalnum() else "",
        as_day(since),
        as_day(until),
        cursor,
    )


def as_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def tabs_of(card: Organization) -> tuple[str, ...]:
    """A branch has nobody below it."""
    return tuple(tab for tab in TABS if tab not in OF_SUBORDINATES) if card.is_branch else TABS


async def rows_of(visit: Visit, card: Organization, filters: Filters) -> Transfers:
    """A page of the list; of people of a name those in the whole subtree, also who moved on. Raises Gap, Refused."""
    query: Parameters = {"which": filters.which, "limit": PAGE, "cursor": filters.cursor, **filters.asked()}
    found = FoundPeople()
    if filters.q:
        found = await visit.services.member.get(FoundPeople, f"/v1/organizations/{card.id}/people", {"q": filters.q})
        if not found.items:
            return Transfers(not_all=found.more)
        query = {**query, "person": tuple(row.person for row in found.items)}
    rows = await visit.services.transfer.get(Transfers, f"/v1/organizations/{card.id}/transfers", query)
    return rows.model_copy(update={"not_all": found.more})


@routes.get("/organizations/{organization}/transfers")
async def transfer_list(
    request: Request,
    organization: OrganizationId,
    visit: SignedIn,
    filters: Annotated[Filters, Depends(filters_of)],
) -> Response:
    view: View = request.app.state.view
    card, lists = await asyncio.gather(organization_of(visit, organization), lists_of(visit))
    rows = await attempt(rows_of(visit, card, filters))
    shown = [] if isinstance(rows, Gap) else list(rows.items)
    path, which = f"/organizations/{organization}/transfers", filters.which
    return view.page(
        request,
        "transfers/list.html",
        card=card,
        rows=rows,
        shown=shown,
        names=await names_of(visit, [row.person for row in shown]),
        lists=lists,
        tab=which,
        tabs=tabs_of(card),
        today=local_date(view.now()),
        states=WAITING_STATES if which == "waiting" else STATES,
        starters=tuple(APPROVERS),
        filters=filters,
        chips=[(name, chip(lists, name, value)) for name, value in filters.narrowed.items()],
        address=Address(path, {"which": which, **filters.narrowed, "cursor": filters.cursor}),
        crumbs=above(visit, card, "transfers"),
        sheet=Sheet(),
    )


def chip(lists: Lists, name: str, value: str) -> str:
    """How a filter is named among those that are set."""
    match name:
        case "state":
            return label("transfer_searched", value)
        case "started_by":
            return label("transfer_starter", value)
        case "reason":
            return lists.reason_names.get(value, value)
        case "since" | "until":
            return str(say("transfers.chip_since" if name == "since" else "transfers.chip_until", day=value))
        case _:
            return value


@routes.get("/organizations/{organization}/transfers/count")
async def waiting_count(request: Request, organization: OrganizationId, visit: SignedIn, which: str = "") -> Response:
    """The number beside the entry of the menu, or a tab, asked for by each page after it is there.

    Without a tab it is of all that somebody has to decide: approvals, objections, cases, offers of other systems.
    """
    view: View = request.app.state.view
    counted = (which,) if which in (*TABS, OFFERS) else (*TO_DECIDE, OFFERS)
    found = await asyncio.gather(*(attempt(count_of(visit, organization, tab)) for tab in counted))
    total = sum(each for each in found if not isinstance(each, Gap))
    return view.page(request, "transfers/count.html", found=min(total, COUNTED), most=COUNTED)


async def count_of(visit: Visit, organization: str, tab: str) -> int:
    """No further than COUNTED. Raises Gap, Refused."""
    if tab == OFFERS:
        return len(await offers_for(visit, organization))
    if tab == "waiting":
        return len(await waiting_for(visit, organization, COUNTED))
    query: Parameters = {"which": tab, "limit": COUNTED}
    return len(
        (await visit.services.transfer.get(Transfers, f"/v1/organizations/{organization}/transfers", query)).items
    )
