"""Deciding many transfers at once: each by its own command, with its own outcome (TRF-04 to TRF-07)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.web.answers.org import Organization
from services.web.answers.transfer import Transfer, Transfers
from services.web.clients import Done, Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet
from services.web.pages.naming import names_of
from services.web.pages.picker import picker_of
from services.web.pages.reading import down_to, organization_of
from services.web.pages.transfer_one import TAKEN
from services.web.pages.transfer_start import destination
from services.web.pages.transfers import until_shown
from services.web.urls import Address
from services.web.view import View
from services.web.visit import AsAdmin, OrganizationId, SignedIn, Visit

MOST, ASSIGNED_MOST, AT_ONCE, NAMED_MAX = 50, 30, 8, 200
KEPT = ("who", "at", "q", "to")
routes = APIRouter()


@dataclass(frozen=True)
class Outcome:
    """`said` is what stood against it, None where it was done, a Gap where nobody knows; `body` is what was sent.

    `token` is the consistency token of what was done.
    """

    transfer: str
    row: Transfer | None
    said: Problem | Gap | None
    body: Mapping[str, str]
    token: str


@routes.post("/organizations/{organization}/transfers/approve")
async def approve_many(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """Sent once more under the same key, nothing is done twice. Who now waits for a branch can be assigned one next."""

    def body(transfer: str) -> dict[str, str]:
        step = form.text(f"step-{transfer}")
        return {"organization": step} if step else {}

    card, known = await asyncio.gather(organization_of(visit, organization), waiting_of(visit, organization))
    outcomes = await each_by_itself(visit, form, several(form, "transfer")[:MOST], "approval", body, known)
    agreed = [each.transfer for each in outcomes if each.said is None and to_be_assigned(card, each.row)]
    return await told(request, visit, card, form, outcomes, unassigned=[*agreed, *several(form, "assign")])


@routes.post("/organizations/{organization}/transfers/assign")
async def assign_many(request: Request, organization: OrganizationId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-04, TRF-06: all that were chosen go to one branch, which is chosen first."""
    chosen, to = several(form, "assign"), form.text("branch")
    card, known, branch = await asyncio.gather(
        organization_of(visit, organization), waiting_of(visit, organization), destination(visit, to)
    )
    if branch is None or not 0 < len(chosen) <= ASSIGNED_MOST:
        here = f"/organizations/{organization}/transfers/assign"
        return RedirectResponse(str(Address(here, {"who": " ".join(chosen)})), status_code=303)
    outcomes = await each_by_itself(visit, form, chosen, "assignment", lambda _: {"branch": branch.id}, known)
    left = [each.transfer for each in outcomes if isinstance(each.said, Problem) and each.said.code not in TAKEN]
    return await told(request, visit, card, form, outcomes, unassigned=left, branch=branch)


@routes.get("/organizations/{organization}/transfers/assign")
async def assign_page(request: Request, organization: OrganizationId, visit: AsAdmin) -> Response:
    """First which branch, in the tree below where they all go; then what is about to be done."""
    view: View = request.app.state.view
    here = f"/organizations/{organization}/transfers/assign"
    address = Address(here, {name: request.query_params.get(name, "") for name in KEPT})
    card, known, chosen = await asyncio.gather(
        organization_of(visit, organization),
        waiting_of(visit, organization),
        destination(visit, address.value("to")),
    )
    who, picker = list(dict.fromkeys(address.value("who").split())), None
    rows = [known[each] for each in who if each in known]
    if chosen is None and 0 < len(who) <= ASSIGNED_MOST:
        goals = {row.to for row in rows}
        top = goals.pop() if len(goals) == 1 else organization
        picker = await picker_of(visit, address, top, ("branch",), "", under=top)
    return view.page(
        request,
        "transfers/assign_many.html",
        card=card,
        who=who,
        most=ASSIGNED_MOST,
        rows=rows,
        names=await names_of(visit, [row.person for row in rows]),
        chosen=chosen,
        picker=picker,
        address=address,
        sheet=Sheet(),
        crumbs=down_to(visit, card, "transfers"),
    )


def several(form: Form, name: str) -> list[str]:
    """What was ticked, each once."""
    return list(dict.fromkeys(value for value in form.data.getlist(name) if isinstance(value, str)))


def to_be_assigned(card: Organization, row: Transfer | None) -> bool:
    """TRF-06: who agrees for an organization that is no branch is not done with it."""
    return row is not None and row.turn == "in" and row.to == card.id and not card.is_branch


async def waiting_of(visit: Visit, organization: str) -> dict[str, Transfer]:
    """What waits for an organization, by id; nothing where transfer does not say."""
    query: Parameters = {"which": "waiting", "limit": NAMED_MAX}
    path = f"/v1/organizations/{organization}/transfers"
    found = await attempt(visit.services.transfer.get(Transfers, path, query))
    return {} if isinstance(found, Gap) else {row.transfer: row for row in found.items}


async def each_by_itself(
    visit: Visit,
    form: Form,
    chosen: Iterable[str],
    what: str,
    body: Callable[[str], Mapping[str, str]],
    known: Mapping[str, Transfer],
) -> list[Outcome]:
    """One command for each, whose key follows from that of the form."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(transfer: str) -> Outcome:
        sent, key = body(transfer), str(uuid5(NAMESPACE_URL, f"{form.key}/{transfer}"))
        said: Problem | Gap | None = None
        token = ""
        async with gate:
            try:
                done = await visit.services.transfer.send(Done, f"/v1/transfers/{transfer}/{what}", sent, key=key)
                token = done.token
            except Refused as no:
                said = no.problem
            except Gap as gap:
                said = gap
        return Outcome(transfer, known.get(transfer), said, sent, token)

    return list(await asyncio.gather(*(one(each) for each in chosen)))


async def told(
    request: Request,
    visit: Visit,
    card: Organization,
    form: Form,
    outcomes: Sequence[Outcome],
    *,
    unassigned: Sequence[str],
    branch: Organization | None = None,
) -> Response:
    """What came of each, who were agreed to or went to a `branch`; `unassigned`: for whom a branch is chosen next.

    Answers when what was done is to be seen behind every link of the page.
    """
    view: View = request.app.state.view
    done = [each.token for each in outcomes if each.said is None]
    await until_shown(visit, card.id, done)
    return view.page(
        request,
        "transfers/many.html",
        card=card,
        branch=branch,
        outcomes=outcomes,
        done=len(done),
        to_be_assigned=[each.transfer for each in outcomes if to_be_assigned(card, each.row)],
        unassigned=unassigned[:ASSIGNED_MOST],
        names=await names_of(visit, [each.row.person for each in outcomes if each.row]),
        sheet=Sheet(key=form.key),
        crumbs=down_to(visit, card, "transfers"),
    )
