"""The forms in which is shown what was said of a transfer beside its steps (BEY-04, TRF-10 to TRF-12)."""

from datetime import datetime

from pydantic import BaseModel


class Reminder(BaseModel):
    """BEY-04: of what waited for `organization`; given to its superior where `superior`."""

    organization: str
    organization_name: str
    superior: bool
    at: datetime


class Explanation(BaseModel):
    """TRF-10: why `organization` could not decide yet."""

    organization: str
    organization_name: str
    explanation: str
    by: str
    at: datetime


class ObjectionShown(BaseModel):
    """TRF-11. `state`: open, upheld (the transfer is withdrawn) or dismissed."""

    objection: str
    state: str
    by: str
    at: datetime
    decided_by: str | None
    decided_at: datetime | None


class Coordination(BaseModel):
    """TRF-12: `organization`, which the member belongs to, is asked, `reminded` so often; `state`: open or answered."""

    organization: str
    organization_name: str
    state: str
    by: str
    at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    reminded: int
