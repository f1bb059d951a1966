"""STA-05, TRF-10: the steps of one transfer as the timeliness counts them. Pure."""

from dataclasses import dataclass, field
from typing import assert_never

from services.stats.counting.vectors import NO_COUNTS, Counts, plus
from shared.contracts.transfer import (
    DestinationAssigned,
    TransferBecameLate,
    TransferCompleted,
    TransferFailed,
    TransferRefused,
    TransferRequested,
    TransferStepApproved,
    TransferTimedOut,
    TransferWithdrawn,
)

TransferFact = (
    TransferRequested
    | TransferBecameLate
    | TransferStepApproved
    | DestinationAssigned
    | TransferRefused
    | TransferTimedOut
    | TransferWithdrawn
    | TransferFailed
    | TransferCompleted
)

ASSIGNING = "assigning"


@dataclass(frozen=True, slots=True)
class Steps:
    """`over`: of each step that is over the organization that had to decide, and whether that was late.

    `late` is the organization that a step waits for beyond its time.
    """

    over: dict[str, tuple[str, bool]] = field(default_factory=dict)
    late: str | None = None


def evolve(steps: Steps | None, event: TransferFact) -> Steps | None:
    """None is a transfer of which no step is over or late: nothing to count, nothing kept."""
    now = steps or Steps()
    match event:
        case TransferBecameLate():
            return Steps(now.over, event.organization)
        case TransferStepApproved():
            return _over(now, event.side, event.organization, late=event.late or event.automatic)
        case DestinationAssigned():
            return _over(now, ASSIGNING, event.organization, late=event.late)
        case TransferRefused():
            return _over(now, event.side, event.organization, late=event.late)
        case TransferTimedOut():
            return _over(now, event.side, event.organization, late=True)
        case TransferWithdrawn() | TransferFailed():
            return Steps(now.over) if now.over else None
        case TransferRequested() | TransferCompleted():
            return steps
        case _:
            assert_never(event)


def counts(steps: Steps | None) -> dict[str, Counts]:
    """What a transfer adds to each organization that had to decide, or has to. No decision at all is a late one."""
    added: dict[str, Counts] = {}
    if steps is None:
        return added
    for organization, late in steps.over.values():
        added[organization] = plus(added.get(organization, NO_COUNTS), Counts(steps=1, steps_late=int(late)))
    if steps.late:
        added[steps.late] = plus(added.get(steps.late, NO_COUNTS), Counts(steps_open_late=1))
    return added


def _over(steps: Steps, key: str, organization: str, *, late: bool) -> Steps:
    return Steps(steps.over | {key: (organization, late)}) if organization else steps
