"""TRF-08: up to thirty members moved at once from one branch to another by an organization above both.

A batch only starts transfers and says whose it could not start; what becomes of each is that transfer's own history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.transfer.domain.events_of_batches import (
    BatchCarriedOut,
    BatchEvent,
    BatchMemberLeftOut,
    BatchMemberListed,
    BatchRequested,
)
from services.transfer.domain.refusals import AlreadyThere
from services.transfer.domain.refusals_of_batches import BatchEmpty, BatchTooLarge
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command, Personal

MEMBERS_MAX = 30


@dataclass(frozen=True, slots=True)
class Batch:
    """`asked` is None before anybody asked. `left_out`: by person the code of the refusal."""

    asked: BatchRequested | None = None
    people: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    carried_out: bool = False


class RequestBatch(Command):
    """`note` goes with the reason where the list says so; it is sealed with the key of each of `sealable`."""

    organization: str
    from_branch: str
    to: str
    reason: str
    people: tuple[str, ...]
    note: str = ""
    sealable: frozenset[str] = frozenset()


class CarryOutBatch(Command):
    """Everybody's turn has come; `left_out`: by person why no transfer was started."""

    left_out: dict[str, str]


def request_batch(command: RequestBatch, state: Batch) -> list[BatchEvent]:
    """Nothing for one that was asked for. Raises BatchEmpty, BatchTooLarge, AlreadyThere."""
    if state.asked:
        return []
    check_people(command.people)
    if command.from_branch == command.to:
        raise AlreadyThere(field="to")
    asked = command.model_dump(include={"organization", "from_branch", "to", "reason"})
    return [BatchRequested(**asked), *(_listed(command, person) for person in dict.fromkeys(command.people))]


def check_people(people: Sequence[str]) -> None:
    """Raises BatchEmpty, BatchTooLarge."""
    if not people:
        raise BatchEmpty(field="people")
    if len(set(people)) > MEMBERS_MAX:
        raise BatchTooLarge(field="people", most=MEMBERS_MAX, count=len(set(people)))


def carry_out_batch(command: CarryOutBatch, state: Batch) -> list[BatchEvent]:
    """Once."""
    if state.asked is None or state.carried_out:
        return []
    left = [BatchMemberLeftOut(person=person, cause=cause) for person, cause in command.left_out.items()]
    return [*left, BatchCarriedOut()]


def _listed(command: RequestBatch, person: str) -> BatchMemberListed:
    note = command.note and person in command.sealable
    personal = Personal(person=person, values={"note": command.note}) if note else None
    return BatchMemberListed(person=person, personal=personal)


def _evolve(state: Batch, event: BatchEvent) -> Batch:
    match event:
        case BatchRequested():
            return replace(state, asked=event)
        case BatchMemberListed():
            return replace(state, people=(*state.people, event.person))
        case BatchMemberLeftOut():
            return replace(state, left_out={**state.left_out, event.person: event.cause})
        case BatchCarriedOut():
            return replace(state, carried_out=True)


BATCH: Decider[Batch, BatchEvent] = Decider("batch", Batch(), _evolve)
