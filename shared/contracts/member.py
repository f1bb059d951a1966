"""What member publishes: who belongs where, who holds which position, whose record lacks what. Owner: the member team.

Nothing on the open topic is personal: people are ids. `missing` names required fields without a value (MEM-23).
"""

from collections.abc import Mapping
from typing import ClassVar

from shared.contracts.base import Contract

EVENTS = "member.events.v1"
IDENTITY = "member.identity.v1"


class MemberEvent(Contract):
    topic: ClassVar[str] = EVENTS


class MemberImported(MemberEvent):
    """A person became a member of `branch` by a row of a workbook."""

    person: str
    branch: str
    import_id: str
    missing: tuple[str, ...] = ()


class MemberEntered(MemberEvent):
    """A person became a member of `branch`, entered singly by `entered_by` organization."""

    person: str
    branch: str
    missing: tuple[str, ...] = ()


class MembershipEnded(MemberEvent):
    """The membership in `branch` is over. `cause`: `import_withdrawn`, later also those of the list 离团."""

    person: str
    branch: str
    cause: str


class CadreAppointed(MemberEvent):
    """MEM-17, MEM-24: a person holds `position` in `organization`; one event for each position.

    `missing` as of this moment. `member_of` is the branch the person is a member of, if any.
    """

    person: str
    organization: str
    position: str
    member_of: str | None = None
    missing: tuple[str, ...] = ()


class CadrePositionEnded(MemberEvent):
    person: str
    organization: str
    position: str
    cause: str


class RecordCompletenessChanged(MemberEvent):
    """MEM-23: what a person's record lacks now, by field name."""

    person: str
    missing: tuple[str, ...]


DOCUMENT_LOOKUPS: Mapping[str, str] = {
    "居民身份证": "identity-number",
    "港澳居民来往内地通行证": "mainland-travel-permit-hk-mo",
    "台湾居民来往大陆通行证": "mainland-travel-permit-tw",
    "港澳台居民居住证": "residence-permit-hk-mo-tw",
    "外国人永久居留身份证": "permanent-residence-foreigner",
    "护照": "passport",
}
"""MEM-10: kinds of documents as users know them -> the kind of keyed hash that gives `number_hash`."""


class IdentityEvent(Contract):
    """On the restricted topic, for identity and notify; personal parts sealed."""

    topic: ClassVar[str] = IDENTITY


class PersonIdentified(IdentityEvent):
    """A person is known. Sealed: `name`, `document_kind`, `number`, `mobile` (may be empty).

    `number_hash` is the keyed hash of the number (`LookupKey.hash`) under its kind's entry in DOCUMENT_LOOKUPS; a
    sign-in finds the account by it.
    """

    person: str
    number_hash: str


class PersonContactChanged(IdentityEvent):
    """Sealed: `mobile`."""

    person: str


class PersonReleased(IdentityEvent):
    """MEM-27: the person's number is free again; the account of this person is closed."""

    person: str
    number_hash: str
