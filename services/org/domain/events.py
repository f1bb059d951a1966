"""The stored facts of an organization: the storage contract, which never changes but by an upcaster.

An event's stream is the organization's id; no field repeats it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import get_args

from pydantic import BaseModel, ConfigDict

from services.org.domain.events_of_graduation import CampaignEvent, GraduationEvent
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled, MigrationEvent, OrganizationMoved
from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class Category(StrEnum):
    """ORG-02: what sort of node an organization is."""

    LEADING_BODY = "leading_body"
    COMMITTEE = "committee"
    WORKING_COMMITTEE = "working_committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"


class BranchKind(StrEnum):
    """ORG-02: what a branch is for; `ordinary` for every other one and for all that are not branches."""

    ORDINARY = "ordinary"
    GRADUATE = "graduate"
    PENDING = "pending"
    FLOATING = "floating"
    BRIDGING = "bridging"
    TEMPORARY = "temporary"
    REGISTER = "register"


class Information(BaseModel):
    """ORG-05: what an organization says of itself; an empty text is a field not filled.

    `sector` is a leaf code of 行业类别, `region` a code of GB/T 2260; `contact` is the office to ask for and `phone`
    its telephone, never a person's. `approval_document` is the id of an uploaded file.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    full_name: str
    short_name: str
    sector: str = ""
    region: str = ""
    founded_on: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""
    contact: str = ""
    institution_code: str = ""
    approval_date: date | None = None
    approval_document: str = ""


class OrgEvent(Event):
    """Base of everything stored in an organization's stream."""


class OrganizationEstablished(OrgEvent):
    """ORG-03. `ancestors` from the root down to the superior as of this moment, empty for the root itself.

    `order` ranks it among its siblings, the later established the higher; no two are equal. `missing` names the
    required fields without a value (ORG-05). `school`: it is a school of its own, no part of one (GRD-01).
    """

    ancestors: tuple[str, ...]
    category: Category
    branch_kind: BranchKind
    order: int
    information: Information
    missing: tuple[str, ...]
    school: bool = False


class OrganizationInformationChanged(OrgEvent):
    """ORG-06: the whole information after an edit; category and kind as they are, for whoever reads only this.

    `school` as in `OrganizationEstablished`, as of this edit.
    """

    category: Category
    branch_kind: BranchKind
    information: Information
    missing: tuple[str, ...]
    school: bool = False


class SubordinatesReordered(OrgEvent):
    """ORG-08, in the superior's stream: all direct subordinates of that moment in their new order."""

    subordinates: tuple[str, ...]


class DissolutionBegun(OrgEvent):
    """ORG-09, ORG-10: a branch waits for member's word that it is empty; whoever is in it goes to `pending`, if given.

    `decided_on` and `document` (the id of an uploaded file) are of the decision to dissolve it. `into`: it is merged
    (ORG-21) into that one, to which members go and direct subordinates move, one after the other.
    """

    dissolution: str
    decided_on: date
    document: str
    pending: str | None
    into: str | None = None


class DissolutionRefused(OrgEvent):
    """ORG-09: the branch has `members` and goes on; or ORG-21: a subordinate could not be moved, `cause` is the code of
    the refusal, and whoever moved before stays where they are now.
    """

    dissolution: str
    members: int
    cause: str = ""


class OrganizationDissolved(OrgEvent):
    """ORG-09: the last fact of an organization; `successor` took its members (ORG-10).

    `merged`: the successor took its subordinates as well, and is what it goes on as (ORG-21).
    """

    superior: str
    decided_on: date
    document: str
    successor: str | None = None
    merged: bool = False


class AdminAppointed(OrgEvent):
    """ADM-04. `registration`: the one that redeemed a code for it; its place in the quota is the admin's now."""

    person: str
    registration: str | None = None


class AdminRevoked(OrgEvent):
    """ADM-05. `cause`: `revoked`, or `dissolved` with the organization (ORG-09)."""

    person: str
    cause: str


class RegistrationCodeIssued(OrgEvent):
    """ADM-02: the superior made a code, which can be redeemed before `due_at`.

    `code` names it in public; what is typed is known here only as `code_hash`, a keyed hash.
    """

    code: str
    code_hash: str
    due_at: datetime


class RegistrationCodeRevoked(OrgEvent):
    """ADM-03: the superior made an unused code void."""

    code: str


class RegistrationCodeRedeemed(OrgEvent):
    """ADM-03: `registration` used the code up. Until `due_at` a place in the quota is kept for its admin."""

    code: str
    registration: str
    due_at: datetime


class RegistrationLapsed(OrgEvent):
    """P8: nobody became admin by this registration in time; its place in the quota is free again."""

    registration: str


class RegistrationFailed(OrgEvent):
    """ADM-04: member refused who registered; the place in the quota is free again and the code used up."""

    registration: str


class RegistrationCodeExpired(OrgEvent):
    """ADM-03: a code's time was over before anybody used it."""

    code: str


CodeEvent = (
    RegistrationCodeIssued
    | RegistrationCodeRedeemed
    | RegistrationCodeRevoked
    | RegistrationCodeExpired
    | RegistrationLapsed
    | RegistrationFailed
)

OrganizationEvent = (
    OrganizationEstablished
    | OrganizationInformationChanged
    | SubordinatesReordered
    | AdminAppointed
    | AdminRevoked
    | DissolutionBegun
    | DissolutionRefused
    | OrganizationDissolved
    | OrganizationMoved
    | ExplanationFiled
    | ExplanationSettled
    | CodeEvent
    | GraduationEvent
)


class RegistrationCodeRefused(Event):
    """ADM-03, in a stream of the registration's own: what was typed is no code that can be used."""

    registration: str


RedemptionEvent = RegistrationCodeRefused


class AccountApplicationSubmitted(Event):
    """ADM-07, in a stream of the application's own: `organization` asks its superior for an admin's account.

    Decided before `due_at`, or it lapses. `form` names the sealed file, of `media_type`. Sealed under the application's
    own key: `responsible` (the person's name), `phone`, `file_name`.
    """

    organization: str
    form: str
    media_type: str
    due_at: datetime


class AccountApplicationApproved(Event):
    """ADM-07: registration code `code`, good until `code_due_at`, was made for it in the same transaction.

    `destroy_at`, here and below: when its personal data are destroyed.
    """

    code: str
    code_due_at: datetime
    destroy_at: datetime


class AccountApplicationRefused(Event):
    """ADM-07. Sealed: `reason`, as the superior wrote it."""

    destroy_at: datetime


class AccountApplicationLapsed(Event):
    """P8: nobody decided in time."""

    destroy_at: datetime


class ApplicationDataDestroyed(Event):
    """P11: the key of its sealed parts and the form are gone for good."""


ApplicationEvent = (
    AccountApplicationSubmitted
    | AccountApplicationApproved
    | AccountApplicationRefused
    | AccountApplicationLapsed
    | ApplicationDataDestroyed
)

_OTHERS = (RedemptionEvent, *get_args(ApplicationEvent), *get_args(MigrationEvent), CampaignEvent)
REGISTRY = Registry("org", [*get_args(OrganizationEvent), *_OTHERS])
