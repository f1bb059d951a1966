"""What member answers. Numbers and phones come masked; only a reveal brings one in clear."""

from datetime import date, datetime

from pydantic import Field

from services.web.answers import Answer

PARTY_MEMBERS = ("中共党员", "中共预备党员")


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
