"""Whom to call about an open transfer: the admins of both sides, shown on request and on record (TRF-13, TRF-14)."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.web.answers.member import Contacts
from services.web.answers.org import Responsible
from services.web.answers.transfer import Card
from services.web.clients import Gap, Refused
from services.web.forms import CheckedForm, Sheet
from services.web.pages.transfers import card_of
from services.web.view import View
from services.web.visit import SignedIn, TransferId, Visit

routes = APIRouter()


@dataclass(frozen=True)
class Reached:
    """Of one side: whom to call, or why that is not to be had; None before it was asked for."""

    side: str
    name: str
    found: Contacts | Gap | Refused | None


@routes.get("/transfers/{transfer}/contacts")
async def contacts_dialog(request: Request, transfer: TransferId, visit: SignedIn) -> Response:
    card = await card_of(visit, transfer)
    return show(request, card, [Reached(side, name, None) for side, _, name in sides_of(card)], Sheet())


@routes.post("/transfers/{transfer}/contacts")
async def contacts(request: Request, transfer: TransferId, visit: SignedIn, form: CheckedForm) -> Response:
    card = await card_of(visit, transfer)
    reached = [reach(visit, card, each, f"{form.key}-{each[0]}") for each in sides_of(card)]
    return show(request, card, list(await asyncio.gather(*reached)), Sheet(key=form.key))


def sides_of(card: Card) -> tuple[tuple[str, str, str], ...]:
    return (("out", card.from_branch, card.from_name), ("in", card.to, card.to_name))


async def reach(visit: Visit, card: Card, of: tuple[str, str, str], key: str) -> Reached:
    side, organization, name = of
    try:
        known = await visit.services.org.get(Responsible, f"/v1/organizations/{organization}/responsible")
        body = {"side": organization, "organization": known.organization, "admins": known.admins}
        path = f"/v1/people/{card.person}/transfer-contacts"
        return Reached(side, name, await visit.services.member.send(Contacts, path, body, key=key))
    except (Refused, Gap) as no:
        return Reached(side, name, no)


def show(request: Request, card: Card, reached: list[Reached], sheet: Sheet) -> Response:
    view: View = request.app.state.view
    return view.page(
        request,
        "transfers/contacts.html",
        card=card,
        reached=reached,
        asked=any(each.found is not None for each in reached),
        refusals={each.side: each.found.problem for each in reached if isinstance(each.found, Refused)},
        sheet=sheet,
    )
