"""GRD-06: how far the transfers of graduates are, and where they lead, from the facts of one person. Pure.

Facts of one person come from three streams, in any order between them: where the person is (member, in its order), the
cohorts, and each transfer. So nothing here goes by when a fact was read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.stats.counting.steps import TransferFact
from services.stats.counting.vectors import DESTINATIONS, Graduates
from shared.contracts.transfer import (
    TransferCompleted,
    TransferFailed,
    TransferRefused,
    TransferRequested,
    TransferTimedOut,
    TransferWithdrawn,
)

WAITING, REFUSED, TIMED_OUT, RETURNED, NOT_STARTED = "waiting", "refused", "timed_out", "returned", "not_started"
SAME_SCHOOL = "same_school"
"""A destination that is none: who only changed the class is still here (GRD-07)."""
_BY_WEIGHT = (WAITING, REFUSED, TIMED_OUT, RETURNED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A transfer of the person out of `from_branch`: how it stands, or, once complete, the kind of its destination."""

    from_branch: str
    state: str


@dataclass(frozen=True, slots=True)
class Move:
    """One change of branch; `transfer` is empty where a dissolved branch's people went to the pending one."""

    transfer: str
    from_branch: str
    to_branch: str


@dataclass(frozen=True, slots=True)
class Place:
    """In the cohort of `branch`; `left_out`: stays on, or is a teacher (GRD-04)."""

    branch: str
    left_out: bool = False


def attempted(attempts: Mapping[str, Attempt], event: TransferFact) -> dict[str, Attempt]:
    """The transfers of a person after one more fact of one of them."""
    match event:
        case TransferRequested():
            return {**attempts, event.transfer: Attempt(event.from_branch, WAITING)}
        case TransferCompleted():
            kind = event.destination if event.destination in (*DESTINATIONS, SAME_SCHOOL) else "other"
            return {**attempts, event.transfer: Attempt(event.from_branch, kind)}
        case TransferRefused():
            return _stands(attempts, event.transfer, REFUSED)
        case TransferTimedOut():
            return _stands(attempts, event.transfer, TIMED_OUT)
        case TransferWithdrawn() | TransferFailed():
            return _stands(attempts, event.transfer, RETURNED)
        case _:
            return dict(attempts)


def counted(
    branch: str | None, path: tuple[Move, ...], attempts: Mapping[str, Attempt], places: Mapping[str, Place]
) -> Iterator[tuple[str, str, Graduates]]:
    """(branch of the cohort, year, what the person adds there)."""
    for year, place in places.items():
        if place.left_out:
            outcome = "left_out"
        else:
            later = {other.branch for when, other in places.items() if when > year}
            outcome = _destination(place.branch, path, attempts, later) or _stuck(place.branch, branch, attempts)
        yield place.branch, year, Graduates(graduates=1)._replace(**{outcome: 1})


def _destination(cohort: str, path: tuple[Move, ...], attempts: Mapping[str, Attempt], later: set[str]) -> str | None:
    """The kind of the last destination since the person left the cohort's branch; None for who did not.

    From the branch of a later cohort on, it is that cohort's business.
    """
    kind, settled = None, False
    for move in path:
        if move.to_branch == cohort:
            kind, settled = None, False
        elif not settled:
            attempt = attempts.get(move.transfer)
            complete = attempt is not None and attempt.state in DESTINATIONS
            kind = attempt.state if attempt is not None and complete else kind
            settled = move.to_branch in later
    return kind


def _stuck(cohort: str, branch: str | None, attempts: Mapping[str, Attempt]) -> str:
    """What the person's transfer waits for. One that is under way outweighs those that failed before."""
    if branch is None:
        return "ended"
    states = {attempt.state for attempt in attempts.values() if attempt.from_branch in (cohort, branch)}
    return next((state for state in _BY_WEIGHT if state in states), NOT_STARTED)


def _stands(attempts: Mapping[str, Attempt], transfer: str, state: str) -> dict[str, Attempt]:
    """Its request came before, in the same stream."""
    before = attempts.get(transfer)
    return {**attempts, transfer: Attempt(before.from_branch if before else "", state)}
