"""What transfer tells the others: the only exit of its facts (shared/contracts/transfer.py)."""

from collections.abc import Sequence
from typing import Any

from services.transfer.domain import events as e
from services.transfer.domain import events_of_cohorts as c
from services.transfer.domain.events_of_successions import TransferRedirected
from shared.contracts import transfer as public
from shared.contracts.base import Contract
from shared.kernel.envelope import Event


def publish(event: Event, stream: str, _version: int) -> Sequence[Contract]:
    """The public events of one stored event."""
    match event:
        case e.TransferOpened() | e.TransferStepApproved():
            return [_of_step(event, stream)]
        case e.TransferRequested():
            where = {"from_branch": event.from_branch, "to": event.to}
            requested = public.TransferRequested(transfer=stream, person=event.person, **where)
            if event.register_place is None:
                return [requested]
            return [requested, public.RegisterBranchNeeded(**event.register_place.model_dump())]
        case TransferRedirected():
            where = {"from_branch": event.from_branch, "to": event.to}
            return [public.TransferRedirected(transfer=stream, person=event.person, **where)]
        case e.TransferApproved():
            where = {"from_branch": event.from_branch, "to_branch": event.branch}
            return [public.TransferApproved(transfer=stream, person=event.person, **where)]
        case e.TransferAnswerAwaited():
            asked = {"transfer": stream, "person": event.person, "from_branch": event.from_branch}
            return [public.TransferAnswerAwaited(**asked, to_branch=event.branch)]
        case e.TransferWithdrawn():
            return [public.TransferWithdrawn(transfer=stream, person=event.person, objected=event.objected)]
        case e.TransferFailed():
            return [public.TransferFailed(transfer=stream, person=event.person)]
        case e.DestinationAssigned():
            chose = event.model_dump(include={"person", "organization", "since", "late"})
            return [public.DestinationAssigned(transfer=stream, **chose, to_branch=event.branch)]
        case e.TransferCompleted():
            where = {"from_branch": event.from_branch, "to_branch": event.branch}
            why = {"reason": event.reason, "destination": event.destination}
            return [public.TransferCompleted(transfer=stream, person=event.person, **where, **why)]
        case c.CohortFrozen() | c.CohortWithdrawn() | c.GraduateExcluded() | c.GraduateIncluded():
            return _of_cohort(event)
        case _:
            return [
                each(transfer=stream, **_said(event, each)) for each in _SAME if each.__name__ == type(event).__name__
            ]


def _of_step(event: e.TransferOpened | e.TransferStepApproved, stream: str) -> Contract:
    """TRF-16: some steps have no end."""
    if isinstance(event, e.TransferOpened):
        opened = public.TransferOpened if event.due_at else public.TransferOpenedWithoutEnd
        return opened(transfer=stream, **_said(event, opened))
    said = _said(event, public.TransferStepApproved)
    return public.TransferStepApproved(transfer=stream, **said, endless=event.endless_from is not None)


def _of_cohort(event: Event) -> Sequence[Contract]:
    match event:
        case c.CohortFrozen():
            return [public.CohortFrozen(branch=event.branch, year=event.year, members=event.members)]
        case c.CohortWithdrawn() if event.members:
            return [public.CohortWithdrawn(branch=event.branch, year=event.year, members=event.members)]
        case c.GraduateExcluded(frozen=True):
            return [public.GraduateExcluded(branch=event.branch, year=event.year, person=event.person)]
        case c.GraduateIncluded(frozen=True):
            return [public.GraduateIncluded(branch=event.branch, year=event.year, person=event.person)]
        case _:
            return []


_SAME: tuple[type[Contract], ...] = (
    public.TransferReminded,
    public.TransferBecameLate,
    public.TransferDelayExplained,
    public.TransferRefused,
    public.TransferTimedOut,
)
"""Published with the very fields in which they are stored."""


def _said(event: Event, contract: type[Contract]) -> dict[str, Any]:
    return {name: getattr(event, name) for name in contract.model_fields if hasattr(event, name) and name != "personal"}
