"""The forms in which transfers are asked for and shown."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnForm(Form):
    """TRF-07: where the member wants to go, and why (a code of the list of reasons)."""

    to: Id
    reason: Code


class OutForm(Form):
    """TRF-05: whom the branch lets go, where to, and why."""

    person: Id
    to: Id
    reason: Code


class InForm(Form):
    """TRF-03: the ticket that member gave for a name and a number, and why."""

    ticket: Annotated[str, Field(min_length=1, max_length=600)]
    reason: Code


class RefusalForm(Form):
    """TRF-12: a code of the list of grounds."""

    ground: Code


class AssignmentForm(Form):
    """TRF-04: a branch below the destination."""

    branch: Id


class Step(BaseModel):
    """`what`: requested, approved, assigned, or how it ended. `organization` is None for the member, or for nobody.

    `late`: it took more than five working days (TRF-10). `automatic`: nobody decided, which counts as approved there.
    """

    what: str
    organization: str | None
    organization_name: str
    by: str
    at: datetime
    late: bool = False
    automatic: bool = False


class Reminder(BaseModel):
    """BEY-04: of what waited for `organization`; given to its superior where `superior`."""

    organization: str
    organization_name: str
    superior: bool
    at: datetime


class TransferLine(BaseModel):
    """One transfer. `state`: requested, pending, unassigned, approved, or how it ended.

    One whose time is over stands as timed_out before that is written. `late`: a decision would be late by now, or was
    (TRF-10); `by_weekdays`: `late_at` rests on a year whose working days are not entered.
    `automatic`: at `due_at` it counts as approved, and is not returned (TRF-09).
    """

    transfer: str
    person: str
    from_branch: str
    from_name: str
    to: str
    to_name: str
    branch: str | None
    branch_name: str
    started_by: str
    reason: str
    state: str
    waits_for: str | None
    waits_for_name: str
    due_at: datetime | None
    late_at: datetime | None
    late: bool
    by_weekdays: bool
    automatic: bool
    ground: str | None
    cause: str | None
    requested_at: datetime
    ended_at: datetime | None


class May(BaseModel):
    """What to offer the asker now."""

    decide: bool
    assign: bool
    withdraw: bool


class TransferCard(TransferLine):
    """The same with every step (TRF-13, TRF-14)."""

    steps: list[Step]
    reminders: list[Reminder]
    may: May


class Choice(BaseModel):
    code: str
    zh: str
    en: str


class Lists(BaseModel):
    """TRF-15, TRF-12: what can be chosen today."""

    reasons: list[Choice]
    grounds: list[Choice]
