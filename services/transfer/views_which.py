"""Which transfers stand in each list of an organization, as conditions of a query (TRF-14)."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from services.transfer.projections.administered import Administered
from services.transfer.projections.disputed import OPEN
from services.transfer.projections.moved import MovedOrganizations
from services.transfer.projections.steps import PENDING
from services.transfer.projections.transfers import REQUESTED
from shared.authority.decide import Line
from shared.contracts.org import Category, register_branches

SUBORDINATES_MAX = 10_000
MOVED_MAX = 10_000


class Which(StrEnum):
    """Which transfers of an organization: that wait for it, that it started, or all of either side.

    What waits for a direct subordinate without any admin waits for it as well (ADM-08), as does a case to coordinate.
    Also those with an objection to what its direct subordinates started (TRF-11), those that it, or after a reminder
    its direct subordinates, are asked to coordinate (TRF-12), what its direct subordinates have left lying until it
    was told (BEY-04), and the history of all below it (TRF-14). Of those who arrived: whom it has duties for (TRF-21),
    and who is to move on from it or from a branch directly below (TRF-20).
    """

    WAITING = "waiting"
    STARTED = "started"
    ALL = "all"
    OBJECTIONS = "objections"
    COORDINATION = "coordination"
    OVERDUE = "overdue"
    BELOW = "below"
    ARRIVALS = "arrivals"
    MOVING_ON = "moving_on"


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def superior(self) -> str | None: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Named]:
        """Those of the organizations that are known."""
        ...

    async def subordinates(self, superiors: Collection[str], limit: int) -> Sequence[Named]:
        """The direct ones."""
        ...

    async def line(self, scope: str) -> Line:
        """An organization and all above it."""
        ...

    async def lines(self, scopes: Collection[str]) -> Mapping[str, Line]:
        """The same of many."""
        ...


class Selections:
    """Reads only."""

    def __init__(self, tree: Tree, administered: Administered, moved: MovedOrganizations) -> None:
        self._tree = tree
        self._administered = administered
        self._moved = moved

    async def of(self, which: Which, organization: str) -> dict[str, Any]:
        match which:
            case Which.ARRIVALS:
                return {"branch": organization, "duties": True}
            case Which.BELOW:
                return {"above": {"$in": [organization, *await self._moved_under(organization)]}}
            case Which.STARTED:
                return {"starter": {"$in": await self._own(organization)}}
            case Which.ALL:
                own = {"$in": await self._own(organization)}
                return {"$or": [{side: own} for side in ("from_branch", "to", "branch")]}
            case _:
                return await self._with_subordinates(which, organization)

    async def _with_subordinates(self, which: Which, organization: str) -> dict[str, Any]:
        ids = [node.id for node in await self._tree.subordinates([organization], SUBORDINATES_MAX)]
        below = {"$in": ids}
        if which is Which.MOVING_ON:
            return {"branch": {"$in": [organization, *ids]}, "settled_on": {"$type": "string"}}
        if which is Which.OBJECTIONS:
            return {"objection.state": OPEN, "starter": below, "state": {"$in": [REQUESTED, PENDING]}}
        if which is Which.OVERDUE:
            return {"told": True, "waits_for": below}
        unattended = sorted(await self._administered.lacking(ids))
        if which is Which.WAITING:
            return {"waits_for": {"$in": list(dict.fromkeys([*await self._own(organization), *unattended]))}}
        own = {"$in": [organization, *unattended]}
        forgotten = {"coordination.organization": below, "coordination.reminded": {"$gt": 0}}
        return {"coordination.state": OPEN, "$or": [{"coordination.organization": own}, forgotten]}

    async def _moved_under(self, organization: str) -> list[str]:
        """TRF-14, ORG-17: what came to stand below it has its history with it, from before as well."""
        lines = await self._tree.lines(await self._moved.some(MOVED_MAX))
        return sorted(each for each, line in lines.items() if organization in line.ids[1:])

    async def _own(self, organization: str) -> list[str]:
        """Itself, and a provincial body for its register branches, which have nobody else (TRF-16)."""
        way = await self._tree.line(organization)
        leads = bool(way.scopes) and way.scopes[0].category == Category.LEADING_BODY
        return [organization, *sorted(register_branches(organization))] if leads else [organization]

    async def unattended(self, organizations: Collection[str]) -> set[str]:
        """Those that have no admin, so that their superior decides (ADM-08). A register branch never has any, and is
        its provincial body's own (TRF-16).
        """
        known = await self._tree.nodes(organizations)
        decided_above = {id_: node.superior for id_, node in known.items() if node.superior}
        asked = [id_ for id_, superior in decided_above.items() if id_ not in register_branches(superior)]
        return await self._administered.lacking(asked)
