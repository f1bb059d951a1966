"""Who sees a person, writes to their record, or knows the name: through which organizations (ADM-08, TRF-13, X14)."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

from services.member.domain.person import PersonNotFound
from services.member.parts import NOT_FOUND_SECONDS, Member
from services.member.use_cases.records import Person
from shared.http.pace import even_pace
from shared.http.tokens import Principal

Seats = Callable[[Person], list[str]]


def belongs_to(person: Person) -> list[str]:
    """The organizations through which somebody may see a person: the branch first, then those of positions."""
    known = person.known
    if known is None:
        return []
    held = sorted({organization for organization, _ in known.positions})
    return ([known.branch] if known.branch else []) + held


def met_by(person: Person) -> list[str]:
    """TRF-13: the same, and the organization that is to receive them, as long as they are held for a transfer."""
    known = person.known
    return belongs_to(person) + ([known.held_to] if known and known.held_to else [])


async def visible(parts: Member, principal: Principal, person: str, seats: Seats = belongs_to) -> Person:
    """The person, for oneself and for who may read one of their `seats`, the organizations they belong to; else there
    is none (X14).
    """
    async with even_pace(NOT_FOUND_SECONDS):
        loaded = await parts.people.load(person)
        if principal.id == person:
            return loaded
        for organization in seats(loaded):
            if await parts.authority.may_read(principal, organization):
                return loaded
        raise PersonNotFound


async def editable(parts: Member, principal: Principal, person: str, seats: Seats = belongs_to) -> Person:
    """Raises PersonNotFound, or the refusal that names who may."""
    loaded = await visible(parts, principal, person, seats)
    await parts.authority.require_write_to_one(principal, seats(loaded))
    return loaded


async def writes(parts: Member, principal: Principal, organizations: Collection[str]) -> bool:
    return any([await parts.authority.may_write(principal, o) for o in organizations])


async def known_to(parts: Member, principal: Principal, people: Mapping[str, Person]) -> list[str]:
    """Asks for as few organizations as it takes: those that most of the people have in common come first."""
    seats = {id_: {*belongs_to(p), *(p.known.sides if p.known else ())} for id_, p in people.items()}
    known = {principal.id} & seats.keys()
    for organization, _ in Counter(o for each in seats.values() for o in each).most_common():
        waiting = {id_ for id_, each in seats.items() if organization in each} - known
        if waiting and await parts.authority.may_read(principal, organization):
            known |= waiting
    return [id_ for id_ in people if id_ in known]
