"""The forms in which transfers to and from other systems are asked for and shown (TRF-17, BEY-08)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.transfer.exchange.protocol import Key
from services.transfer.shapes import Code, Form, StartForm

System = Literal["beijing", "guangdong", "fujian"]
Ticket = Annotated[str, Field(min_length=1, max_length=900)]


class OutsideForm(StartForm):
    """TRF-17: `organization_name` is the full name there, exactly. `papers`: member's, of who goes."""

    system: System
    organization_name: Annotated[str, Field(min_length=1, max_length=200)]
    papers: Ticket


class OutsideOutForm(OutsideForm):
    """Whom the branch lets go."""

    person: Annotated[str, Field(min_length=1, max_length=64)]


class TicketForm(Form):
    """Whom member found by name and number."""

    ticket: Ticket


class GroundForm(Form):
    """TRF-12: a code of the list of grounds."""

    ground: Code


class AgreementForm(Form):
    """BEY-08: what the other side handed over."""

    address: Annotated[str, Field(max_length=300)]
    keys: Annotated[tuple[Key, ...], Field(min_length=2, max_length=8)]


class OutsideOrganization(BaseModel):
    organization: str
    name: str


class Said(BaseModel):
    """One thing of the dialogue: sent, received, decided, ended, or a finding."""

    what: str
    at: datetime


class ExchangeLine(BaseModel):
    """`direction` out or in; `stage`: prepared, offered, accepted, refused, entering, closed.

    `failed`: messages in vain since the last receipt, the last one for `cause`.
    """

    exchange: str
    direction: str
    system: str
    transfer: str | None
    person: str | None
    organization: str | None
    organization_name: str
    outside_name: str
    reason: str
    stage: str
    failed: int
    cause: str | None
    decision: str | None
    ground: str | None
    outcome: str | None
    newcomer: bool
    findings: list[str]
    decide_until: datetime | None
    began_at: datetime
    said: list[Said]


class Which(StrEnum):
    """TRF-14, BEY-08: under way; all; those whose last message was in vain; those that people have to look at."""

    OPEN = "open"
    ALL = "all"
    FAILING = "failing"
    FOUND = "found"


class ExchangeOfSubtree(ExchangeLine):
    """`difference`: after it, both systems have the person, or neither (BEY-08)."""

    difference: str | None = None


class ExchangeLines(BaseModel):
    items: list[ExchangeLine]


class OfferCard(ExchangeLine):
    """With who is offered, for those who decide; empty once that was forgotten."""

    name: str
    number: str
    document_kind: str


class Difference(BaseModel):
    """`kind`: both have the person, or neither."""

    kind: str
    exchange: str
    person: str | None


class SystemShown(BaseModel):
    """BEY-08: how it stands with a system. `directory`: its organizations here; `queue`: exchanges under way."""

    system: str
    connected: bool
    address: str
    keys: list[str]
    own_keys: list[str]
    own_keys_taken: list[str]
    directory: int
    directory_at: datetime | None
    queue: int
    failing: list[ExchangeLine]
    findings: list[ExchangeLine]
    failed: int
    failed_cause: str | None
    reconciled_on: date | None
    reconciled_people: int
    both: int
    neither: int
    differences: list[Difference]


class SystemsShown(BaseModel):
    """`own_keys`: what the other side is handed over."""

    own_keys: list[Key]
    systems: list[SystemShown]
