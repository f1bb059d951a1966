"""The tree as this service knows it, walked upwards by cached look-ups, so that moving a subtree changes one row."""

from collections.abc import Collection, Sequence
from typing import Any

from shared.authority.decide import STEPS_MAX, Line, Scope
from shared.authority.grants import Withdrawals
from shared.authority.projection import AuthorityScopes
from shared.runtime.cache import AgingCache
from shared.runtime.gathered import Gathered

CACHED_SECONDS = 5.0
CACHED_SCOPES = 200_000


class Tree:
    """Reads of the copy; what it answers may be five seconds older than the copy, but never older than what the lane
    says of moves.
    """

    def __init__(self, database: Any, withdrawals: Withdrawals) -> None:
        self._scopes = AuthorityScopes(database)
        self._withdrawals = withdrawals
        self._cache: AgingCache[str, Scope] = AgingCache(CACHED_SCOPES, CACHED_SECONDS)
        self._asked: Gathered[str, Scope] = Gathered(self._find)

    async def nodes(self, ids: Collection[str]) -> dict[str, Scope]:
        """Those of the scopes that are known; one query for all that are not in memory."""
        wanted = dict.fromkeys(ids)
        found = self._cache.known(wanted)
        unknown = [i for i in wanted if i not in found]
        if unknown:
            fresh = await self._asked.some(unknown)
            self._cache.put(fresh)
            found |= fresh
        return {id_: self._withdrawals.placed(scope) for id_, scope in found.items()}

    async def _find(self, ids: Collection[str]) -> dict[str, Scope]:
        scopes = await self._scopes.current()
        return {scope.id: scope async for scope in _scopes(scopes.find({"_id": {"$in": list(ids)}}))}

    async def line(self, scope: str) -> Line:
        """The scope and all above it; not sound after ten steps or in a circle."""
        return (await self.lines((scope,)))[scope]

    async def lines(self, scopes: Collection[str]) -> dict[str, Line]:
        """Like `line` for many, with one query a level."""
        walked: dict[str, list[Scope]] = {scope: [] for scope in scopes}
        ahead: dict[str, str] = {scope: scope for scope in scopes}
        for _ in range(STEPS_MAX + 1):
            nodes = await self.nodes(set(ahead.values()))
            for scope, at in list(ahead.items()):
                del ahead[scope]
                if at in nodes:
                    walked[scope].append(nodes[at])
                    superior = nodes[at].superior
                    if superior is not None:
                        ahead[scope] = superior
            if not ahead:
                break
        return {scope: Line(tuple(found), sound=scope not in ahead) for scope, found in walked.items()}

    async def path(self, node: str) -> Sequence[Scope]:
        """From the root down to the scope itself; empty if not all of it is known (yet)."""
        line = await self.line(node)
        return tuple(reversed(line.scopes)) if line.sound and line.root else ()

    async def subordinates(self, superiors: Collection[str], limit: int) -> Sequence[Scope]:
        """The direct subordinates of several scopes, at most `limit`."""
        scopes = await self._scopes.current()
        cursor = scopes.find({"superior": {"$in": list(superiors)}, "gone": {"$ne": True}}).sort(
            [("superior", 1), ("_id", 1)]
        )
        return [scope async for scope in _scopes(cursor.limit(limit))]


async def _scopes(cursor: Any) -> Any:
    async for d in cursor:
        yield Scope(d["_id"], d["superior"], d["category"], d["name"], d["version"], d.get("gone", False))
