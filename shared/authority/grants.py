"""The rights of principals as this service knows them: the copy, less what the lane says was withdrawn."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from shared.authority.decide import Scope, Standing
from shared.authority.projection import AuthorityGrants
from shared.authority.words import Replaced, Right, Withdrawn
from shared.runtime.gathered import Gathered


@dataclass(slots=True)
class Withdrawals:
    """What the lane said since the process began: per scope and principal, and per scope that moved, the newest
    version. About 200 bytes each.
    """

    _versions: dict[tuple[str, str], int] = field(default_factory=dict)
    _places: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, word: Withdrawn) -> None:
        key = (word.scope, word.principal)
        self._versions[key] = max(word.version, self._versions.get(key, 0))

    def note_place(self, word: Replaced) -> None:
        self._places[word.scope] = max((word.version, word.superior), self._places.get(word.scope, (0, "")))

    def placed(self, scope: Scope) -> Scope:
        """The scope where it stands: under another superior than its copy says, if it moved since."""
        version, superior = self._places.get(scope.id, (0, ""))
        return replace(scope, superior=superior, version=version) if version > scope.version else scope

    def void(self, scope: str, principal: str, version: int) -> bool:
        """Whether a grant made at `version` of the scope's stream was withdrawn after it."""
        return self._versions.get((scope, principal), 0) > version


class Grants:
    """Reads of the copy by primary key, never cached, so a withdrawal needs no invalidation."""

    def __init__(self, database: Any, withdrawals: Withdrawals) -> None:
        self._grants = AuthorityGrants(database)
        self._withdrawals = withdrawals
        self._documents: Gathered[str, dict[str, Any]] = Gathered(self._find)

    async def standing(self, principal: str, *, acting: str | None = None, operator: bool = False) -> Standing:
        """What a principal has; with `acting` only what they have in that scope (IDN-07), which gives nothing new."""
        document = await self._documents.get(principal)
        mine = [g for g in (document or {}).get("grants", ()) if acting in (None, g["scope"])]
        administers = frozenset(
            g["scope"]
            for g in mine
            if g["right"] == Right.ADMINISTERS and not self._withdrawals.void(g["scope"], principal, g["version"])
        )
        holds = frozenset(g["scope"] for g in mine if g["right"] == Right.HOLDS)
        return Standing(administers, holds, operator)

    async def _find(self, principals: Collection[str]) -> dict[str, dict[str, Any]]:
        grants = await self._grants.current()
        return {d["_id"]: d async for d in grants.find({"_id": {"$in": list(principals)}})}
