"""What a transfer does when one of its sides is there no more: it goes on with who succeeds, or ends (TRF-23)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.transfer.domain.asked import Asked
from services.transfer.domain.events import Side, TransferEvent, TransferFailed
from services.transfer.domain.events_of_successions import FailureCause, OrganizationSucceeded, TransferRedirected
from services.transfer.domain.steps import ANSWERED_WITHIN
from services.transfer.domain.transfer import Approved, Pending, Requested, Transfer, Unassigned
from services.transfer.domain.working_days import Calendar, late_from
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

LOOK_AGAIN = timedelta(minutes=10)
"""A transfer that was asked for while the news was on its way is in the lists by then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Nobody heard that the organization is dissolved."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    superior: str
    successor: str | None
    merged: bool


Succession = Standing | Succeeded


def evolve(_state: Succession, event: OrganizationSucceeded) -> Succession:
    return Succeeded(event.superior, event.successor, event.merged)


SUCCESSION: Decider[Succession, OrganizationSucceeded] = Decider("succession", Standing(), evolve)


class NoteSuccession(Command):
    """An organization is dissolved. `successor`, if any, took its members, and if it is `merged` all else."""

    organization: str
    superior: str
    successor: str | None
    merged: bool


class RedirectTransfer(Command):
    """`gone` is there no more. `out` takes its members; `to` receives in its stead, and `assigns` if it is no branch;
    None where nobody does. `above`: both and all over them.
    """

    gone: str
    out: str | None
    to: str | None
    assigns: bool
    above: tuple[str, ...] = ()


class EndTransfer(Command):
    """The person is no member of `branch` any more."""

    branch: str


def note_succession(command: NoteSuccession, state: Succession, now: datetime) -> list[OrganizationSucceeded]:
    """Once."""
    if isinstance(state, Succeeded):
        return []
    return [OrganizationSucceeded(**command.model_dump(), look_again_at=now + LOOK_AGAIN)]


def redirect_transfer(
    command: RedirectTransfer, state: Transfer, now: datetime, calendar: Calendar
) -> list[TransferEvent]:
    """Nothing for one that has nothing to do with it, or ended, or whose time is over: its deadline decides that.

    What is approved, member carries out or refuses.
    """
    if not isinstance(state, Requested | Pending | Unassigned) or (isinstance(state, Pending) and state.is_over(now)):
        return []
    asked = state.asked
    if command.gone == asked.from_branch:
        if command.out is None:
            return [_failed(asked, "not_a_member_there", now)]
        return _goes_on(Side.OUT, command, state, replace(asked, from_branch=command.out), now, calendar)
    if command.gone == asked.to:
        decided_already = command.assigns and asked.started_by is Side.ABOVE  # TRF-08: nobody is left to choose
        if command.to is None or decided_already:
            return [_failed(asked, "destination_dissolved", now)]
        changed = replace(asked, to=command.to, assigns=command.assigns)
        return _goes_on(Side.IN, command, state, changed, now, calendar)
    return []


def end_transfer(command: EndTransfer, state: Transfer, now: datetime) -> list[TransferEvent]:
    """Nothing for one from another branch: of a person who was brought on to it, member refuses the move."""
    if not isinstance(state, Requested | Pending | Unassigned | Approved):
        return []
    return [_failed(state.asked, "membership_ended", now)] if state.asked.from_branch == command.branch else []


def _goes_on(
    side: Side,
    command: RedirectTransfer,
    state: Requested | Pending | Unassigned,
    asked: Asked,
    now: datetime,
    calendar: Calendar,
) -> list[TransferEvent]:
    if asked.from_branch == asked.to:
        return [_failed(asked, "branches_merged", now)]
    where = {"from_branch": asked.from_branch, "to": asked.to, "assigns": asked.assigns}
    organization = asked.organization(side) or ""
    about = {"person": asked.person, "side": side.value, "former": command.gone, "organization": organization, **where}
    about["above"] = command.above
    if isinstance(state, Requested) or state.side is not side:
        return [TransferRedirected(**about)]
    late_at, by_weekdays = late_from(now, calendar)
    late = {"late_at": late_at, "by_weekdays": by_weekdays}
    if isinstance(state, Unassigned):
        return [TransferRedirected(**about, **late, unassigned_from=now)]
    return [TransferRedirected(**about, **late, due_at=now + asked.term(side).period)]


def _failed(asked: Asked, cause: FailureCause, now: datetime) -> TransferFailed:
    """The hold, if there is one, is to be given up."""
    return TransferFailed(person=asked.person, cause=cause, held=True, release_due_at=now + ANSWERED_WITHIN)
