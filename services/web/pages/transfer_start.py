"""Starting a transfer: by a branch for its member, or by the member; choosing a branch at its end (TRF-01, TRF-18)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Record
from services.web.answers.org import Organization
from services.web.answers.transfer import Transfer, Transfers
from services.web.clients import Done, Gap, Parameters, Problem, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.naming import names_of
from services.web.pages.organizations import CATEGORIES, status_of
from services.web.pages.picker import picker_of, whole_tree
from services.web.pages.reading import organization_of
from services.web.pages.transfers import card_of, lists_of
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import PersonId, SignedIn, TransferId, Visit

PAGE = 50
DESTINATIONS = tuple(category for category in CATEGORIES if category != "leading_body")
TYPED = ("to", "reason", "note", "situation", "place")
KEPT = ("q", "at", "to", "situation", "place")
routes = APIRouter()


def transfers_of(visit: Visit, person: str) -> str:
    return "/v1/me/transfers" if person == visit.me.principal else f"/v1/people/{person}/transfers"


async def history_of(visit: Visit, person: str, limit: int, cursor: str = "") -> Transfers | Gap | None:
    """The transfers of a person, the newest first; None where they may not be seen."""
    try:
        query: Parameters = {"limit": limit, "cursor": cursor}
        return await attempt(visit.services.transfer.get(Transfers, transfers_of(visit, person), query))
    except Refused:
        return None


def open_of(found: Transfers | Gap | None) -> Transfer | None:
    """TRF-02: of somebody's transfers the one that is open; it is the newest."""
    newest = found.items[:1] if isinstance(found, Transfers) else ()
    return next((each for each in newest if each.is_open), None)


async def destination(visit: Visit, to: str) -> Organization | None:
    """What was chosen; None for nothing, and for what org does not know."""
    try:
        return await organization_of(visit, to) if to else None
    except Refused:
        return None


# ---- the page: first where to, then why


@routes.get("/me/transfer")
async def own_page(request: Request, visit: SignedIn) -> Response:
    record = await record_of(visit, visit.me.principal)
    return await start_page(request, visit, record, asked(request, "/me/transfer"), Sheet())


@routes.get("/people/{person}/transfer")
async def out_page(request: Request, person: PersonId, visit: SignedIn) -> Response:
    record = await for_others(visit, person)
    return await start_page(request, visit, record, asked(request, f"/people/{person}/transfer"), Sheet())


def asked(request: Request, here: str) -> Address:
    """What was chosen so far: where to, and what a leaver said (TRF-19)."""
    return Address(here, {name: request.query_params.get(name, "") for name in KEPT})


async def record_of(visit: Visit, person: str) -> Record:
    return await visit.services.member.get(Record, f"/v1/people/{person}")


async def for_others(visit: Visit, person: str) -> Record:
    """Raises Refused for who only reads there (ADM-08)."""
    record = await record_of(visit, person)
    if not record.may.edit:
        raise Refused(Problem(status=403, rule="ADM-08"))
    return record


async def start_page(
    request: Request, visit: Visit, record: Record, address: Address, sheet: Sheet, *, status: int = 200
) -> Response:
    view: View = request.app.state.view
    branch = record.branch or ""
    known, chosen, origin, lists = await asyncio.gather(
        history_of(visit, record.person, 1),
        destination(visit, address.value("to")),
        destination(visit, branch),
        lists_of(visit, branch),
    )
    picker, open_transfer = None, open_of(known)
    if branch and open_transfer is None and chosen is None:
        if origin and (record.is_graduate or address.has("situation")):
            picker = await whole_tree(visit, address, origin, DESTINATIONS, branch)
        else:
            start = (origin.superior if origin else None) or branch
            picker = await picker_of(visit, address, start, DESTINATIONS, branch)
    return view.page(
        request,
        "transfers/start.html",
        status=status,
        record=record,
        is_mine=record.person == visit.me.principal,
        open_transfer=open_transfer,
        chosen=chosen,
        picker=picker,
        lists=lists,
        situation=lists.situation(address.value("situation")),
        address=address,
        sheet=sheet,
    )


@routes.post("/me/transfer")
async def start_own(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-07."""
    record = await record_of(visit, visit.me.principal)
    return await start(request, visit, record, form, "/me/transfer", "/v1/me/transfers", {})


@routes.post("/people/{person}/transfer")
async def start_out(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-05, TRF-06."""
    record = await for_others(visit, person)
    path = f"/v1/organizations/{record.branch}/transfers-out"
    return await start(request, visit, record, form, f"/people/{person}/transfer", path, {"person": person})


async def start(
    request: Request, visit: Visit, record: Record, form: Form, here: str, path: str, whom: dict[str, str]
) -> Response:
    body = {**whom, "to": form.text("to"), "reason": form.text("reason"), **form.filled(("note", "situation", "place"))}
    try:
        done = await visit.services.transfer.send(Done, path, body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        address = Address(here, {name: form.text(name) for name in KEPT})
        return await start_page(request, visit, record, address, sheet, status=status_of(no))
    here = f"/transfers/{done.stream}"
    return go(request, here, "note.transfer_started", after={"transfer": done.token}, name=record.name)


# ---- what there was


@routes.get("/me/transfers")
async def own_history(request: Request, visit: SignedIn, cursor: str = "") -> Response:
    return await history_page(request, visit, visit.me.principal, "/me/transfers", cursor)


@routes.get("/people/{person}/transfers")
async def history(request: Request, person: PersonId, visit: SignedIn, cursor: str = "") -> Response:
    return await history_page(request, visit, person, f"/people/{person}/transfers", cursor)


async def history_page(request: Request, visit: Visit, person: str, here: str, cursor: str) -> Response:
    view: View = request.app.state.view
    rows, lists, names = await asyncio.gather(
        attempt(visit.services.transfer.get(Transfers, transfers_of(visit, person), {"limit": PAGE, "cursor": cursor})),
        lists_of(visit),
        names_of(visit, [person]),
    )
    is_mine = person == visit.me.principal
    return view.page(
        request,
        "transfers/history.html",
        person=person,
        name=visit.me.name if is_mine else names.get(person, ""),
        is_mine=is_mine,
        rows=rows,
        lists=lists,
        address=Address(here, {"cursor": cursor}),
    )


# ---- the branch at the end (TRF-04, TRF-06): the same tree, below the destination


@routes.get("/transfers/{transfer}/assign")
async def assign_page(
    request: Request, transfer: TransferId, visit: SignedIn, q: str = "", at: str = "", to: str = ""
) -> Response:
    view: View = request.app.state.view
    card = await card_of(visit, transfer)
    address = Address(f"/transfers/{transfer}/assign", {"q": q, "at": at, "to": to})
    chosen, names = await asyncio.gather(destination(visit, to), names_of(visit, [card.person]))
    picker = None
    if chosen is None:
        picker = await picker_of(visit, address, card.to, ("branch",), card.from_branch, under=card.to)
    return view.page(
        request,
        "transfers/assign.html",
        card=card,
        chosen=chosen,
        picker=picker,
        name=names.get(card.person, ""),
        address=address,
        sheet=Sheet(),
    )
