"""What member answers. Numbers and phones come masked; only a reveal brings one in clear."""

from datetime import date, datetime

from pydantic import Field

from services.web.answers import Answer

PARTY_MEMBERS = ("中共党员", "中共预备党员")
RUNNING = frozenset({"received", "reading", "running"})
WITHDRAWABLE = frozenset({"completed", "cancelled"})


class Position(Answer):
    organization: str = ""
    organization_name: str = ""
    position: str
    kind: str | None = None
    since: date | None = None


class Contact(Answer):
    """TRF-13, TRF-14: an admin to call, with the phone in clear."""

    person: str
    name: str
    mobile: str = ""


class Contacts(Answer):
    items: tuple[Contact, ...] = ()


class Ticket(Answer):
    """TRF-03: stands for whom member found, for ten minutes."""

    ticket: str


class MemberRow(Answer):
    person: str
    name: str
    number_masked: str = ""
    sex: str | None = None
    age: int | None = None
    branch: str | None = None
    branch_name: str = ""
    missing: tuple[str, ...] = ()
    political_status: str | None = None
    education: str | None = None
    joined_on: str | None = None
    positions: tuple[Position, ...] = ()
    mobile_masked: str | None = None
    graduation: str | None = None


class Members(Answer):
    items: tuple[MemberRow, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class CadreRow(Answer):
    person: str
    name: str
    number_masked: str = ""
    sex: str | None = None
    positions: tuple[Position, ...] = ()
    mobile_masked: str | None = None
    missing: tuple[str, ...] = ()
    is_member: bool = False
    branch_name: str | None = None


class Cadres(Answer):
    items: tuple[CadreRow, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class MayOnPerson(Answer):
    edit: bool = False
    reveal: bool = False
    code: bool = False


class Income(Answer):
    """A student, no fixed income, or a monthly amount after tax in fen."""

    kind: str
    amount_fen: int | None = None


class Record(Answer):
    person: str
    version: int = 0
    name: str
    number_masked: str = ""
    document_kind: str = ""
    sex: str | None = None
    birth_date: str | None = None
    ethnicity: str | None = None
    political_status: str | None = None
    education: str | None = None
    join_date: str | None = None
    join_place: str | None = None
    development_number: str | None = None
    branch: str | None = None
    branch_name: str | None = None
    mobile_masked: str | None = None
    email: str | None = None
    work_or_school: str | None = None
    occupation: str | None = None
    income: Income | None = None
    emergency_contact: str | None = None
    emergency_phone_masked: str | None = None
    hobbies: str | None = None
    remark: str | None = None
    missing: tuple[str, ...] = ()
    positions: tuple[Position, ...] = ()
    graduation: str | None = None
    graduated: int | None = None
    may: MayOnPerson = MayOnPerson()

    @property
    def is_graduate(self) -> bool:
        """GRD-03, GRD-04: in a graduate branch, and neither staying on nor a teacher."""
        return self.graduation == "graduate"

    @property
    def is_party_member(self) -> bool:
        """TRF-24: whose League membership usually goes where the Party membership goes."""
        return self.political_status in PARTY_MEMBERS


class Change(Answer):
    field: str = ""
    label: str = ""
    before: str | None = None
    after: str | None = None


class HistoryItem(Answer):
    at: datetime
    what: str
    by: str = ""
    organization: str | None = None
    organization_name: str = ""
    changes: tuple[Change, ...] = ()


class History(Answer):
    items: tuple[HistoryItem, ...] = ()
    next: str | None = None


class FoundPerson(Answer):
    person: str


class NamedPerson(Answer):
    person: str
    name: str


class Named(Answer):
    items: tuple[NamedPerson, ...] = ()


class FoundPeople(Named):
    """TRF-14. `more`: the name is too common for everybody to have been looked at."""

    more: bool = False


class Revealed(Answer):
    value: str


class Fault(Answer):
    rule: str = ""
    column: str = ""
    code: str = ""
    sentence: str = ""
    advice: str = ""
    version: str | None = None


class ImportRow(Answer):
    row: int
    verdict: str = ""
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    person: str | None = None


class ImportRows(Answer):
    items: tuple[ImportRow, ...] = ()
    next: str | None = None
    total: int | None = None


class FileRefused(Answer):
    """Why a file was not read at all (MEM-09)."""

    rule: str = ""
    sentence: str
    advice: str = ""


class Withdrawal(Answer):
    requested_by: str = ""
    needs_confirmation: bool = False
    confirmed_by: str = ""
    people: int = 0
    members_ended: int = 0
    kept: int = 0


class Import(Answer):
    """One import. Its counts add up: rows = imported + unchanged + failed + unprocessed."""

    id: str
    organization: str = ""
    template: str = "members"
    file_name: str = ""
    state: str
    rows: int | None = None
    settled: int = 0
    imported: int = 0
    with_warning: int = 0
    positions_added: int = 0
    unchanged: int = 0
    failed: int = 0
    unprocessed: int = 0
    uploaded_at: datetime | None = None
    uploaded_by: str = ""
    finished_at: datetime | None = None
    withdrawable_until: datetime | None = None
    cancel_cause: str | None = None
    withdrawal: Withdrawal | None = None
    newest_failures: tuple[ImportRow, ...] = ()
    file_notes: tuple[str, ...] = ()
    refused: FileRefused | None = None

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_withdrawal_open(self) -> bool:
        """True while a withdrawal waits for the second admin."""
        asked = self.withdrawal
        return self.state in WITHDRAWABLE and asked is not None and asked.needs_confirmation and not asked.confirmed_by

    @property
    def is_withdrawable(self) -> bool:
        """True where people came in by it, though it may have been stopped on the way, and nobody took them out yet."""
        return self.state in WITHDRAWABLE and self.imported > 0 and self.withdrawal is None

    @property
    def open(self) -> int:
        """Rows that have no verdict yet."""
        return max(0, (self.rows or 0) - self.settled)


class Imports(Answer):
    items: tuple[Import, ...] = ()
    next: str | None = None


class ImportStarted(Answer):
    stream: str
    version: int = 0
    joined: bool = False


class Lists(Answer):
    """The reference lists of the forms, as they stand today.

    ``positions`` is by category of organization; the others are plain lists of names.
    """

    document_kinds: tuple[str, ...] = ()
    ethnicities: tuple[str, ...] = ()
    political_statuses: tuple[str, ...] = ()
    educations: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    appointment_kinds: tuple[str, ...] = ()
    positions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
