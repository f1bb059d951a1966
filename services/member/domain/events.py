"""What member stores: facts of a person, an import, a registrant. The storage contract; forms never change.

People's values are in `personal` only (sealed); what stands in clear here is who, where, which position, and which
fields are missing.
"""

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from services.member.domain.events_of_graduation import ExclusionEvent
from services.member.domain.events_of_rosters import MemberRelocated, RosterEvent
from services.member.domain.events_of_transfers import HoldEvent
from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class PersonRecorded(Event):
    """A person is known from now on; `personal` holds the whole record, by field name.

    `number_hash` and `development_hash` are keyed hashes (shared/privacy/lookup.py). `import_id` and `row` (1-based,
    as in the sheet) say where a record from a workbook came from. `missing`: required fields without a value (MEM-23).
    """

    number_hash: str
    development_hash: str | None = None
    import_id: str | None = None
    row: int | None = None
    missing: tuple[str, ...] = ()


class MembershipBegan(Event):
    """MEM-02: the person is a member of `branch`.

    `development_hash` is of the number that came with it, for somebody who was recorded before without one.
    """

    branch: str
    import_id: str | None = None
    missing: tuple[str, ...] = ()
    development_hash: str | None = None


class PositionGiven(Event):
    """MEM-24: the person holds `position` in `organization` since `since`; `kind` is 专职, 兼职 or 挂职, or empty.

    `post_stated`: PostTaken was published with it (docs/decisions/0031); those stored before it existed wait for
    PostsStated.
    """

    organization: str
    position: str
    kind: str = ""
    since: date | None = None
    member_of: str | None = None
    missing: tuple[str, ...] = ()
    import_id: str | None = None
    post_stated: bool = False


class RecordFilled(Event):
    """MEM-01: fields that were missing have values now; `personal` holds them. `missing` is what still lacks."""

    fields: tuple[str, ...]
    missing: tuple[str, ...]
    mobile_changed: bool = False


class MembershipEnded(Event):
    """`development_hash` is of the number that is free again with it."""

    branch: str
    cause: str
    development_hash: str | None = None


class PositionEnded(Event):
    organization: str
    position: str
    cause: str


class Fact(BaseModel):
    """A part of an event: frozen, unknown fields ignored as in events."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class HeldPost(Fact):
    organization: str
    position: str


class PostsStated(Event):
    """MEM-24: PostTaken was published of these positions, which were given before it existed. Changes nothing else."""

    posts: tuple[HeldPost, ...]


class NumberReleased(Event):
    """MEM-27: the identity number, and the development number, are free again."""

    number_hash: str
    development_hash: str | None = None


PersonEvent = (
    PersonRecorded
    | MembershipBegan
    | PositionGiven
    | RecordFilled
    | MembershipEnded
    | PositionEnded
    | PostsStated
    | NumberReleased
    | MemberRelocated
    | HoldEvent
    | ExclusionEvent
)


Template = Literal["members", "cadres"]
Verdict = Literal["imported", "imported_with_warning", "position_added", "unchanged", "failed", "unprocessed"]


class RowFault(Fact):
    """A fault or a warning of a row as stored: its code, its field and parameters that are never personal."""

    code: str
    field: str | None = None
    params: dict[str, str] = {}


class RowVerdict(Fact):
    """What became of one row of the sheet."""

    row: int
    verdict: Verdict
    person: str | None = None
    faults: tuple[RowFault, ...] = ()
    warnings: tuple[RowFault, ...] = ()


class ImportReceived(Event):
    """A workbook was taken in for `organization`; the file lies sealed in `uploads` under the import's id.

    `content_hash` is a keyed hash of the bytes. `personal` (sealed with the import's key) holds the file's name.
    """

    organization: str
    template: Template
    content_hash: str
    size_bytes: int


class ImportRefused(Event):
    """The file as a whole was refused (MEM-09, X21-X24); nothing of it went in."""

    code: str
    rule: str
    sentence: str
    advice: str = ""


class ImportRead(Event):
    """The file was read: so many rows that are not blank; `notes` names ignored columns and the like."""

    rows: int
    notes: tuple[str, ...] = ()


class RowsSettled(Event):
    """A chunk's verdicts: the fence of the chunk's transaction.

    `personal` (sealed with the import's key, so it ends with the workbook) tells of failed rows and of those with a
    warning whom they are about: `who`, the row's number -> name and masked number, each empty where it was unreadable.
    """

    verdicts: tuple[RowVerdict, ...]


class ImportFinished(Event):
    """Every row has its verdict (MEM-09). `rows` = imported + unchanged + failed + unprocessed."""

    rows: int
    imported: int
    with_warning: int
    positions_added: int
    unchanged: int
    failed: int
    unprocessed: int = 0
    cancelled: bool = False


class ImportCancelRequested(Event):
    """MEM-27: rows not settled yet get 未处理. `cause`: `asked`, or `authority_lost`."""

    cause: str = "asked"


class WithdrawalRequested(Event):
    """MEM-27: within 72 h; above 100 people a second admin must confirm it."""

    requested_by: str
    people: int
    needs_confirmation: bool


class WithdrawalConfirmed(Event):
    confirmed_by: str


class WithdrawalCancelled(Event):
    """MEM-27: whoever asked for it, or confirmed it, has lost the right (`authority_lost`), and who was taken out until
    then stays out; or an admin called it off before it was confirmed (`called_off`). It may be asked for again.
    """

    cause: str


class PeopleWithdrawn(Event):
    """A chunk of people taken out again, with those kept because somebody has touched them since."""

    withdrawn: tuple[str, ...]
    kept: tuple[str, ...] = ()


class WithdrawalFinished(Event):
    members_ended: int
    kept: int


ImportEvent = (
    ImportReceived
    | ImportRefused
    | ImportRead
    | RowsSettled
    | ImportFinished
    | ImportCancelRequested
    | WithdrawalRequested
    | WithdrawalConfirmed
    | WithdrawalCancelled
    | PeopleWithdrawn
    | WithdrawalFinished
)


class SealedRequest(Fact):
    """What a registrant said of themselves, sealed as it came under a key that identity keeps and destroys.

    `event_id` is the published event's, to which the part is bound; `nonce` and `ciphertext` are base64.
    """

    event_id: str
    alg: str
    kid: str
    nonce: str
    ciphertext: str


class RegistrantAnnounced(Event):
    """ADM-04: somebody typed a registration code. Opened when the code is cleared, and stored nowhere but here."""

    request: SealedRequest


class RegistrantCleared(Event):
    """ADM-04: the code was redeemed; who typed it is to be a cadre of `organization`."""

    organization: str


class RegistrantEntered(Event):
    """ADM-04: who registered is `person`, a cadre of `organization`."""

    registration: str
    organization: str
    person: str


class RegistrantRefused(Event):
    """ADM-04: who registered was not entered; `reason` is the code of the refusal."""

    registration: str
    organization: str
    reason: str


class RegistrationClosed(Event):
    """P8: there is nothing to wait for, since the code was refused or the time is over."""


RegistrantEvent = RegistrantAnnounced | RegistrantCleared | RegistrantEntered | RegistrantRefused | RegistrationClosed

REGISTRY = Registry(
    "member",
    [*get_args(PersonEvent), *get_args(RosterEvent), *get_args(ImportEvent), *get_args(RegistrantEvent)],
)
