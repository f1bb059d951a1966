"""Transfers as far as the tests of passing time need them, on one Monday and after it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.transfer.domain.deciding import (
    ApproveTransfer,
    OpenTransfer,
    approve_transfer,
    open_transfer,
)
from services.transfer.domain.events import (
    Side,
    Term,
    TransferApproved,
    TransferBecameLate,
    TransferEvent,
    TransferOpened,
    TransferReminded,
    TransferRequested,
    TransferStepApproved,
)
from services.transfer.domain.events_of_rules import WorkingDaysEntered
from services.transfer.domain.passing_time import (
    AskMemberAgain,
    RemindTransfer,
    TimeOutTransfer,
    ask_member_again,
    remind_transfer,
    time_out_transfer,
)
from services.transfer.domain.transfer import TRANSFER
from services.transfer.domain.working_days import Calendar
from shared.testing.scenario import Decided, History, given

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # a Monday
MOMENT, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
PERSON, OUT, IN, COMMITTEE, CLASS = "person-1", "branch-out", "branch-in", "committee", "class"
LATE = datetime(2026, 12, 7, 16, tzinfo=UTC)
"""Tuesday to Friday and the Monday after: five working days, so late from the Tuesday on."""
ENTERED = Calendar({2026: WorkingDaysEntered(year=2026, off=(), on=())})

Happened = History[Any, TransferEvent]


def opened(started_by: Side = Side.OUT, to: str = IN, terms: tuple[Term, ...] = ()) -> Happened:
    asked = TransferRequested(
        person=PERSON,
        from_branch=OUT,
        to=to,
        assigns=to == COMMITTEE,
        started_by=started_by,
        reason="change_of_school",
        hold_due_at=NOW + HOUR,
        terms=terms,
    )
    decided = given(TRANSFER, asked).when(lambda state: open_transfer(OpenTransfer(), state, NOW, ENTERED))
    side = Side.OUT if started_by is Side.MEMBER else Side.IN
    first = next((t for t in terms if t.side == side), Term(side=side))
    whose = {"person": PERSON, "side": side, "organization": OUT if side is Side.OUT else to}
    return decided.then(TransferOpened(**whose, due_at=NOW + first.period, late_at=LATE))


def reminds(happened: Happened, now: datetime) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: remind_transfer(RemindTransfer(), state, now))


def times_out(happened: Happened, now: datetime) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: time_out_transfer(TimeOutTransfer(), state, now, ENTERED))


def approves(happened: Happened, organization: str, now: datetime) -> Decided[Any, TransferEvent]:
    command = ApproveTransfer(organization=organization)
    return happened.when(lambda state: approve_transfer(command, state, now, ENTERED))


def asks(happened: Happened, now: datetime) -> Decided[Any, TransferEvent]:
    return happened.when(lambda state: ask_member_again(AskMemberAgain(), state, now))


def reminded(
    number: int, organization: str = IN, due_at: datetime | None = NOW + 10 * DAY, *, superior: bool = False
) -> TransferReminded:
    """Of a branch to be chosen there is no `due_at`."""
    return TransferReminded(
        person=PERSON, side=Side.IN, organization=organization, number=number, superior=superior, due_at=due_at
    )


BECAME_LATE = TransferBecameLate(person=PERSON, since=NOW, due_at=NOW + 10 * DAY, side=Side.IN, organization=IN)


def unassigned() -> Happened:
    agreed = TransferStepApproved(
        person=PERSON,
        since=NOW,
        side=Side.IN,
        organization=COMMITTEE,
        late_at=LATE,
        by_weekdays=False,
        unassigned_from=NOW,
        next_organization=COMMITTEE,
    )
    return approves(opened(to=COMMITTEE), COMMITTEE, NOW).then(agreed)


def moving() -> Happened:
    moved = TransferApproved(person=PERSON, from_branch=OUT, branch=IN, move_due_at=NOW + HOUR)
    return approves(opened(), IN, NOW).then(
        TransferStepApproved(person=PERSON, since=NOW, side=Side.IN, organization=IN), moved
    )
