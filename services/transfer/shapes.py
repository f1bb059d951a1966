"""The forms in which transfers are asked for and shown."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.transfer.domain.events import Side
from services.transfer.shapes_arrivals import ArrivalShown, HandOver, SituationShown
from services.transfer.shapes_meanwhile import Coordination, Explanation, ObjectionShown, Reminder
from shared.kernel.clock import SHANGHAI, to_micros
from shared.kernel.text import clean

Id = Annotated[str, Field(min_length=1, max_length=64)]
State = Literal[
    "requested",
    "pending",
    "unassigned",
    "approved",
    "completed",
    "refused",
    "withdrawn",
    "timed_out",
    "failed",
]
PEOPLE_MAX = 100
Code = Annotated[str, Field(min_length=1, max_length=40)]
Note = Annotated[str, Field(max_length=200), BeforeValidator(clean)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StartForm(Form):
    """TRF-15: why, as a code of the list of reasons, with a note where the list says so.

    TRF-19: a leaver says what `situation` they are in, and what kind of `place` the destination is.
    """

    reason: Code
    note: Note = ""
    situation: Annotated[str, Field(max_length=40)] = ""
    place: Annotated[str, Field(max_length=40)] = ""


class OwnForm(StartForm):
    """TRF-07: where the member wants to go."""

    to: Id


class OutForm(StartForm):
    """TRF-05: whom the branch lets go, and where to."""

    person: Id
    to: Id


class InForm(StartForm):
    """TRF-03: the ticket that member gave for a name and a number."""

    ticket: Annotated[str, Field(min_length=1, max_length=600)]


class StepForm(Form):
    """Whose step it was that was looked at: if that one was taken meanwhile, the next one is not taken for it."""

    organization: Id | None = None


class RefusalForm(StepForm):
    """TRF-12: a code of the list of grounds."""

    ground: Code


class AssignmentForm(Form):
    """TRF-04: a branch below the destination."""

    branch: Id


class DelayForm(Form):
    """TRF-10: a code of the list of explanations."""

    explanation: Code


class ObjectionForm(Form):
    """TRF-11: a code of the list of objections."""

    objection: Code


class ObjectionDecisionForm(Form):
    """TRF-11: `upheld`: the transfer is withdrawn; else it goes on."""

    upheld: bool


class AnswerForm(Form):
    """TRF-12: a code of the list of answers."""

    answer: Code


class Search(BaseModel):
    """TRF-14: by state, starter, reason, whom it is about, and the days on which it was started (both included)."""

    model_config = ConfigDict(frozen=True)
    state: State | None = None
    started_by: Side | None = None
    reason: Code | None = None
    since: date | None = None
    until: date | None = None
    person: Annotated[tuple[Id, ...], Field(max_length=PEOPLE_MAX)] = ()

    def conditions(self) -> dict[str, Any]:
        """As MongoDB conditions on the documents of transfers; days are those of Asia/Shanghai."""
        asked = self.model_dump(mode="json", include={"state", "started_by", "reason"}, exclude_none=True)
        if self.person:
            asked["person"] = {"$in": list(self.person)}
        began = {}
        if self.since:
            began["$gte"] = _midnight(self.since)
        if self.until and self.until < date.max:
            began["$lt"] = _midnight(self.until + timedelta(days=1))
        return asked | ({"requested_at": began} if began else {})


def _midnight(day: date) -> int:
    return to_micros(datetime.combine(day, time(), SHANGHAI))


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


class TransferLine(BaseModel):
    """One transfer. `state`: requested, pending, unassigned, approved, or how it ended.

    One whose time is over stands as timed_out before that is written. `late`: a decision would be late by now, or was
    (TRF-10); `by_weekdays`: `late_at` rests on a year whose working days are not entered.
    `automatic`: at `due_at` it counts as approved, and is not returned (TRF-09). `batch`: one of many (TRF-08).
    `reminded`: how often who is waited for was, telling their superior left out, and `explanation` what they last said
    of the delay. `without_admin`: who is waited for has no admin, so that their superior decides (ADM-08).
    `register_of`: it goes into a register branch, of that (TRF-16). `situation`, `place`: TRF-19, codes, empty where
    nobody was asked. `move_on_by`: TRF-20. `duties`: what the new branch has still to do, of contact, check_in, verify.
    `opens`: the asker may see it as a whole; not what has left for another superior since (ORG-17). `onward`: of
    who is listed as to move on the open transfer by which they do (TRF-20).
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
    reminded: int
    without_admin: bool
    explanation: str | None
    ground: str | None
    cause: str | None
    requested_at: datetime
    ended_at: datetime | None
    batch: str | None
    register_of: str | None
    situation: str
    place: str
    move_on_by: date | None
    duties: list[str]
    opens: bool = True
    onward: "TransferLine | None" = None


class May(BaseModel):
    """What to offer the asker now."""

    decide: bool
    assign: bool
    withdraw: bool
    explain: bool
    object: bool
    decide_objection: bool
    coordinate: bool
    answer_coordination: bool
    note_hand_over: bool
    verify_employment: bool
    receive: bool
    settle_work: bool


class TransferCard(TransferLine):
    """The same with every step (TRF-13, TRF-14). `note`: what was written with the reason (TRF-15).

    `employment`: what a floating branch found (TRF-20).
    """

    note: str
    steps: list[Step]
    reminders: list[Reminder]
    explanations: list[Explanation]
    objection: ObjectionShown | None
    coordination: Coordination | None
    hand_overs: list[HandOver]
    employment: str | None
    arrival: ArrivalShown | None
    may: May


class Choice(BaseModel):
    """`with_text`: it goes with a note."""

    code: str
    zh: str
    en: str
    with_text: bool = False


class PlaceShown(Choice):
    """TRF-19: `reasons` are codes of those that lead there, of somebody who graduates the first of them."""

    reasons: list[str]


class NoGroundShown(BaseModel):
    """TRF-24, TRF-25: what cannot be chosen as a ground, by which rule, and why."""

    code: str
    zh: str
    en: str
    rule: str
    why_zh: str
    why_en: str


class Lists(BaseModel):
    """TRF-10 to TRF-12, TRF-15, TRF-16, TRF-19: what can be chosen today, and what is no ground to refuse.

    `objection_withdraws`: by setting an objection ends the transfer at once (TRF-11).
    """

    reasons: list[Choice]
    grounds: list[Choice]
    no_grounds: list[NoGroundShown]
    explanations: list[Choice]
    objections: list[Choice]
    objection_withdraws: bool
    answers: list[Choice]
    special_reasons: list[Choice]
    places: list[PlaceShown]
    situations: list[SituationShown]
