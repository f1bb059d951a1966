"""Where organizations stand, by the list of them: a move changes the document of what moved and no other.

`ancestors` are those of the establishing or of an organization's own last move, so that a search below a node finds by
them what it then holds against the line of superiors.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.authority.decide import STEPS_MAX
from shared.projections.documents import Document


async def once_below(collection: Any, under: str) -> list[str]:
    """Itself and what moved to below it: whatever is below it has one of these among its ancestors."""
    known, new = [under], [under]
    while new:
        moved = collection.find({"moved": True, "ancestors": {"$in": new}}, {"_id": 1})
        new = [each["_id"] for each in await moved.to_list(None) if each["_id"] not in known]
        known += new
    return known


async def lines(collection: Any, documents: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By the id of each document the organizations above it, from the root down.

    One look for all that `ancestors` name, and one more a step where something above moved.
    """
    documents = list(documents)
    above: dict[str, str | None] = {each["_id"]: _superior(each) for each in documents}
    unknown = {name for each in documents for name in each["ancestors"]} - above.keys()
    for _ in range(STEPS_MAX):
        if unknown:
            found = collection.find({"_id": {"$in": list(unknown)}}, {"superior": 1, "ancestors": 1})
            above |= dict.fromkeys(unknown)
            above |= {each["_id"]: _superior(each) async for each in found}
        unknown = {superior for superior in above.values() if superior} - above.keys()
        if not unknown:
            break
    return {each["_id"]: _line(above[each["_id"]], above) for each in documents}


async def below(collection: Any, organization: str, most: int) -> tuple[int, int, int]:
    """Organizations, itself included, branches and admins, level by level until `most` are passed."""
    total = branches = admins = 0
    where: Document = {"_id": organization}
    while total <= most:
        rows = await collection.find(where, {"category": 1, "admins.person": 1}).to_list(None)
        total, admins = total + len(rows), admins + sum(len(each["admins"]) for each in rows)
        branches += sum(each["category"] == "branch" for each in rows)
        level = [each["_id"] for each in rows if each["category"] != "branch"]
        if not level:
            break
        where = {"superior": {"$in": level}}
    return total, branches, admins


def _superior(document: Mapping[str, Any]) -> str | None:
    """Of what is dissolved the last one it had."""
    last: list[str] = document["ancestors"][-1:]
    return document["superior"] or (last[0] if last else None)


def _line(superior: str | None, above: Mapping[str, str | None]) -> list[str]:
    line: list[str] = []
    while superior and len(line) <= STEPS_MAX:
        line.insert(0, superior)
        superior = above.get(superior)
    return line
