"""One person as the figures see it: a branch, positions, what the record lacks, cohorts and transfers. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never, cast, get_args

from services.stats.counting import graduates
from services.stats.counting.graduates import Attempt, Move, Place
from services.stats.counting.steps import TransferFact
from services.stats.counting.vectors import NO_COUNTS, Counts, Graduates, plus
from shared.contracts.member import (
    CadreAppointed,
    CadrePositionEnded,
    MemberEntered,
    MemberImported,
    MemberMoved,
    MembershipEnded,
    RecordCompletenessChanged,
)
from shared.contracts.transfer import CohortFrozen, CohortWithdrawn, GraduateExcluded, GraduateIncluded

SECRETARY = "书记"
MOBILE = "mobile"

MemberFact = (
    MemberImported
    | MemberEntered
    | MemberMoved
    | MembershipEnded
    | CadreAppointed
    | CadrePositionEnded
    | RecordCompletenessChanged
)
CohortFact = CohortFrozen | CohortWithdrawn | GraduateExcluded | GraduateIncluded
PersonFact = MemberFact | TransferFact | CohortFact

MEMBER_FACTS, TRANSFER_FACTS, COHORT_FACTS = get_args(MemberFact), get_args(TransferFact), get_args(CohortFact)


@dataclass(frozen=True, slots=True)
class Person:
    """`positions` by organization; `missing` names the required fields of the record without a value (MEM-23).

    GRD-06: `path` are the changes of branch in their order, `attempts` the transfers by id, `places` those in cohorts
    by year.
    """

    branch: str | None = None
    positions: dict[str, frozenset[str]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    path: tuple[Move, ...] = ()
    attempts: dict[str, Attempt] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


_NOBODY = Person()


def persons_of(fact: PersonFact) -> tuple[str, ...]:
    """Whom a fact is about: a frozen cohort is about many."""
    if isinstance(fact, CohortFrozen | CohortWithdrawn):
        return fact.members
    return (fact.person,) if fact.person else ()  # facts of transfers from before they named their people


def evolve(person: Person | None, event: PersonFact) -> Person | None:
    """The person after a fact. None is somebody of whom there is nothing to count, now or later."""
    before = person or _NOBODY
    if isinstance(event, MEMBER_FACTS):
        after = _after(before, event)
    elif isinstance(event, COHORT_FACTS):
        after = replace(before, places=_placed(before.places, event))
    else:
        after = replace(before, attempts=graduates.attempted(before.attempts, cast("TransferFact", event)))
    kept = after.branch or after.positions or after.path or after.attempts or after.places
    return after if kept else None


def _after(person: Person, event: MemberFact) -> Person:
    match event:
        case MemberImported() | MemberEntered():
            return replace(person, branch=event.branch, missing=frozenset(event.missing))
        case MemberMoved():
            move = Move(event.transfer, event.from_branch, event.to_branch)
            path = person.path if person.path[-1:] == (move,) else (*person.path, move)
            return replace(person, branch=event.to_branch, missing=frozenset(event.missing), path=path)
        case MembershipEnded():
            return replace(person, branch=None) if person.branch == event.branch else person
        case CadreAppointed():
            held = person.positions.get(event.organization, frozenset()) | {event.position}
            positions = person.positions | {event.organization: held}
            return replace(person, positions=positions, missing=frozenset(event.missing))
        case CadrePositionEnded():
            left = person.positions.get(event.organization, frozenset()) - {event.position}
            others = {o: p for o, p in person.positions.items() if o != event.organization}
            return replace(person, positions=others | ({event.organization: left} if left else {}))
        case RecordCompletenessChanged():
            return replace(person, missing=frozenset(event.missing))
        case _:
            assert_never(event)


def _placed(places: dict[str, Place], event: CohortFact) -> dict[str, Place]:
    """A cohort that was withdrawn takes away nothing but its own places."""
    year = str(event.year)
    match event:
        case CohortFrozen():
            return places | {year: Place(event.branch)}
        case GraduateExcluded():
            return places | {year: Place(event.branch, left_out=True)}
        case GraduateIncluded():
            return places | {year: Place(event.branch)}
        case CohortWithdrawn():
            return {when: at for when, at in places.items() if (when, at.branch) != (year, event.branch)}
        case _:
            assert_never(event)


def graduates_of(person: Person | None) -> Iterator[tuple[str, str, Graduates]]:
    """GRD-06: (branch of the cohort, year, what the person adds to it)."""
    if person is not None:
        yield from graduates.counted(person.branch, person.path, person.attempts, person.places)


def counts(person: Person | None) -> dict[str, Counts]:
    """STA-02: what a person adds to each organization; a member who is also a cadre there is one of its people."""
    if person is None:
        return {}
    complete = int(not person.missing)
    added: dict[str, Counts] = {}
    for organization, positions in person.positions.items():
        secretary = int(SECRETARY in positions)
        reachable = int(secretary and MOBILE not in person.missing)
        added[organization] = Counts(
            cadres=1,
            cadres_complete=complete,
            people=1,
            people_complete=complete,
            secretaries=secretary,
            secretaries_reachable=reachable,
        )
    if person.branch:
        as_cadre = added.get(person.branch, NO_COUNTS)
        once = 0 if as_cadre.people else 1
        member = Counts(members=1, members_complete=complete, people=once, people_complete=once * complete)
        added[person.branch] = plus(as_cadre, member)
    return added
