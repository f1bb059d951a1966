"""One person as the figures see it: a branch, positions, what the record lacks. Pure."""

from dataclasses import dataclass, field
from typing import assert_never

from services.stats.counting.vectors import NO_COUNTS, Counts, plus
from shared.contracts.member import (
    CadreAppointed,
    CadrePositionEnded,
    MemberEntered,
    MemberImported,
    MemberMoved,
    MembershipEnded,
    RecordCompletenessChanged,
)

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


@dataclass(frozen=True, slots=True)
class Person:
    """`positions` by organization; `missing` names the required fields of the record without a value (MEM-23)."""

    branch: str | None = None
    positions: dict[str, frozenset[str]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


_NOBODY = Person()


def evolve(person: Person | None, event: MemberFact) -> Person | None:
    """The person after a fact. None is somebody without membership and position: nothing to count, nothing kept."""
    after = _after(person or _NOBODY, event)
    return after if after.branch or after.positions else None


def _after(person: Person, event: MemberFact) -> Person:
    match event:
        case MemberImported() | MemberEntered():
            return Person(event.branch, person.positions, frozenset(event.missing))
        case MemberMoved():
            return Person(event.to_branch, person.positions, frozenset(event.missing))
        case MembershipEnded():
            return Person(None, person.positions, person.missing) if person.branch == event.branch else person
        case CadreAppointed():
            held = person.positions.get(event.organization, frozenset()) | {event.position}
            return Person(person.branch, person.positions | {event.organization: held}, frozenset(event.missing))
        case CadrePositionEnded():
            left = person.positions.get(event.organization, frozenset()) - {event.position}
            others = {o: p for o, p in person.positions.items() if o != event.organization}
            positions = others | ({event.organization: left} if left else {})
            return Person(person.branch, positions, person.missing)
        case RecordCompletenessChanged():
            return Person(person.branch, person.positions, frozenset(event.missing))
        case _:
            assert_never(event)


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
