"""Which transfers somebody may see, and what is read of them (TRF-14)."""

from collections.abc import Sequence
from typing import Protocol, cast

from services.transfer.domain.arrivals import branch_of
from services.transfer.domain.asked import Asked
from services.transfer.domain.disputes import coordinator
from services.transfer.domain.events import TransferEvent
from services.transfer.domain.transfer import TRANSFER, Transfer, asked_of
from shared.eventstore.commits import Stored
from shared.eventstore.execute import Answer, first_answer
from shared.eventstore.store import EventStore
from shared.http.pace import even_pace
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.envelope import Request

NOT_FOUND_SECONDS = 0.1
"""X14: deciding that somebody may not see a transfer takes longer than finding none."""


class Rights(Protocol):
    async def may_read_one(self, principal: Principal, scopes: Sequence[str]) -> bool: ...
    async def require_write(self, principal: Principal, scope: str) -> None:
        """ADM-08. Raises the refusal that names who could."""
        ...


class VisibleTransfers:
    """Reads only."""

    def __init__(self, store: EventStore, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    async def repeated(self, request: Request, transfer: str) -> Answer | None:
        """The first answer to this request, if there was one."""
        return await first_answer(self._store, transfer, request)

    async def visible(self, principal: Principal, transfer: str) -> Asked:
        """TRF-14: for the member, and who may read one of its sides. Raises NothingHere (X14)."""
        return cast("Asked", asked_of(folded(await self._visible(principal, transfer))))

    async def _visible(self, principal: Principal, transfer: str) -> Sequence[Stored]:
        async with even_pace(NOT_FOUND_SECONDS):
            commits = await self._commits(transfer)
            state = folded(commits)
            asked = asked_of(state)
            sides = [asked.from_branch, asked.to, branch_of(state), coordinator(state)] if asked else []
            if asked is None or not await self.may_see(principal, asked.person, [side for side in sides if side]):
                raise NothingHere
            return commits

    async def may_see(self, principal: Principal, person: str, organizations: Sequence[str]) -> bool:
        """TRF-14."""
        return principal.id == person or await self._rights.may_read_one(principal, organizations)

    async def state(self, transfer: str) -> Transfer:
        return folded(await self._commits(transfer))

    async def _commits(self, transfer: str) -> Sequence[Stored]:
        return await self._store.load(transfer) if transfer.startswith(f"{TRANSFER.kind}-") else ()


def folded(commits: Sequence[Stored]) -> Transfer:
    return TRANSFER.fold(cast("TransferEvent", event) for commit in commits for event in commit.events)
