"""Transfers to and from the systems of 北京, 广东 and 福建; for operators, how the exchange stands (TRF-17, BEY-08)."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.web.answers.member import Record
from services.web.answers.outside import SYSTEMS, Exchanges, Found, Offer, Systems, Ticket
from services.web.clients import Done, Gap, Refused, attempt
from services.web.forms import CheckedForm, Form, Sheet, refused, unanswered
from services.web.pages.naming import names_of
from services.web.pages.organizations import status_of
from services.web.pages.reading import above, organization_of
from services.web.pages.transfer_start import for_others, record_of
from services.web.pages.transfers import lists_of
from services.web.urls import Address
from services.web.view import View, go
from services.web.visit import AsOperator, OrganizationId, PersonId, SignedIn, TransferId, Visit

TYPED = ("system", "organization_name", "reason", "note")
TABS = ("open", "failing", "found", "all")
NOT_KNOWN = "no_member_of_this_name_and_number"
ExchangeId = Annotated[str, Path(pattern=r"^exchange-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
routes = APIRouter()


# ---- to another system: which, the organization by its full name, why


@routes.get("/me/transfer-outside")
async def own_page(request: Request, visit: SignedIn, system: str = "", q: str = "", name: str = "") -> Response:
    record = await record_of(visit, visit.me.principal)
    return await start_page(request, visit, record, "/me/transfer-outside", Sheet(), system, q, name)


@routes.get("/people/{person}/transfer-outside")
async def out_page(
    request: Request, person: PersonId, visit: SignedIn, system: str = "", q: str = "", name: str = ""
) -> Response:
    record = await for_others(visit, person)
    return await start_page(request, visit, record, f"/people/{person}/transfer-outside", Sheet(), system, q, name)


async def start_page(
    request: Request,
    visit: Visit,
    record: Record,
    here: str,
    sheet: Sheet,
    system: str,
    q: str,
    name: str,
    *,
    status: int = 200,
) -> Response:
    view: View = request.app.state.view
    chosen = system if system in SYSTEMS else SYSTEMS[0]
    path = f"/v1/outside-systems/{chosen}/organizations"
    found = await attempt(visit.services.transfer.get(Found, path, {"q": q})) if q.strip() else None
    return view.page(
        request,
        "transfers/outside.html",
        status=status,
        record=record,
        is_mine=record.person == visit.me.principal,
        address=Address(here, {"system": chosen, "q": q}),
        systems=SYSTEMS,
        system=chosen,
        q=q,
        name=name or sheet.value("organization_name"),
        found=found,
        lists=await lists_of(visit),
        sheet=sheet,
    )


@routes.post("/me/transfer-outside")
async def start_own(request: Request, visit: SignedIn, form: CheckedForm) -> Response:
    record = await record_of(visit, visit.me.principal)
    return await start(request, visit, record, form, "/me/transfer-outside", "/v1/me/transfers-outside", {})


@routes.post("/people/{person}/transfer-outside")
async def start_out(request: Request, person: PersonId, visit: SignedIn, form: CheckedForm) -> Response:
    record = await for_others(visit, person)
    path = f"/v1/organizations/{record.branch}/transfers-outside"
    return await start(request, visit, record, form, f"/people/{person}/transfer-outside", path, {"person": person})


async def start(
    request: Request, visit: Visit, record: Record, form: Form, here: str, path: str, whom: dict[str, str]
) -> Response:
    try:
        asked = f"/v1/people/{record.person}/transfer-papers"
        papers = await visit.services.member.send(Ticket, asked, {}, key=f"{form.key}-p")
        body = {**whom, **{name: form.text(name) for name in TYPED[:3]}, **form.filled(("note",))}
        done = await visit.services.transfer.send(Done, path, body | {"papers": papers.ticket}, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, TYPED, no) if isinstance(no, Gap) else refused(form, TYPED, no.problem)
        system = form.text("system")
        return await start_page(request, visit, record, here, sheet, system, "", "", status=status_of(no))
    return go(
        request,
        f"/transfers/{done.stream}",
        "note.transfer_started",
        after={"transfer": done.token},
        name=record.name,
    )


@routes.get("/transfers/{transfer}/exchange")
async def said(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    """A part of the page of a transfer: what the two systems said; empty for an ordinary one."""
    view: View = request.app.state.view
    found = await attempt(visit.services.transfer.get(Exchanges, f"/v1/transfers/{transfer}/exchange"))
    items = () if isinstance(found, Gap) else found.items
    return view.page(request, "transfers/exchange.html", transfer=transfer, items=items)


# ---- from another system


@routes.get("/organizations/{organization}/outside-offers")
async def offers(request: Request, organization: OrganizationId, visit: SignedIn) -> Response:
    view: View = request.app.state.view
    path = f"/v1/organizations/{organization}/outside-offers"
    card, rows = await asyncio.gather(
        organization_of(visit, organization), attempt(visit.services.transfer.get(Exchanges, path))
    )
    crumbs = above(visit, card, "transfers")
    return view.page(request, "transfers/offers.html", card=card, rows=rows, crumbs=crumbs)


@routes.get("/organizations/{organization}/exchanges")
async def exchanges(
    request: Request, organization: OrganizationId, visit: SignedIn, which: str = "", system: str = "", cursor: str = ""
) -> Response:
    """ADM-08: with other systems, of the organization and all below it."""
    view: View = request.app.state.view
    tab, chosen = which if which in TABS else TABS[0], system if system in SYSTEMS else ""
    asked = {"which": tab, "system": chosen or None, "cursor": cursor or None}
    path = f"/organizations/{organization}/exchanges"
    card, rows = await asyncio.gather(
        organization_of(visit, organization), attempt(visit.services.transfer.get(Exchanges, f"/v1{path}", asked))
    )
    shown = () if isinstance(rows, Gap) else rows.items
    return view.page(
        request,
        "transfers/exchanges.html",
        card=card,
        rows=rows,
        tab=tab,
        tabs=TABS,
        systems=SYSTEMS,
        system=chosen,
        names=await names_of(visit, sorted({row.person for row in shown if row.person})),
        address=Address(path, {"which": tab, "system": chosen, "cursor": cursor}),
        crumbs=above(visit, card, "transfers"),
    )


@routes.get("/outside-offers/{exchange}")
async def offer(request: Request, exchange: ExchangeId, visit: SignedIn) -> Response:
    return await offer_page(request, visit, exchange, Sheet())


async def offer_page(
    request: Request, visit: Visit, exchange: str, sheet: Sheet, *, status: int = 200, unknown: bool = False
) -> Response:
    view: View = request.app.state.view
    card, lists = await asyncio.gather(offer_of(visit, exchange), lists_of(visit))
    return view.page(
        request, "transfers/offer.html", status=status, card=card, lists=lists, sheet=sheet, unknown=unknown
    )


async def offer_of(visit: Visit, exchange: str) -> Offer:
    return await visit.services.transfer.get(Offer, f"/v1/outside-offers/{exchange}")


async def ticket_of(visit: Visit, card: Offer, key: str) -> str:
    """TRF-03: of who has this name and number here. Raises Refused for nobody."""
    pair = {"name": card.name, "number": card.number, "document_kind": card.document_kind}
    path = f"/v1/organizations/{card.organization}/transfer-tickets"
    return (await visit.services.member.send(Ticket, path, pair, key=f"{key}-t")).ticket


@routes.post("/outside-offers/{exchange}/match")
async def match(request: Request, exchange: ExchangeId, visit: SignedIn, form: CheckedForm) -> Response:
    """Somebody we know comes back; of nobody it is said, and then they can be taken as a newcomer."""
    try:
        ticket = await ticket_of(visit, await offer_of(visit, exchange), form.key)
        path = f"/v1/outside-offers/{exchange}/match"
        done = await visit.services.transfer.send(Done, path, {"ticket": ticket}, key=form.key)
    except Refused as refusal:
        unknown = refusal.problem.code == NOT_KNOWN
        sheet = Sheet() if unknown else refused(form, (), refusal.problem)
        return await offer_page(request, visit, exchange, sheet, status=status_of(refusal), unknown=unknown)
    except Gap as gap:
        return await offer_page(request, visit, exchange, unanswered(form, (), gap), status=503)
    return go(request, f"/transfers/{done.stream}", "note.offer_matched", after={"transfer": done.token})


@routes.post("/outside-offers/{exchange}/newcomer")
async def newcomer(request: Request, exchange: ExchangeId, visit: SignedIn, form: CheckedForm) -> Response:
    return await decide(request, visit, exchange, form, "newcomer", {}, "note.offer_accepted")


@routes.post("/outside-offers/{exchange}/refusal")
async def refuse(request: Request, exchange: ExchangeId, visit: SignedIn, form: CheckedForm) -> Response:
    """TRF-12."""
    body = {"ground": form.text("ground")}
    return await decide(request, visit, exchange, form, "refusal", body, "note.offer_refused")


@routes.post("/outside-offers/{exchange}/entry")
async def entry(request: Request, exchange: ExchangeId, visit: SignedIn, form: CheckedForm) -> Response:
    """The newcomer was entered: found here by name and number now."""
    try:
        ticket = await ticket_of(visit, await offer_of(visit, exchange), form.key)
    except Refused as refusal:
        sheet = refused(form, (), refusal.problem)
        return await offer_page(request, visit, exchange, sheet, status=status_of(refusal))
    return await decide(request, visit, exchange, form, "entry", {"ticket": ticket}, "note.offer_entered")


async def decide(
    request: Request, visit: Visit, exchange: str, form: Form, what: str, body: dict[str, Any], note: str
) -> Response:
    try:
        await visit.services.transfer.send(Done, f"/v1/outside-offers/{exchange}/{what}", body, key=form.key)
    except (Refused, Gap) as no:
        sheet = unanswered(form, ("ground",), no) if isinstance(no, Gap) else refused(form, ("ground",), no.problem)
        return await offer_page(request, visit, exchange, sheet, status=status_of(no))
    return go(request, f"/outside-offers/{exchange}", note)


# ---- for operators


@routes.get("/operation/exchange")
async def systems(request: Request, visit: AsOperator) -> Response:
    view: View = request.app.state.view
    found = await attempt(visit.services.transfer.get(Systems, "/v1/outside-systems"))
    shown = () if isinstance(found, Gap) else found.systems
    people = {d.person for s in shown for d in s.differences if d.person}
    names = await names_of(visit, sorted(people))
    return view.page(request, "operation/exchange.html", found=found, names=names)
