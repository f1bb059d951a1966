"""The stored facts of transfer: the storage contract, which never changes but by an upcaster.

A transfer has a stream of its own, whose id is the transfer's; so have a province's periods, and the calendar. People
and organizations are ids; what somebody wrote about a person is sealed with that person's key. What others hear of
names the person once more, by whom they find what it is about.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from services.transfer.domain.events_of_exchange import EXCHANGE_EVENTS, OutsideSystem
from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class Side(StrEnum):
    """TRF-01: who starts a transfer, and who decides a step: the member, where they leave, where they come.

    TRF-17: another system starts one, too, and decides the side that is there.
    """

    MEMBER = "member"
    OUT = "out"
    IN = "in"
    OUTSIDE = "outside"


STEPS: Mapping[Side, tuple[Side, ...]] = {
    Side.MEMBER: (Side.OUT, Side.IN),
    Side.OUT: (Side.IN,),
    Side.IN: (Side.OUT,),
    Side.OUTSIDE: (Side.IN, Side.OUT),
}
"""TRF-03, TRF-05, TRF-07: who has to agree, in order, by who started it: the other side, or both for a member."""

USUAL_HOURS = 240
"""TRF-09: of a step without a term of its own."""

FailureCause = Literal["not_a_member_there", "held", "branch_closing", "hold_unanswered"]
"""Why member could not hold or move the person; `hold_unanswered`: it did not say so in time."""


class Term(BaseModel):
    """TRF-09: how long `side` may take to decide. `automatic`: then its step counts as approved."""

    model_config = ConfigDict(frozen=True)
    side: Side
    hours: int = USUAL_HOURS
    automatic: bool = False

    @property
    def period(self) -> timedelta:
        return timedelta(hours=self.hours)


class RegisterPlace(BaseModel):
    """TRF-16, TRF-17: which register branch of which provincial body `to` is."""

    model_config = ConfigDict(frozen=True)
    body: str
    which: Literal["special_units", "beijing", "guangdong", "fujian"]


class Outside(BaseModel):
    """TRF-17: the side that is in another system: `organization` there, whose full name is `name`.

    `exchange` is the stream of what the two systems say to one another about it.
    """

    model_config = ConfigDict(frozen=True)
    exchange: str
    system: OutsideSystem
    organization: str
    name: str


class TransferRequested(Event):
    """`started_by` asks that `person` moves from branch `from_branch` to `to`, for `reason` (TRF-15).

    `assigns`: `to` is no branch, so its admin chooses one below it at the end (TRF-04, TRF-06). member has until
    `hold_due_at` to hold the person for it. `terms` are those of the two sides on this day, to the end (TRF-09). Sealed
    with the person's key: `note`, where the reason wants a text. `register_place`: `to` is no choice but a register.
    `outside`: the register branch stands for that one; `papers` are sealed too then: what the other system is told.
    """

    person: str
    from_branch: str
    to: str
    assigns: bool
    started_by: Side
    reason: str
    hold_due_at: datetime
    terms: tuple[Term, ...] = ()
    register_place: RegisterPlace | None = None
    outside: Outside | None = None


class TransferOpened(Event):
    """TRF-22: member holds the person for it; the first step is to be decided before `due_at` (TRF-09).

    Here and below: from `late_at` on a decision is late (TRF-10); `by_weekdays`: that rests on a year whose working
    days were not entered.
    """

    due_at: datetime
    late_at: datetime | None = None
    by_weekdays: bool = False


class TransferStepApproved(Event):
    """`side` agreed, in the name of `organization`; the next step, if one is left, has until `due_at`.

    `automatic`: nobody decided, and its province takes that for a yes (TRF-09). `unassigned_from`: the receiving
    organization has to choose a branch from now on (TRF-04).
    """

    side: Side
    organization: str
    due_at: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False
    automatic: bool = False
    unassigned_from: datetime | None = None


class TransferReminded(Event):
    """TRF-10, BEY-04: the `number`th reminder of what waits for `organization`, given to it or to its superior."""

    side: Side
    organization: str
    number: int
    superior: bool


class TransferBecameLate(Event):
    """TRF-10: more than five working days without a decision of `organization`."""

    side: Side
    organization: str


class TransferDelayExplained(Event):
    """TRF-10: why `organization` cannot decide yet, by a code of the list of explanations; the deadline goes on."""

    side: Side
    organization: str
    explanation: str


class TransferObjected(Event):
    """TRF-11: the member does not want what others started, by a code of the list of objections."""

    objection: str


class TransferObjectionDismissed(Event):
    """TRF-11: the starter's superior lets it go on."""


class DestinationAssigned(Event):
    """TRF-04, TRF-06: the receiving organization chose `branch` below it."""

    branch: str


class TransferApproved(Event):
    """Nothing is left to decide: member is to move the person to `branch`, and is asked again at `move_due_at`."""

    person: str
    from_branch: str
    branch: str
    move_due_at: datetime | None = None


class TransferRefused(Event):
    """TRF-12: `side` did not agree; `ground` is a code of the list of grounds.

    Here and below: member is asked again at `release_due_at` whether it holds the person no longer.
    """

    person: str
    side: Side
    organization: str
    ground: str
    release_due_at: datetime | None = None


class TransferWithdrawn(Event):
    """TRF-11: by who started it; `objected`: because the member objected."""

    person: str
    objected: bool = False
    release_due_at: datetime | None = None


class TransferTimedOut(Event):
    """TRF-09: `side` did not decide in time."""

    person: str
    side: Side
    release_due_at: datetime | None = None


class TransferFailed(Event):
    """member could not hold or move the person. `held`: the hold may still come, or be there, and is to be given up."""

    person: str
    cause: FailureCause
    held: bool
    release_due_at: datetime | None = None


class TransferAnswerAwaited(Event):
    """member has not said that it moved the person to `branch`, or (None) that it holds them no longer: asked again.

    And once more at `due_at`; without one it came to light that somebody is held for what is long over.
    """

    person: str
    from_branch: str
    branch: str | None
    due_at: datetime | None


class TransferCompleted(Event):
    """The person is a member of the new branch."""


class TransferClosed(Event):
    """member holds the person no longer for a transfer that ended; another one can be started (TRF-02)."""


class CoordinationRequested(Event):
    """TRF-12: `organization`, which the member belongs to, is to talk to both sides about the refusal."""

    organization: str


class CoordinationAnswered(Event):
    """TRF-12: what came of it, by a code of the list of answers."""

    organization: str
    answer: str


class StepPeriodSet(Event):
    """TRF-09: for transfers started from a day on, steps of organizations of a province may take `days`.

    `automatic`: a step not decided until then counts as approved.
    """

    province: str
    days: int
    automatic: bool
    effective_from: date


class WorkingDaysEntered(Event):
    """OPS-05: the days of a year that are no working days (`off`) or are (`on`), whatever day of the week they are."""

    year: int
    off: tuple[date, ...]
    on: tuple[date, ...]


TransferEvent = (
    TransferRequested
    | TransferOpened
    | TransferStepApproved
    | TransferReminded
    | TransferBecameLate
    | TransferDelayExplained
    | TransferObjected
    | TransferObjectionDismissed
    | DestinationAssigned
    | TransferApproved
    | TransferRefused
    | TransferWithdrawn
    | TransferTimedOut
    | TransferFailed
    | TransferAnswerAwaited
    | TransferCompleted
    | TransferClosed
    | CoordinationRequested
    | CoordinationAnswered
)

REGISTRY = Registry("transfer", [*get_args(TransferEvent), StepPeriodSet, WorkingDaysEntered, *EXCHANGE_EVENTS])
