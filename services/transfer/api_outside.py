"""HTTP of transfers to and from the systems of 北京, 广东 and 福建 for people here (TRF-17, BEY-08)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.requests import Request as HttpRequest

from services.transfer.api import Given, offered
from services.transfer.domain.events import Side
from services.transfer.domain.events_of_exchange import PublicKey
from services.transfer.domain.outside_systems import AgreeWithSystem
from services.transfer.domain.refusals import GroundNotAllowed, MemberNotInBranch, NoMembershipToTransfer
from services.transfer.exchange.offers import OutsideTransfers
from services.transfer.exchange.peers import Peers
from services.transfer.reference import codes, grounds_on
from services.transfer.shapes_outside import (
    AgreementForm,
    ExchangeLines,
    ExchangeOfSubtree,
    GroundForm,
    OfferCard,
    OutsideForm,
    OutsideOrganization,
    OutsideOutForm,
    System,
    SystemsShown,
    TicketForm,
    Which,
)
from services.transfer.views_outside import OutsideViews
from shared.eventstore.execute import Answer
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.consistency import Done, done
from shared.http.paging import CursorText, Limit, Page
from shared.http.parked import CentralOperator
from shared.http.refusals import NothingHere
from shared.http.routes import Access, Router, access
from shared.kernel.clock import local_date

router = Router("/v1")

RECEIVES = "the organization that somebody is offered to, or its superior (TRF-17)"


@dataclass(frozen=True, slots=True)
class OutsideParts:
    """What the handlers work with; the composition root puts it on the application."""

    transfers: OutsideTransfers
    views: OutsideViews
    peers: Peers
    insecure: bool


async def _parts(http: HttpRequest) -> OutsideParts:
    parts: OutsideParts = http.app.state.outside
    return parts


Parts = Annotated[OutsideParts, Depends(_parts)]


class Found(BaseModel):
    organizations: list[OutsideOrganization]


@router.get("/outside-systems/{system}/organizations")
@access(Access.SIGNED_IN, "directory data of another system (TRF-17)")
async def search_outside(parts: Parts, system: System, q: Annotated[str, Query(min_length=1, max_length=100)]) -> Found:
    return Found(organizations=await parts.views.search(system, q))


@router.post("/me/transfers-outside", status_code=201)
@access(Access.SELF, "a member starts the own transfer (TRF-07, TRF-17)")
async def start_own_outside(
    given: Given, parts: Parts, who: CurrentPrincipal, request: CommandRequest, form: OutsideForm
) -> Done:
    note, branch = offered(given, form), await given.members.branch(who.id)
    if branch is None:
        raise NoMembershipToTransfer
    return done(await _start(parts, request, Side.MEMBER, form, note, who.id, branch))


@router.post("/organizations/{organization}/transfers-outside", status_code=201)
@access(Access.WRITE, "the branch that lets a member go (TRF-17)")
async def start_outside(
    given: Given,
    parts: Parts,
    who: CurrentPrincipal,
    request: CommandRequest,
    organization: str,
    form: OutsideOutForm,
) -> Done:
    await given.authority.require_write(who, organization)
    note = offered(given, form)
    if await given.members.branch(form.person) != organization:
        raise MemberNotInBranch(field="person")
    return done(await _start(parts, request, Side.OUT, form, note, form.person, organization))


@router.get("/transfers/{transfer}/exchange")
@access(Access.READ, "one of the two organizations of the transfer, or oneself (TRF-14, TRF-17)")
async def exchange_of_transfer(given: Given, parts: Parts, who: CurrentPrincipal, transfer: str) -> ExchangeLines:
    await given.commands.visible(who, transfer)
    return ExchangeLines(items=await parts.views.of_transfer(transfer))


@router.get("/organizations/{organization}/outside-offers")
@access(Access.READ, "the organization (TRF-17)")
async def outside_offers(given: Given, parts: Parts, who: CurrentPrincipal, organization: str) -> ExchangeLines:
    await given.authority.require_read(who, organization)
    return ExchangeLines(items=await parts.views.waiting(organization))


@router.get("/organizations/{organization}/exchanges")
@access(Access.READ, "the organization, of all below it (ADM-08, TRF-17, BEY-08)")
async def exchanges_of_subtree(
    parts: Parts,
    who: CurrentPrincipal,
    organization: str,
    which: Which = Which.OPEN,
    system: System | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[ExchangeOfSubtree]:
    return await parts.views.of_subtree(who, organization, which, system or "", limit, cursor)


@router.get("/outside-offers/{exchange}")
@access(Access.WRITE, RECEIVES)
async def outside_offer(parts: Parts, who: CurrentPrincipal, exchange: str) -> OfferCard:
    _, person = await parts.transfers.offered(who, exchange)
    card = await parts.views.offer(exchange, person)
    if card is None:
        raise NothingHere
    return card


@router.post("/outside-offers/{exchange}/match", status_code=201)
@access(Access.WRITE, RECEIVES)
async def match_offer(
    parts: Parts, who: CurrentPrincipal, request: CommandRequest, exchange: str, form: TicketForm
) -> Done:
    return done(await parts.transfers.take(who, request, exchange, form.ticket))


@router.post("/outside-offers/{exchange}/newcomer", status_code=201)
@access(Access.WRITE, RECEIVES)
async def accept_newcomer(parts: Parts, who: CurrentPrincipal, request: CommandRequest, exchange: str) -> Done:
    return done(await parts.transfers.take_newcomer(who, request, exchange))


@router.post("/outside-offers/{exchange}/refusal", status_code=201)
@access(Access.WRITE, RECEIVES)
async def refuse_offer(
    given: Given, parts: Parts, who: CurrentPrincipal, request: CommandRequest, exchange: str, form: GroundForm
) -> Done:
    if form.ground not in codes(grounds_on(local_date(given.clock.now()))):
        raise GroundNotAllowed(field="ground")
    return done(await parts.transfers.refuse(who, request, exchange, form.ground))


@router.post("/outside-offers/{exchange}/entry", status_code=201)
@access(Access.WRITE, RECEIVES)
async def note_entry(
    parts: Parts, who: CurrentPrincipal, request: CommandRequest, exchange: str, form: TicketForm
) -> Done:
    return done(await parts.transfers.entered(who, request, exchange, form.ticket))


@router.get("/outside-systems")
@access(Access.OPERATOR, "who looks after the exchange (BEY-08)")
async def outside_systems(parts: Parts, _operator: CentralOperator) -> SystemsShown:
    return await parts.views.systems()


@router.put("/outside-systems/{system}")
@access(Access.OPERATOR, "what was agreed with the other system (BEY-08)")
async def agree_with_system(
    parts: Parts, _operator: CentralOperator, request: CommandRequest, system: System, form: AgreementForm
) -> Done:
    keys = tuple(PublicKey.model_validate(key.model_dump()) for key in form.keys)
    command = AgreeWithSystem(system=system, address=form.address, keys=keys, insecure=parts.insecure)
    return done(await parts.peers.agree(request, command))


async def _start(
    parts: OutsideParts,
    request: CommandRequest,
    by: Side,
    form: OutsideForm,
    note: str,
    person: str,
    branch: str,
) -> Answer:
    what = (form.papers, form.system, form.organization_name, form.reason, note)
    return await parts.transfers.start(request, by, *what, person, branch)
