"""What org publishes: the tree of organizations and the rights of admins. Owner: the org team."""

from enum import StrEnum
from typing import ClassVar

from shared.contracts.base import Contract

EVENTS = "org.events.v1"
WITHDRAWALS = "org.withdrawals.v1"


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


class OrgEvent(Contract):
    topic: ClassVar[str] = EVENTS


class OrganizationEstablished(OrgEvent):
    """A node is there. `superior` is None for the root only; `order` is its place among its siblings, from 1.

    `sector` is a leaf code of 行业类别 (empty for leading bodies), `region` a code of GB/T 2260 or empty, `missing` the
    names of the required fields not filled yet (ORG-20).
    """

    organization: str
    superior: str | None
    category: Category
    branch_kind: BranchKind = BranchKind.ORDINARY
    full_name: str
    short_name: str
    sector: str = ""
    region: str = ""
    order: int = 1
    missing: tuple[str, ...] = ()


class OrganizationInformationChanged(OrgEvent):
    """The whole of the published information after an edit."""

    organization: str
    category: Category
    branch_kind: BranchKind = BranchKind.ORDINARY
    full_name: str
    short_name: str
    sector: str = ""
    region: str = ""
    missing: tuple[str, ...] = ()


class SubordinatesReordered(OrgEvent):
    """ORG-08: the direct subordinates of `superior` in their new order, all of them."""

    superior: str
    subordinates: tuple[str, ...]


class AdminAppointed(OrgEvent):
    """ADM-04: `person` is an admin of `organization` from now on."""

    organization: str
    person: str


class AdminRevoked(OrgEvent):
    """ADM-05: `person` is no admin of `organization` any more; position and account are as before."""

    organization: str
    person: str
    cause: str = "revoked"


class RightWithdrawn(Contract):
    """The withdrawals lane's record: whatever `person` might do for `organization`, it may no longer.

    `version` is that of the organization's stream; the withdrawal wins over copies that are older.
    """

    topic: ClassVar[str] = WITHDRAWALS
    organization: str
    person: str
    version: int
