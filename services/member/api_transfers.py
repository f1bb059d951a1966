"""HTTP for transfers: tickets to start one by name and number (TRF-03), papers for another system (TRF-17), whom to
call about one (TRF-13, TRF-14).
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.member.parts import Parts
from services.member.reach import editable, met_by, visible
from services.member.use_cases.contacts import ADMINS_MAX, Contact, Contacts
from shared.contracts.document_kinds import DOCUMENT_LOOKUPS
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest
from shared.http.routes import Access, Router, access

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


@router.post("/organizations/{organization}/transfer-tickets", status_code=201)
@access(Access.WRITE, "the organization that a member is to move into (TRF-03)")
async def give_ticket(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, organization: str, form: PairForm
) -> TicketGiven:
    await parts.authority.require_write(principal, organization)
    given = await parts.tickets.give(request, organization, form.name, form.document_kind, form.number)
    return TicketGiven(ticket=given.text, expires_at=given.expires_at)


@router.post("/people/{person}/transfer-papers", status_code=201)
@access(Access.WRITE, "the branch that lets a member go to another system, or oneself (TRF-17)")
async def give_papers(request: CommandRequest, parts: Parts, principal: CurrentPrincipal, person: str) -> TicketGiven:
    """What the other system is told of them: sealed, to transfer alone."""
    if principal.id == person:
        found = await visible(parts, principal, person)
    else:
        found = await editable(parts, principal, person)
    given = await parts.tickets.papers(request, person, found)
    return TicketGiven(ticket=given.text, expires_at=given.expires_at)


class ContactsForm(BaseModel):
    """Of `side`, an organization that the person's open transfer is between: `admins` of it, or of `organization`, its
    superior, as org names them.
    """

    model_config = ConfigDict(extra="forbid")
    side: Text
    organization: Text
    admins: Annotated[tuple[Text, ...], Field(max_length=ADMINS_MAX)]


class ContactsGiven(BaseModel):
    """Those that member knows to administer it."""

    items: list[Contact]


@router.post("/people/{person}/transfer-contacts")
@access(Access.WRITE, "the branch of the person, the side an open transfer leads to, or oneself (TRF-13, TRF-14)")
async def transfer_contacts(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, person: str, form: ContactsForm
) -> ContactsGiven:
    if principal.id == person:
        found = await visible(parts, principal, person)
    else:
        found = await editable(parts, principal, person, met_by)
    contacts = Contacts(parts.records, parts.authority, parts.clock)
    return ContactsGiven(items=await contacts.give(request, found, form.side, form.organization, form.admins))
