"""Moving up to thirty members at once: from which branch, whom, where to, why; then what became of each (TRF-08)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.web.answers.batches import BatchCard, Batches
from services.web.answers.member import Members
from services.web.answers.org import Organization
from services.web.answers.transfer import Transfer, Transfers
from services.web.clients import Done, Gap, Parameters, Refused, attempt
from services.web.forms import CheckedForm, Sheet, refused, unanswered
from services.web.pages.naming import names_of, spoken
from services.web.pages.organizations import status_of
from services.web.pages.picker import picker_of
from services.web.pages.reading import above, organization_of
from services.web.pages.transfer_start import destination
from services.web.pages.transfers import lists_of
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import AsAdmin, BatchId, OrganizationId, SignedIn, Visit
from shared.http.paging import LIMIT_MAX

PAGE = 30
MEMBERS_MAX = 30
MAY_MOVE = ("committee", "working_committee", "general_branch")
KEPT = ("from", "who", "step", "to", "at", "q", "find", "cursor")
TYPED = ("reason", "note")
routes = APIRouter()


@routes.get("/organizations/{organization}/transfer-batches")
async def batch_list(request: Request, organization: OrganizationId, visit: SignedIn, cursor: str = "") -> Response:
    view: View = request.app.state.view
    path = f"/organizations/{organization}/transfer-batches"
    query: Parameters = {"limit": PAGE, "cursor": cursor}
    card, rows, lists = await asyncio.gather(
        organization_of(visit, organization),
        attempt(visit.services.transfer.get(Batches, f"/v1{path}", query)),
        lists_of(visit),
    )
    return view.page(
        request,
        "transfers/batches.html",
        card=card,
        rows=rows,
        names=await spoken(visit, [] if isinstance(rows, Gap) else [row.by for row in rows.items]),
        lists=lists,
        may_move=card.category in MAY_MOVE,
        address=Address(path, {"cursor": cursor}),
        crumbs=above(visit, card, "transfer-batches"),
    )


# ---- asking for one: each choice stands in the address, so that the way back is the browser's


def ticked(request: Request) -> list[str]:
    """Whom the address names, with the ticks of the page that was sent: who was shown and has none is taken out."""
    sent = request.query_params
    shown, ticks = sent.get("shown", "").split(), sent.getlist("person")
    before = [person for person in sent.get("who", "").split() if person not in shown]
    return list(dict.fromkeys([*before, *(shown if sent.get("go") == "all" else ticks)]))


def after_ticks(request: Request, address: Address) -> str:
    """Where the button leads: the next page of the list, the next choice, or the same page."""
    go_to, who = request.query_params.get("go", ""), " ".join(ticked(request))
    if go_to == "next":
        return address.replace(who=who, step="to" if who else "", find="", cursor="")
    if go_to == "more":
        return address.replace(who=who, cursor=request.query_params.get("following", ""))
    if go_to == "all":
        return address.replace(who=who)
    return address.replace(who=who, cursor="")


@routes.get("/organizations/{organization}/transfer-batches/new")
async def batch_page(request: Request, organization: OrganizationId, visit: AsAdmin) -> Response:
    here = f"/organizations/{organization}/transfer-batches/new"
    address = Address(here, {name: request.query_params.get(name, "") for name in KEPT})
    if "shown" in request.query_params:
        return RedirectResponse(after_ticks(request, address), status_code=303)
    return await choose(request, visit, organization, address, Sheet())


async def choose(
    request: Request, visit: Visit, organization: str, address: Address, sheet: Sheet, *, status: int = 200
) -> Response:
    """The page of the choice that is to be made next."""
    view: View = request.app.state.view
    card, origin, target = await asyncio.gather(
        organization_of(visit, organization),
        destination(visit, address.value("from")),
        destination(visit, address.value("to")),
    )
    who, picker, rows, lists = address.value("who").split(), None, None, None
    names, underway = dict[str, str](), dict[str, Transfer]()
    if card.category not in MAY_MOVE:
        pass
    elif origin is None:
        picker = await picker_of(visit, address, organization, ("branch",), "", under=organization, chooses="from")
    elif not address.has("step") or not who:
        rows, underway = await members_of(visit, origin, address)
        who = [person for person in who if person not in underway]
    elif target is None:
        picker = await picker_of(visit, address, organization, ("branch",), origin.id, under=organization)
    else:
        lists, names = await asyncio.gather(lists_of(visit), names_of(visit, who))
    return view.page(
        request,
        "transfers/batch_new.html",
        status=status,
        card=card,
        may_move=card.category in MAY_MOVE,
        origin=origin,
        target=target,
        who=who,
        most=MEMBERS_MAX,
        names=names,
        picker=picker,
        rows=rows,
        underway=underway,
        lists=lists,
        address=address,
        sheet=sheet,
    )


async def underway_of(visit: Visit, branch: Organization, rows: Members | Gap) -> dict[str, Transfer]:
    """TRF-02: of the members shown those who are on the way already, with the transfer; none where it is not known."""
    people = () if isinstance(rows, Gap) else tuple(row.person for row in rows.items)
    if not people:
        return {}
    query: Parameters = {"which": "all", "person": people, "limit": LIMIT_MAX}
    found = await attempt(visit.services.transfer.get(Transfers, f"/v1/organizations/{branch.id}/transfers", query))
    return {} if isinstance(found, Gap) else {row.person: row for row in found.items if row.is_open}


async def members_of(visit: Visit, branch: Organization, address: Address) -> tuple[Members | Gap, dict[str, Transfer]]:
    """A page of them, and of those who are on the way already the transfer."""
    words, cursor = address.value("find").strip()[:50], address.value("cursor")
    query: Parameters = {"scope": "own", "q": words, "limit": PAGE, "cursor": cursor}
    rows = await attempt(visit.services.member.get(Members, f"/v1/organizations/{branch.id}/members", query))
    return rows, await underway_of(visit, branch, rows)


@routes.post("/organizations/{organization}/transfer-batches/new")
async def start_batch(request: Request, organization: OrganizationId, visit: AsAdmin, form: CheckedForm) -> Response:
    chosen = {"from": form.text("from"), "who": form.text("who"), "to": form.text("to"), "step": "to"}
    people = form.text("who").split()
    body = {"from_branch": chosen["from"], "to": chosen["to"], "people": people, "reason": form.text("reason")}
    path = f"/v1/organizations/{organization}/transfer-batches"
    try:
        done = await visit.services.transfer.send(Done, path, body | form.filled(("note",)), key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        address = Address(f"/organizations/{organization}/transfer-batches/new", chosen)
        return await choose(request, visit, organization, address, sheet, status=status_of(no))
    here = f"/transfer-batches/{done.stream}"
    return go(request, here, "note.batch_started", after={"transfer": done.token}, count=len(people))


# ---- what became of each


@routes.get("/transfer-batches/{batch}")
async def batch_result(request: Request, batch: BatchId, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    card = await visit.services.transfer.get(BatchCard, f"/v1/transfer-batches/{batch}")
    names, lists, by = await asyncio.gather(
        names_of(visit, [member.person for member in card.members]), lists_of(visit), spoken(visit, [card.by])
    )
    return view.page(request, "transfers/batch.html", card=card, names=names, lists=lists, by=by.get(card.by, ""))
