"""Authority for tests of services: the copies are filled by hand, and the lane is as fresh as a test wants."""

from collections.abc import Mapping
from typing import Any

from shared.authority.authority import Authority
from shared.authority.freshness import Freshness
from shared.authority.grants import Grants, Withdrawals
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.authority.tree import Tree
from shared.authority.words import Right
from shared.runtime.settings import Settings


class Rights:
    """The copies of one database, and the authority over them."""

    def __init__(self, database: Any, settings: Settings) -> None:
        self._scopes = AuthorityScopes(database).collection
        self._grants = AuthorityGrants(database).collection
        self.withdrawals = Withdrawals()
        self.age_seconds = 0.0
        grants = Grants(database, self.withdrawals)
        self.authority = Authority(
            Tree(database, self.withdrawals), grants, lambda: Freshness(self.age_seconds), settings
        )

    async def tree(self, superiors: Mapping[str, str | None], category: str = "branch") -> None:
        """Puts scopes: id -> superior (None: the root). The name of each is its id."""
        for scope, superior in superiors.items():
            row = {"superior": superior, "category": category, "name": scope, "version": 1}
            await self._scopes.replace_one({"_id": scope}, {"_id": scope} | row, upsert=True)

    async def gone(self, scope: str) -> None:
        """Marks a scope as one that is there no more."""
        await self._scopes.update_one({"_id": scope}, {"$set": {"gone": True}})

    async def administers(self, principal: str, *scopes: str, version: int = 1) -> None:
        await self._give(principal, Right.ADMINISTERS, scopes, version)

    async def holds(self, principal: str, *scopes: str, version: int = 1) -> None:
        await self._give(principal, Right.HOLDS, scopes, version)

    async def nothing(self, principal: str) -> None:
        await self._grants.delete_one({"_id": principal})

    async def _give(self, principal: str, right: Right, scopes: tuple[str, ...], version: int) -> None:
        rows = [{"right": right.value, "scope": s, "post": "", "version": version} for s in scopes]
        await self._grants.update_one({"_id": principal}, {"$push": {"grants": {"$each": rows}}}, upsert=True)
