"""What is open below an organization, for who is about to change the tree (BEY-05)."""

from typing import Protocol

from pydantic import BaseModel

from services.transfer.projections.transfers import Transfers
from services.transfer.views_which import Tree
from shared.http.tokens import Principal

COUNTED_MOST = 5_000


class Touched(BaseModel):
    """BEY-05: how many transfers are open in a subtree; `more` where it is too large to be counted whole."""

    open: int
    more: bool = False


class Rights(Protocol):
    async def require_read(self, principal: Principal, scope: str) -> None: ...


class Subtrees:
    """Reads only."""

    def __init__(self, transfers: Transfers, tree: Tree, rights: Rights) -> None:
        self._transfers = transfers
        self._tree = tree
        self._rights = rights

    async def touched(self, principal: Principal, organization: str) -> Touched:
        """The open transfers from or to it and all below it, for who may read there. Raises OutsideAuthority."""
        await self._rights.require_read(principal, organization)
        below, level = [organization], [organization]
        while level and len(below) <= COUNTED_MOST:
            level = [each.id for each in await self._tree.subordinates(level, COUNTED_MOST)]
            below += level
        return Touched(open=await self._transfers.count_open(below), more=len(below) > COUNTED_MOST)
