"""What org answers about applications for an admin's account (ADM-07)."""

from datetime import datetime

from services.web.answers import Answer
from services.web.answers.org import Step


class Applicant(Answer):
    """An organization as anybody sees it who wants to apply for it."""

    id: str
    full_name: str
    path: tuple[Step, ...] = ()
    may_apply: bool = False


class Applicants(Answer):
    items: tuple[Applicant, ...] = ()


class ApplicationSent(Answer):
    ticket: str


class ApplicationOutcome(Answer):
    """`state`: waiting, approved, refused, lapsed; `reason` of a refusal, as long as it is kept."""

    full_name: str
    state: str
    submitted_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None


class ApplicationRow(Answer):
    """`id` and name are the organization's."""

    id: str
    full_name: str
    application: str
    state: str
    submitted_at: datetime
    due_at: datetime
    decided_at: datetime | None = None


class ApplicationRows(Answer):
    items: tuple[ApplicationRow, ...] = ()
    next: str | None = None
    total: int | None = None
    fresh: bool = True


class ApplicationRecord(ApplicationRow):
    superior: str = ""
    admins: int = 0
    decided_by: str | None = None
    responsible: str | None = None
    phone: str | None = None
    file_name: str | None = None
    reason: str | None = None
    destroyed: bool = False
    destroy_at: datetime | None = None
