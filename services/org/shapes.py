"""The shapes of org's answers over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.kernel.clock import from_micros


class Node(BaseModel):
    """An organization by its names."""

    id: str
    short_name: str
    full_name: str


class Approval(BaseModel):
    date: str | None
    document_id: str
    file_name: str


class May(BaseModel):
    """What the asker may do here; the answer of the moment, decided again by each command."""

    edit: bool = False
    create_subordinate: bool = False
    reorder: bool = False
    appoint: bool = False
    dissolve: bool = False
    migrate: bool = False


class InPost(BaseModel):
    person: str


class Dissolution(BaseModel):
    """ORG-09: the last one asked for: `closing`, `refused` with the `members` there were, or `dissolved`.

    ORG-21: of a merger `into` is there, or it is `merged`; `cause` is the code of the refusal that stopped it.
    """

    state: str
    at: datetime
    members: int | None = None
    cause: str = ""
    into: str | None = None
    merged: bool = False
    decided_on: str | None = None
    document: str | None = None
    successor: str | None = None

    @classmethod
    def of(cls, held: Mapping[str, Any] | None) -> "Dissolution | None":
        """As the list of organizations keeps it."""
        return cls(**{**held, "at": from_micros(held["at"])}) if held else None


class Explanation(BaseModel):
    """ORG-21: `occasion` is `merged`, `closed` or `renamed`."""

    id: str
    occasion: str
    note: str
    document: str
    at: datetime
    settled_at: datetime | None = None

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> "Explanation":
        """As the list of organizations keeps it."""
        times = {name: from_micros(held[name]) if held[name] else None for name in ("at", "settled_at")}
        return cls(**{**held, **times})


class Ending(BaseModel):
    """ORG-09: what stands in the way of dissolving an organization, and what would end with it."""

    subordinates: int
    cadres: list[str]
    admins: list[str]


class Card(Node):
    """An organization. Directory data is open to everyone signed in (ORG-22); the rest is there only with the right.

    GRD-02, GRD-03: `graduates` the month of a class, as 2027-06; `graduated` the year of which it is a graduate branch.
    """

    version: int
    edition: int
    category: str
    branch_kind: str
    sector: str
    superior: str | None
    path: list[Node]
    region: str
    founded_on: str | None
    phone: str
    email: str
    address: str
    contact: str
    institution_code: str
    order: int
    approval: Approval | None = None
    missing: list[str] | None = None
    complete: bool | None = None
    secretary: InPost | None = None
    secretary_mobile_filled: bool | None = None
    admins: int | None = None
    admin_quota: int | None = None
    graduates: str | None = None
    graduated: int | None = None
    subordinates: int
    dissolution: Dissolution | None = None
    explanations: list[Explanation] | None = None
    may: May = May()


class Row(Node):
    """A direct subordinate in the table; `subordinates` and `branches` count its own direct ones."""

    category: str
    branch_kind: str
    sector: str
    phone: str
    order: int
    missing: list[str]
    complete: bool
    admins: int
    admin_quota: int
    subordinates: int
    branches: int


class TreeNode(Node):
    category: str
    branch_kind: str
    subordinates: int
    children: list["TreeNode"] = []


class Found(Node):
    category: str
    branch_kind: str
    path: list[Node]


class CodeRow(Node):
    """ADM-02: a direct subordinate with its admins and the registration code made last.

    `state`: `none`, `unused`, `used`, `expired` or `revoked`; `id` is the organization's, `code` the code's own, never
    what is typed.
    """

    admins: int
    admin_quota: int
    state: str
    code: str | None = None
    made_at: datetime | None = None
    due_at: datetime | None = None


class Admin(BaseModel):
    person: str
    since: datetime
    appointed_by_organization: str | None


class Applicant(Node):
    """ADM-07, X14: what anybody with a pass sees of an organization: names, and whether it may apply."""

    path: list[Node]
    may_apply: bool


class ApplicationOutcome(BaseModel):
    """ADM-07: what a ticket shows. `state`: `waiting`, `approved`, `refused` or `lapsed`; `reason` while it is kept."""

    full_name: str
    state: str
    submitted_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None


class ApplicationRow(Node):
    """ADM-07: one application in the superior's list; `id` and names are the organization's."""

    application: str
    state: str
    submitted_at: datetime
    due_at: datetime
    decided_at: datetime | None = None


class ApplicationRecord(ApplicationRow):
    """The same opened, with what is personal until it is `destroyed`; `destroy_at` once it has ended."""

    superior: str
    admins: int
    decided_by: str | None = None
    responsible: str | None = None
    phone: str | None = None
    file_name: str | None = None
    reason: str | None = None
    destroyed: bool = False
    destroy_at: datetime | None = None


class MigrationStep(BaseModel):
    """ORG-17: `what`: `requested`, `approved`, `refused`, `withdrawn` or `timed_out`, in whose name, by whom, when."""

    what: str
    organization: Node | None
    by: str
    at: datetime


class MigrationShown(BaseModel):
    """ORG-17. `state`: `pending`, `moved`, `refused`, `withdrawn`, `timed_out`; `waits_for` decides until `due_at`."""

    migration: str
    organization: Node
    superior: Node
    to: Node
    note: str
    state: str
    waits_for: Node | None
    due_at: datetime | None
    requested_at: datetime
    ended_at: datetime | None
    steps: list[MigrationStep]
    ground: str | None
    ground_note: str
    may_decide: bool = False
    may_withdraw: bool = False


class Reach(BaseModel):
    """BEY-05: what moves along; of more than `counted_most` organizations it is told that they are `more`."""

    organizations: int
    branches: int
    admins: int
    more: bool = False


class Explaining(Node):
    """ORG-21: a direct subordinate with what it explained and nobody settled yet."""

    explanations: list[Explanation]
