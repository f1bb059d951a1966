"""What org answers."""

import datetime as dt
from datetime import date, datetime

from pydantic import AliasChoices, Field

from services.web.answers import Answer


class Step(Answer):
    """One organization on the way from the root."""

    id: str
    short_name: str = ""
    full_name: str = ""

    @property
    def name(self) -> str:
        return self.short_name or self.full_name


class Approval(Answer):
    date: dt.date | None = None
    document_id: str | None = None
    file_name: str | None = None


class May(Answer):
    edit: bool = False
    create_subordinate: bool = False
    reorder: bool = False
    appoint: bool = False
    dissolve: bool = False
    migrate: bool = False


class Dissolution(Answer):
    """ORG-09: `closing`, `refused` with the `members` there were, or `dissolved`.

    ORG-21: of a merger `into` is there, or it is `merged`; `cause` stopped it.
    """

    state: str
    members: int | None = None
    cause: str = ""
    into: str | None = None
    merged: bool = False
    decided_on: date | None = None
    document: str | None = None
    successor: str | None = None


class Ending(Answer):
    """ORG-09: what stands in the way, and whose positions and rights end."""

    subordinates: int = 0
    cadres: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.admins, *self.cadres)))


class Explanation(Answer):
    """ORG-21: what an organization told its superior of a school that is merged, closed or renamed."""

    id: str
    occasion: str
    note: str = ""
    document: str = ""
    at: datetime
    settled_at: datetime | None = None


class Holder(Answer):
    person: str


class Organization(Answer):
    id: str
    version: int = 0
    edition: int = 1
    full_name: str
    short_name: str = ""
    category: str
    branch_kind: str | None = None
    sector: str | None = None
    superior: str | None = None
    path: tuple[Step, ...] = ()
    region: str | None = None
    founded_on: date | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    contact: str | None = None
    institution_code: str | None = None
    approval: Approval | None = None
    missing: tuple[str, ...] = ()
    complete: bool = False
    secretary: Holder | None = None
    secretary_mobile_filled: bool = False
    admins: int = 0
    admin_quota: int = 0
    graduates: str | None = None
    graduated: int | None = None
    subordinates: int = 0
    dissolution: Dissolution | None = None
    explanations: tuple[Explanation, ...] = ()
    may: May = May()
    fresh: bool = True

    @property
    def special_kind(self) -> str:
        """The kind of a branch that is not an ordinary one, else empty."""
        return "" if self.branch_kind in (None, "ordinary") else str(self.branch_kind)

    @property
    def is_branch(self) -> bool:
        return self.category == "branch"

    @property
    def superior_step(self) -> Step | None:
        """The direct superior with its names, from the path."""
        return next((step for step in self.path if step.id == self.superior), None)


class Subordinate(Answer):
    id: str
    full_name: str
    short_name: str = ""
    category: str
    branch_kind: str | None = None
    sector: str | None = None
    phone: str | None = None
    missing: tuple[str, ...] = ()
    complete: bool = False
    admins: int = 0
    admin_quota: int = 0
    subordinates: int = 0
    branches: int = 0

    @property
    def special_kind(self) -> str:
        return "" if self.branch_kind in (None, "ordinary") else str(self.branch_kind)


class Subordinates(Answer):
    items: tuple[Subordinate, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class Node(Answer):
    id: str
    full_name: str = ""
    short_name: str = ""
    category: str = ""
    subordinates: int = 0
    children: tuple["Node", ...] = ()

    @property
    def name(self) -> str:
        return self.short_name or self.full_name


class Found(Answer):
    id: str
    full_name: str
    short_name: str = ""
    category: str = ""
    path: tuple[Step, ...] = ()


class FoundList(Answer):
    items: tuple[Found, ...] = ()


class Responsible(Answer):
    """Whose admins decide for an organization, and who they are."""

    organization: str
    admins: tuple[str, ...] = ()


class Admin(Answer):
    person: str
    since: datetime | None = None


class Admins(Answer):
    items: tuple[Admin, ...] = ()
    fresh: bool = True


class Document(Answer):
    document_id: str
    file_name: str = Field(default="", validation_alias=AliasChoices("file_name", "name"))


class CodeRow(Answer):
    """ADM-02: a direct subordinate with the state of the code made last; `code` names it, it is not what is typed."""

    id: str
    full_name: str
    admins: int = 0
    admin_quota: int = 0
    state: str = "none"
    code: str | None = None
    due_at: datetime | None = None


class CodeRows(Answer):
    items: tuple[CodeRow, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class CodeMade(Answer):
    """ADM-03: `registration_code` is what is typed; shown once and kept nowhere."""

    registration_code: str
    due_at: datetime


class NoCode(Answer):
    reason: str = ""
    sentence: str = ""


class CodeOfOne(Answer):
    organization: str
    full_name: str = ""
    made: CodeMade | None = None
    refused: NoCode | None = None


class CodesOfAll(Answer):
    items: tuple[CodeOfOne, ...] = ()
