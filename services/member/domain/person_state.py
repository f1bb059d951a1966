"""What the facts of a person amount to: record, membership, positions, and which import had a part in them."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonEvent,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    PostsStated,
    RecordFilled,
)
from services.member.domain.events_of_graduation import (
    ExclusionEvent,
    GraduationExclusionMarked,
    GraduationExclusionRemoved,
)
from services.member.domain.events_of_rosters import MemberRelocated
from services.member.domain.events_of_transfers import (
    HoldEvent,
    MemberMoved,
    MemberMoveRefused,
    MoveConfirmed,
    TransferHoldPlaced,
    TransferHoldRedirected,
    TransferHoldRefused,
    TransferHoldReleased,
)
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing recorded yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded person. `positions` are (organization, position); `branch` is None for a cadre who is no member.

    `unstated` are the positions of which no PostTaken was published. `import_id` is the import that recorded the
    person, `last_import` the one that did the last thing about them, `brought` the positions it gave. `hold` is the
    transfer that the person is held for, `held_to` the organization it leads to; `moved_by` the last transfer that
    moved them, `sides` the organizations that transfers of theirs were ever between. `excluded`: left out of the
    branch's graduates of a year, as long as they are in it (GRD-04).
    """

    number_hash: str
    development_hash: str | None
    missing: tuple[str, ...]
    import_id: str | None = None
    branch: str | None = None
    positions: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    unstated: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    last_import: str | None = None
    brought: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    hold: str | None = None
    held_to: str = ""
    sides: frozenset[str] = field(default_factory=frozenset)
    moved_by: str | None = None
    excluded: GraduationExclusionMarked | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Entered by mistake and taken out again; the number is free (MEM-27)."""

    number_hash: str


PersonState = Unknown | Known | Released


def evolve(state: PersonState, event: PersonEvent) -> PersonState:
    match event:
        case PersonRecorded():
            entered = Known(event.number_hash, event.development_hash, event.missing, event.import_id)
            return _by(entered, event.import_id)
        case NumberReleased():
            return Released(event.number_hash)
        case _ if not isinstance(state, Known):
            return _of_nobody(state, event)
        case MembershipBegan():
            development_hash = event.development_hash or state.development_hash
            return _by(replace(state, branch=event.branch, development_hash=development_hash), event.import_id)
        case MembershipEnded():
            development_hash = None if event.development_hash else state.development_hash
            return _by(replace(state, branch=None, development_hash=development_hash, excluded=None), None)
        case PositionGiven() | PositionEnded() | PostsStated():
            return _posted(state, event)
        case RecordFilled():
            return _by(replace(state, missing=event.missing), None)
        case MemberRelocated() | GraduationExclusionMarked() | GraduationExclusionRemoved():
            return _by(_graduating(state, event), None)
        case (
            TransferHoldPlaced()
            | TransferHoldRefused()
            | TransferHoldRedirected()
            | TransferHoldReleased()
            | MemberMoved()
            | MemberMoveRefused()
            | MoveConfirmed()
        ):
            return _held(state, event)
        case _:
            assert_never(event)


def _posted(state: Known, event: PositionGiven | PositionEnded | PostsStated) -> Known:
    if isinstance(event, PostsStated):
        return replace(state, unstated=frozenset())
    post = frozenset({(event.organization, event.position)})
    if isinstance(event, PositionGiven):
        unstated = state.unstated if event.post_stated else state.unstated | post
        return _by(replace(state, positions=state.positions | post, unstated=unstated), event.import_id, post)
    return _by(replace(state, positions=state.positions - post, unstated=state.unstated - post), None)


def _of_nobody(state: PersonState, event: PersonEvent) -> PersonState:
    """The answer about somebody who was taken out again."""
    if isinstance(event, TransferHoldRefused | TransferHoldReleased | MemberMoveRefused):
        return state
    raise ValueError(f"{type(event).__name__} for a person who is not known")


def _held(state: Known, event: HoldEvent) -> Known:
    match event:
        case TransferHoldRefused() | MoveConfirmed():
            return state
        case TransferHoldPlaced(transfer=transfer, from_branch=from_branch, to=to):
            sides = state.sides | {from_branch, to} - {""}
            return _by(replace(state, hold=transfer, held_to=to, sides=sides), None)
        case TransferHoldRedirected(to=to):
            return _by(replace(state, held_to=to, sides=state.sides | {to}), None)
        case MemberMoved(to_branch=to_branch):
            sides = state.sides | {to_branch}
            moved = replace(_let_go(state), sides=sides, branch=to_branch, moved_by=event.transfer, excluded=None)
            return _by(moved, None)
        case TransferHoldReleased(transfer=transfer) | MemberMoveRefused(transfer=transfer):
            return _by(_let_go(state), None) if state.hold == transfer else state
        case _:
            assert_never(event)


def _graduating(state: Known, event: MemberRelocated | ExclusionEvent) -> Known:
    if isinstance(event, MemberRelocated):
        return replace(state, branch=event.to_branch, excluded=None)
    return replace(state, excluded=event if isinstance(event, GraduationExclusionMarked) else None)


def _let_go(state: Known) -> Known:
    return replace(state, hold=None, held_to="")


def _by(state: Known, import_id: str | None, brought: frozenset[tuple[str, str]] = frozenset()) -> Known:
    """The state after something that an import did, or that none did."""
    before = state.brought if import_id == state.last_import else frozenset()
    return replace(state, last_import=import_id, brought=before | brought)


PERSON: Decider[PersonState, PersonEvent] = Decider("person", Unknown(), evolve)
