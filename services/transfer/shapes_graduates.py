"""The forms in which graduates are shown, and their transfers started (GRD-06, BEY-09)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.transfer.shapes import Id, StartForm

AT_ONCE_MAX = 50

CampaignStep = Literal["start", "settle", "freshmen"]
Stuck = Literal["not_started", "waiting", "refused", "timed_out", "returned"]


class GraduateLine(BaseModel):
    """Somebody of the cohort of `cohort` whose transfer is not complete.

    `branch` is where they are now. `stuck`: why; `since` when; `call`: the organization that can do something today.
    Of the newest transfer, where there is one: where to, why, and the ground of a refusal. `may_start`: whether who
    asks could start one now.
    """

    person: str
    branch: str
    branch_name: str
    cohort: str
    stuck: Stuck
    since: datetime
    call: str
    call_name: str
    transfer: str | None
    to: str | None
    to_name: str
    reason: str | None
    ground: str | None
    may_start: bool


class Reason(BaseModel):
    """`ground` of a refusal, as a code of the list."""

    stuck: Stuck
    ground: str | None
    people: int


class Call(BaseModel):
    """So many `people` wait for what `organization` has not done yet, by reason; the first of them for `days` days."""

    organization: str
    name: str
    people: int
    reasons: dict[Stuck, int]
    since: datetime
    days: int


class Situation(BaseModel):
    """`members` of the frozen cohorts of so many `branches`, of whom `left_behind` are; reasons and calls ranked."""

    year: int
    branches: int
    members: int
    left_behind: int
    first_frozen_at: datetime | None
    last_frozen_at: datetime | None
    reasons: list[Reason]
    calls: list[Call]


class YearLeft(BaseModel):
    """GRD-06: of a year's cohorts so many are `left_behind`."""

    year: int
    left_behind: int


class YearsLeft(BaseModel):
    """The newest year first; none of which everybody is gone."""

    items: list[YearLeft]


class LateLine(BaseModel):
    """`people` for whom `organization` has not done the step; the first of them since then."""

    organization: str
    name: str
    people: int
    since: datetime


class Late(BaseModel):
    """GRD-09: who has not done a step of the campaign, most people first; `people` of all, also of those not shown."""

    step: CampaignStep
    organizations: int
    people: int
    items: list[LateLine]


class BatchForm(StartForm):
    """One destination and one reason for all of them."""

    people: Annotated[list[Id], Field(min_length=1, max_length=AT_ONCE_MAX)]
    to: Id


class Started(BaseModel):
    """What came of one: the transfer, or the refusal with its rule and the way out in both languages."""

    person: str
    transfer: str | None = None
    code: str = ""
    rule: str = ""
    zh: str = ""
    en: str = ""


class BatchOutcome(BaseModel):
    items: list[Started]
    started: int
    refused: int
