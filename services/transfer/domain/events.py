"""The stored facts of transfer: the storage contract, which never changes but by an upcaster.

A transfer has a stream of its own, whose id is the transfer's; so have a batch, a province's periods, and the calendar.
People and organizations are ids; what somebody wrote about a person is sealed with that person's key. What others hear
of names the person once more, by whom they find what it is about.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import get_args

from pydantic import BaseModel, ConfigDict

from services.transfer.domain.events_of_arrivals import ArrivalEvent, RegisterPlace
from services.transfer.domain.events_of_batches import BatchEvent
from services.transfer.domain.events_of_cohorts import CohortEvent
from services.transfer.domain.events_of_disputes import (
    CoordinationAnswered,
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
    TransferObjected,
    TransferObjectionDismissed,
)
from services.transfer.domain.events_of_exchange import EXCHANGE_EVENTS, Outside
from services.transfer.domain.events_of_rules import StepPeriodSet, TalentCentreSet, WorkingDaysEntered
from services.transfer.domain.events_of_successions import FailureCause, OrganizationSucceeded, TransferRedirected
from shared.kernel.envelope import Event
from shared.kernel.registry import Registry


class Side(StrEnum):
    """TRF-01, TRF-17: who starts, and who decides a step. TRF-08: one `above` starts many and decides nothing."""

    MEMBER = "member"
    OUT = "out"
    IN = "in"
    OUTSIDE = "outside"
    ABOVE = "above"


STEPS: Mapping[Side, tuple[Side, ...]] = {
    Side.MEMBER: (Side.OUT, Side.IN),
    Side.OUT: (Side.IN,),
    Side.IN: (Side.OUT,),
    Side.OUTSIDE: (Side.IN, Side.OUT),
    Side.ABOVE: (),
}
"""TRF-03, TRF-05, TRF-07, TRF-08: who has to agree, in order, by who started it: the other side, or both, or nobody."""

USUAL_HOURS = 240
"""TRF-09: of a step without a term of its own."""


class Term(BaseModel):
    """TRF-09: how long `side` may take to decide. `automatic`: then its step counts as approved.

    `endless`: it is reminded of by `hours` and waits for ever (TRF-16).
    """

    model_config = ConfigDict(frozen=True)
    side: Side
    hours: int = USUAL_HOURS
    automatic: bool = False
    endless: bool = False

    @property
    def period(self) -> timedelta:
        return timedelta(hours=self.hours)


class TransferRequested(Event):
    """`started_by` asks that `person` moves from branch `from_branch` to `to`, for `reason` (TRF-15).

    `assigns`: `to` is no branch, so its admin chooses one below it at the end (TRF-04, TRF-06). member has until
    `hold_due_at` to hold the person for it. `terms` are those of the two sides on this day, to the end (TRF-09). Sealed
    with the person's key: `note`, where the reason wants a text. `register_place`: `to` is no choice but a register.
    `outside`: the register branch stands for that one; `papers` are sealed too then: what the other system is told.
    TRF-08: the `superior` of both branches started it, in `batch`. `above`: both and all over them that day (TRF-14).
    TRF-19: what a leaver said of their `situation` and of the `place` they go to, by codes; empty of all others.
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
    superior: str | None = None
    batch: str | None = None
    above: tuple[str, ...] = ()
    situation: str = ""
    place: str = ""


class StepDecided(Event):
    """What an end of a step says of it: it waited `since` then, and was `late` by working days (TRF-10)."""

    person: str = ""
    since: datetime | None = None
    late: bool = False


class TransferOpened(Event):
    """TRF-22: member holds the person for it; `organization` has to decide the first step before `due_at` (TRF-09).

    Here and below: from `late_at` on a decision is late (TRF-10); `by_weekdays`: that rests on a year whose working
    days were not entered. `endless_from` instead of `due_at`: the step waits since then, for ever (TRF-16).
    """

    person: str = ""
    side: Side | None = None
    organization: str = ""
    due_at: datetime | None = None
    endless_from: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False


class TransferStepApproved(StepDecided):
    """`side` agreed for `organization`; the next step, if one is left, is `next_organization`'s, until `due_at`.

    `automatic`: nobody decided, which is a yes there (TRF-09). `unassigned_from`: a branch is to be chosen (TRF-04).
    """

    side: Side
    organization: str
    next_organization: str | None = None
    due_at: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False
    automatic: bool = False
    unassigned_from: datetime | None = None
    endless_from: datetime | None = None


class TransferReminded(Event):
    """TRF-10, BEY-04: the `number`th reminder of what waits for `organization`, given to it or to its superior.

    Here and below: `due_at` of the step, which a branch to be chosen has not (TRF-04).
    """

    person: str = ""
    side: Side
    organization: str
    number: int
    superior: bool
    due_at: datetime | None = None


class TransferBecameLate(Event):
    """TRF-10: more than five working days `since` then without a decision of `organization`."""

    person: str = ""
    side: Side
    organization: str
    since: datetime | None = None
    due_at: datetime | None = None


class TransferDelayExplained(Event):
    """TRF-10: why `organization` cannot decide yet, by a code of the list of explanations; the deadline goes on."""

    person: str = ""
    side: Side
    organization: str
    explanation: str
    due_at: datetime | None = None


class DestinationAssigned(StepDecided):
    """TRF-04, TRF-06: the receiving organization chose `branch`; `above`: that and all over it (TRF-14).

    TRF-17: of whom another system lets go, that is before the last step, which begins with it: the rest as in
    TransferStepApproved.
    """

    organization: str = ""
    branch: str
    above: tuple[str, ...] = ()
    next_organization: str | None = None
    due_at: datetime | None = None
    late_at: datetime | None = None
    by_weekdays: bool = False
    endless_from: datetime | None = None


class TransferApproved(Event):
    """Nothing is left to decide: member is to move the person to `branch`, and is asked again at `move_due_at`."""

    person: str
    from_branch: str
    branch: str
    move_due_at: datetime | None = None


class TransferRefused(StepDecided):
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


class TransferTimedOut(StepDecided):
    """TRF-09: `side` did not decide in time."""

    person: str
    side: Side
    organization: str = ""
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
    """The person is a member of `branch`, for `reason`; `destination` is what kind of place it was then (GRD-06)."""

    person: str = ""
    from_branch: str = ""
    branch: str = ""
    reason: str = ""
    destination: str = ""


class TransferClosed(Event):
    """member holds the person no longer for a transfer that ended; another one can be started (TRF-02)."""


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
    | TransferRedirected
    | TransferCompleted
    | TransferClosed
    | CoordinationRequested
    | CoordinationReminded
    | CoordinationHandedOn
    | CoordinationAnswered
    | ArrivalEvent
)

_OTHERS = (OrganizationSucceeded, StepPeriodSet, TalentCentreSet, WorkingDaysEntered, *EXCHANGE_EVENTS)
REGISTRY = Registry("transfer", [*get_args(TransferEvent | BatchEvent | CohortEvent), *_OTHERS])
