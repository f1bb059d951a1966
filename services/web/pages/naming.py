"""Names of people whom the other services know only by id: asked of member."""

import asyncio
from collections.abc import Iterable

from services.web.answers.member import Named, Record
from services.web.clients import Gap, Refused
from services.web.texts import label
from services.web.visit import Visit

PEOPLE_MAX = 10


async def _record(visit: Visit, person: str) -> Record | None:
    try:
        return await visit.services.member.get(Record, f"/v1/people/{person}")
    except (Gap, Refused):
        return None


async def named(visit: Visit, people: Iterable[str]) -> dict[str, Record]:
    """The records of these people that may be seen; at most PEOPLE_MAX (an organization has at most three admins)."""
    wanted = list(dict.fromkeys(people))[:PEOPLE_MAX]
    records = await asyncio.gather(*(_record(visit, person) for person in wanted))
    return {person: record for person, record in zip(wanted, records, strict=True) if record}


async def names_of(visit: Visit, people: Iterable[str]) -> dict[str, str]:
    """The names of those that may be known, of a page of a list at most; none where member does not answer."""
    wanted = tuple(dict.fromkeys(people))
    if not wanted:
        return {}
    try:
        found = await visit.services.member.get(Named, "/v1/people/names", {"person": wanted})
    except (Gap, Refused):
        return {}
    return {each.person: each.name for each in found.items}


async def spoken(visit: Visit, principals: Iterable[str]) -> dict[str, str]:
    """How those who did something are named on a page: people by name where they may be seen, else by what they are."""
    wanted = [principal for principal in dict.fromkeys(principals) if principal]
    names = await names_of(visit, [principal for principal in wanted if principal.startswith("person-")])
    for principal in wanted:
        names.setdefault(principal, label("actor", principal.partition("-")[0].partition(":")[0]))
    return names
