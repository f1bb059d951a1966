"""The tree as commands see it: one row an organization, written in the transaction of what establishes it.

`tree` rows: `_id` organization, `superior`, `order` the place given, `state` open, closing (a branch that member has
not answered for) or dissolved, `subordinates` a count. Establishing steps the superior's row while it is open, so that
it and a dissolution can never both succeed; rows are derived and can be recounted from the streams. `places` rows only
hand out numbers: a refused command leaves a gap in them. Their row `moves` counts the moves: of two that looked at the
same tree one is written, so that A under B and B under A cannot both succeed.
"""

from collections.abc import Sequence
from typing import Any

from services.org.domain.establishing import STEPS_MAX
from shared.eventstore.conditions import Condition, Gate, Row

TREE = "tree"
PLACES = "places"
MOVES = "moves"
OPEN, CLOSING, DISSOLVED = "open", "closing", "dissolved"


class TreeRows:
    """Reads the rows and gives the conditions that change them. `database` is the service's own."""

    def __init__(self, database: Any) -> None:
        self._database = database.name
        self._rows = database[TREE]
        self._places = database[PLACES]

    async def prepare(self) -> None:
        """Creates the collection and its index; a transaction creates neither."""
        await self._rows.create_index([("superior", 1), ("order", 1)])

    async def path(self, organization: str) -> list[str]:
        """The way down from the root to the organization, itself included; empty if it is not there.

        Stops one step beyond the deepest place there may be, so a damaged row cannot hold a command for ever.
        """
        path: list[str] = []
        at: str | None = organization
        while at is not None and len(path) <= STEPS_MAX + 1:
            row = await self._rows.find_one({"_id": at}, {"superior": 1})
            if row is None:
                return []
            path.insert(0, at)
            at = row["superior"]
        return path

    async def root(self) -> str | None:
        row = await self._rows.find_one({"superior": None}, {"_id": 1})
        return row["_id"] if row else None

    async def superiors(self, organizations: Sequence[str]) -> dict[str, str]:
        """The direct superior of each that is there and has one."""
        wanted = {"_id": {"$in": list(organizations)}, "superior": {"$ne": None}}
        return {row["_id"]: row["superior"] async for row in self._rows.find(wanted, {"superior": 1})}

    async def moves(self) -> int:
        """How many moves there have been."""
        row = await self._places.find_one({"_id": MOVES})
        return int(row["last"]) if row else 0

    async def depth(self, organization: str) -> int:
        """Steps from an organization down to the lowest below it; never more than fit into the tree."""
        level, depth = [organization], -1
        while level and depth <= STEPS_MAX:
            depth += 1
            found = self._rows.find({"superior": {"$in": level}, "state": {"$ne": DISSOLVED}}, {"_id": 1})
            level = [row["_id"] for row in await found.to_list(None)]
        return depth

    async def next_place(self, superior: str) -> int:
        """A place under a superior after all given before, to nobody twice."""
        given = await self._places.find_one_and_update(
            {"_id": superior}, {"$inc": {"last": 1}}, upsert=True, return_document=True
        )
        return int(given["last"])

    async def subordinates(self, superior: str) -> list[str]:
        """The direct subordinates by the places given when they were established."""
        found = self._rows.find({"superior": superior, "state": {"$ne": DISSOLVED}}, {"_id": 1}).sort("order", 1)
        return [row["_id"] for row in await found.to_list(None)]

    def establishing(self, organization: str, superior: str | None, order: int) -> list[Condition]:
        """The organization's row comes into being and, unless it is the root, its superior's counts it."""
        document = {"_id": organization, "superior": superior, "order": order, "state": OPEN, "subordinates": 0}
        row = Row(self._database, TREE, document)
        if superior is None:
            return [row]
        return [row, Gate(TREE, superior, "subordinates", 1, where={"state": OPEN})]

    def moving(self, organization: str, former: str, superior: str, order: int, moves: int) -> list[Condition]:
        """The row names another superior, both count; `moves` as counted before the tree was looked at."""
        stands = {"state": OPEN, "superior": former}
        return [
            Gate(PLACES, MOVES, "last", 1, where={"last": moves}, create=not moves),
            Gate(TREE, organization, "subordinates", 0, where=stands, sets={"superior": superior, "order": order}),
            Gate(TREE, former, "subordinates", -1),
            Gate(TREE, superior, "subordinates", 1, where={"state": OPEN}),
        ]

    def closing(self, organization: str) -> Condition:
        """A branch waits for member's answer, or what is merged gives up its subordinates: none is made meanwhile."""
        return Gate(TREE, organization, "subordinates", 0, where={"state": OPEN}, state=CLOSING)

    def reopening(self, branch: str) -> Condition:
        return Gate(TREE, branch, "subordinates", 0, where={"state": CLOSING}, state=OPEN)

    def dissolving(self, organization: str, superior: str, *, closing: bool) -> list[Condition]:
        """The row of an organization without subordinates is a dissolved one's, and its superior's counts one less."""
        where = {"state": CLOSING if closing else OPEN, "subordinates": 0}
        gone = Gate(TREE, organization, "subordinates", 0, where=where, state=DISSOLVED)
        return [gone, Gate(TREE, superior, "subordinates", -1)]
