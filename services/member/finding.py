"""TRF-14: people found by name in an organization and all below it, also who was there once and moved on."""

import re
from typing import NamedTuple

from services.member.parts import Member
from services.member.use_cases.places import ScopeTooWide

FOUND_MAX = 100
LOOKED_AT_MAX = 1_000
"""People of one name, or beginning of one, in the whole country; a name in full narrows it."""
NEAR_MAX = 200
"""Branches in which the words may also stand in the middle of a name."""


class Found(NamedTuple):
    """`more`: not everybody could be looked at, or shown."""

    people: list[dict[str, str]]
    more: bool


async def find_people(parts: Member, organization: str, words: str) -> Found:
    """By the beginning of the name, with an index on it: members, cadres, and sides of their transfers.

    As many are looked at as LOOKED_AT_MAX, whatever the size of the subtree: where they stand is walked upwards.
    """
    if not words:
        return Found([], more=False)
    candidates = await parts.people_list.named(words, LOOKED_AT_MAX + 1)
    looked_at = candidates[:LOOKED_AT_MAX]
    seats = {each["_id"]: _seats(each) for each in looked_at}
    inside = await parts.places.under(organization, {seat for held in seats.values() for seat in held})
    found = {each["_id"]: each["name"] for each in looked_at if inside & seats[each["_id"]]}
    for near in await _near(parts, organization, words):
        found.setdefault(near["_id"], near["name"])
    people = [{"person": person, "name": name} for person, name in list(found.items())[:FOUND_MAX]]
    return Found(people, len(candidates) > LOOKED_AT_MAX or len(found) > FOUND_MAX)


async def _near(parts: Member, organization: str, words: str) -> list[dict[str, str]]:
    try:
        branches = await parts.places.listed(organization, "subordinates", branches_only=True)
    except ScopeTooWide:
        return []
    if len(branches) > NEAR_MAX:
        return []
    return await parts.people_list.members(branches, {"name": {"$regex": re.escape(words)}}, FOUND_MAX + 1, None)


def _seats(document: dict[str, list[dict[str, str]]]) -> set[str]:
    held = {position["organization"] for position in document["positions"]}
    branch, sides = document.get("branch"), document.get("sides", ())
    return {str(each) for each in (*held, *sides, branch) if each}
