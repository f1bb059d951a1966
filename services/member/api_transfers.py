"""HTTP for transfers: tickets to start one by name and number (TRF-03), and whom one is about (TRF-13)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.member import views
from services.member.api_people import belongs_to, comes_to
from services.member.domain.person import PersonNotFound
from services.member.parts import NOT_FOUND_SECONDS, Member, Parts
from services.member.use_cases.records import Person
from shared.contracts.member import DOCUMENT_LOOKUPS
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.pace import even_pace
from shared.http.routes import Access, Router, access
from shared.http.tokens import Principal

Text = Annotated[str, Field(min_length=1, max_length=100)]

router = Router("/v1")


class PairForm(BaseModel):
    """Name and number, both as registered. `document_kind` as users know it."""

    model_config = ConfigDict(extra="forbid")
    name: Text
    number: Text
    document_kind: Text = next(iter(DOCUMENT_LOOKUPS))


class TicketGiven(BaseModel):
    """`ticket` starts a transfer at the other service until `expires_at`; it tells its holder nothing."""

    ticket: str
    expires_at: datetime


async def in_transfer(parts: Member, principal: Principal, person: str) -> Person:
    """TRF-13: somebody held for a transfer, also for who may read the organization that they are to move into."""
    async with even_pace(NOT_FOUND_SECONDS):
        loaded = await parts.people.load(person)
        held = loaded.known is not None and loaded.known.hold is not None
        if held and principal.id == person:
            return loaded
        for organization in (*comes_to(loaded), *belongs_to(loaded)) if held else ():
            if await parts.authority.may_read(principal, organization):
                return loaded
        raise PersonNotFound


@router.post("/organizations/{organization}/transfer-tickets", status_code=201)
@access(Access.WRITE, "the organization that a member is to move into (TRF-03)")
async def give_ticket(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, organization: str, form: PairForm
) -> TicketGiven:
    await parts.authority.require_write(principal, organization)
    given = await parts.tickets.give(request, organization, form.name, form.document_kind, form.number)
    return TicketGiven(ticket=given.text, expires_at=given.expires_at)


@router.get("/people/{person}/transfer")
@access(Access.READ, "an organization of the person, the one that they are to move into, or oneself (TRF-13)")
async def transferred(parts: Parts, principal: CurrentPrincipal, person: str) -> dict[str, Any]:
    """Basic data and how to reach the person, as long as they are held for a transfer."""
    loaded = await in_transfer(parts, principal, person)
    organizations = [*comes_to(loaded), *belongs_to(loaded)]
    reveal = any([await parts.authority.may_write(principal, o) for o in organizations])
    return views.in_transfer(loaded, await parts.places.names(organizations), reveal=reveal)
