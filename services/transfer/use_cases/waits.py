"""What is written beside the facts of a transfer: what waits until when, and who is in one (TRF-02, TRF-09, P8)."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import cast

from services.transfer.domain.events import (
    DestinationAssigned,
    TransferAnswerAwaited,
    TransferApproved,
    TransferClosed,
    TransferCompleted,
    TransferEvent,
    TransferFailed,
    TransferOpened,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)
from services.transfer.domain.events_of_disputes import (
    CoordinationHandedOn,
    CoordinationReminded,
    CoordinationRequested,
)
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.domain.passing_time import next_look
from services.transfer.domain.transfer import Pending, Transfer, asked_of, evolve
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition, Release
from shared.kernel import ids
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Event

OPEN = "open-transfer"
TRANSFER_DUE, TRANSFER_LOOK, ANSWER_DUE = "transfer-due", "transfer-look", "transfer-answer-due"
EXCHANGE_NEWS = "exchange-news"
COORDINATION_DUE = "coordination-due"


class Waits:
    """The conditions of a transfer's commits."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines

    def beginning(self, transfer: str, events: Sequence[Event]) -> Sequence[Condition]:
        """TRF-02: one open transfer a person; member has its time to hold them."""
        (event,) = (e for e in events if isinstance(e, TransferRequested))
        return [Claim(OPEN, event.person), self._row(TRANSFER_DUE, transfer, "hold", event.hold_due_at)]

    def going_on(self, transfer: str, state: Transfer, events: Sequence[Event], now: datetime) -> Sequence[Condition]:
        """The next deadlines; and another transfer can be started once nobody is held for this one (TRF-02)."""
        conditions: list[Condition] = []
        for event in events:
            match event:
                case TransferOpened(due_at=datetime() as due_at) | TransferStepApproved(due_at=datetime() as due_at):
                    step = state.done + 1 if isinstance(state, Pending) else 0
                    conditions.append(self._row(TRANSFER_DUE, transfer, str(step), due_at))
                case TransferRedirected(due_at=datetime() as due_at) | DestinationAssigned(due_at=datetime() as due_at):
                    conditions.append(self._row(TRANSFER_DUE, transfer, f"again-{to_micros(due_at)}", due_at))
                case (
                    TransferApproved(move_due_at=datetime() as due_at)
                    | TransferRefused(release_due_at=datetime() as due_at)
                    | TransferWithdrawn(release_due_at=datetime() as due_at)
                    | TransferTimedOut(release_due_at=datetime() as due_at)
                    | TransferFailed(release_due_at=datetime() as due_at)
                    | TransferAnswerAwaited(due_at=datetime() as due_at)
                ):
                    conditions.append(self._row(ANSWER_DUE, transfer, str(to_micros(due_at)), due_at))
                case CoordinationHandedOn(due_at=due_at, organization=heir):
                    conditions.append(self._row(COORDINATION_DUE, transfer, f"{heir}-{to_micros(due_at)}", due_at))
                case CoordinationRequested(due_at=datetime() as due_at) | CoordinationReminded(due_at=due_at):
                    conditions.append(self._row(COORDINATION_DUE, transfer, str(to_micros(due_at)), due_at))
                case TransferFailed(held=False) | TransferCompleted() | TransferClosed():
                    asked = asked_of(state)
                    conditions += [Release(OPEN, asked.person)] if asked else []
                case _:
                    pass
        return [*conditions, *self._look(transfer, state, events), *self._outside(transfer, state, events, now)]

    def _outside(self, transfer: str, state: Transfer, events: Sequence[Event], now: datetime) -> Sequence[Condition]:
        """TRF-17: whatever moves a transfer on may be news for the other system."""
        asked = asked_of(state)
        if asked is None or asked.outside is None or not events:
            return []
        return [self._row(EXCHANGE_NEWS, transfer, f"{type(events[-1]).__name__}-{to_micros(now)}", now)]

    def _look(self, transfer: str, state: Transfer, events: Sequence[Event]) -> Sequence[Condition]:
        """One row ahead at a time: reminders of a wait that is over leave nothing behind but that one."""
        after = reduce(evolve, cast("Sequence[TransferEvent]", events), state)
        look = next_look(after)
        if look is None or look == next_look(state):
            return []
        step = after.done if isinstance(after, Pending) else "unassigned"
        since = getattr(after, "since", None) or look  # a wait that began anew with another organization has its own
        return [self._row(TRANSFER_LOOK, transfer, f"{step}-{to_micros(since)}-{to_micros(look)}", look)]

    def _row(self, kind: str, transfer: str, what: str, due_at: datetime) -> Condition:
        return self._deadlines.row(Deadline(ids.derived(kind, transfer, what), kind, transfer, due_at))
