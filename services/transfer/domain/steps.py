"""What follows when a step is decided, or is not: the facts that both people and deadlines lead to."""

from datetime import datetime, timedelta
from typing import Any

from services.transfer.domain.asked import Asked
from services.transfer.domain.events import (
    Side,
    TransferApproved,
    TransferBecameLate,
    TransferEvent,
    TransferOpened,
    TransferStepApproved,
)
from services.transfer.domain.transfer import Pending, Unassigned
from services.transfer.domain.working_days import Calendar, late_from

ANSWERED_WITHIN = timedelta(hours=1)
"""In which member moves a person, or lets them go; then it is asked again."""


def opened(asked: Asked, now: datetime, calendar: Calendar) -> TransferOpened:
    """The first step begins."""
    late_at, by_weekdays = late_from(now, calendar)
    side = asked.steps[0]
    whose = {"person": asked.person, "side": side, "organization": asked.organization(side)}
    return TransferOpened(**whose, **_until(asked, 0, now), late_at=late_at, by_weekdays=by_weekdays)


def agreed(step: Pending, now: datetime, calendar: Calendar, *, automatic: bool = False) -> list[TransferEvent]:
    """The next step begins, or a branch is to be assigned, or nothing is left."""
    by = {"side": step.side, "organization": step.organization, "automatic": automatic, **decided(step, now)}
    last = step.done + 1 == len(step.asked.steps)
    if last and not step.asked.assigns:
        return [TransferStepApproved(**by), approved(step.asked, step.asked.to, now)]
    if last or (step.asked.assigns and step.asked.started_by is Side.OUTSIDE):
        late_at, by_weekdays = late_from(now, calendar)
        late = {"late_at": late_at, "by_weekdays": by_weekdays}
        return [TransferStepApproved(**by, **late, next_organization=step.asked.to, unassigned_from=now)]
    return [TransferStepApproved(**by, **following(step.asked, step.done + 1, now, calendar))]


def following(asked: Asked, step: int, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """What the fact after which a step begins says of it."""
    late_at, by_weekdays = late_from(now, calendar)
    late = {"late_at": late_at, "by_weekdays": by_weekdays}
    return late | {"next_organization": asked.organization(asked.steps[step])} | _until(asked, step, now)


def needs_letter(asked: Asked) -> bool:
    """TRF-16: nothing else shows that somebody went to a special unit."""
    return asked.register_place is not None and asked.register_place.which == "special_units"


def _until(asked: Asked, step: int, now: datetime) -> dict[str, Any]:
    """When a step that begins has to be decided, or since when it waits."""
    term = asked.term(asked.steps[step])
    return {"endless_from": now} if term.endless else {"due_at": now + term.period}


def approved(asked: Asked, branch: str, now: datetime) -> TransferApproved:
    """TRF-22: member has to move the person."""
    where = {"from_branch": asked.from_branch, "branch": branch}
    return TransferApproved(person=asked.person, **where, move_due_at=now + ANSWERED_WITHIN)


def decided(step: Pending | Unassigned, now: datetime) -> dict[str, Any]:
    """What the end of a step says of it (`StepDecided`)."""
    return {"person": step.asked.person, "since": step.since, "late": step.late or _is_late(step, now)}


def became_late(step: Pending | Unassigned, now: datetime) -> list[TransferEvent]:
    """TRF-10: said once, at the latest by what ends the wait."""
    if step.late or not _is_late(step, now):
        return []
    whose = {"person": step.asked.person, "side": Side(step.side), "organization": step.organization}
    return [TransferBecameLate(**whose, since=step.since, due_at=step.due_at)]


def _is_late(step: Pending | Unassigned, now: datetime) -> bool:
    return step.late_at is not None and now >= step.late_at
