"""Papers beside a transfer, and the duties of the branch where a member arrives (TRF-16, TRF-20, TRF-21, TRF-26)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from services.transfer.domain import arrivals as domain
from services.transfer.domain.events_of_arrivals import Finding
from services.transfer.domain.refusals_of_arrivals import FloatingBranchesOnly, NothingToVerify
from services.transfer.domain.transfer import TRANSFER
from services.transfer.use_cases.rules import Kinds
from services.transfer.use_cases.transfers import TransferCommands
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.envelope import Event, Request
from shared.privacy.vault import ERASED, KeyReader


class Rights(Protocol):
    async def require_write(self, principal: Principal, scope: str) -> None: ...
    async def require_write_to_one(self, principal: Principal, scopes: Sequence[str]) -> None: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...


class Arrivals:
    """The use cases. Whoever may not see the transfer hears NothingHere (X14)."""

    def __init__(
        self, store: EventStore, commands: TransferCommands, rights: Rights, kinds: Kinds, keys: KeyReader
    ) -> None:
        self._store = store
        self._commands = commands
        self._rights = rights
        self._kinds = kinds
        self._keys = keys

    async def note_hand_over(
        self, principal: Principal, request: Request, transfer: str, letter: str, issued_on: date
    ) -> Answer:
        """By either side. Raises PaperInTheFuture."""
        asked = await self._commands.visible(principal, transfer)
        to = domain.branch_of(await self._commands.state(transfer)) or asked.to
        await self._rights.require_write_to_one(principal, (asked.from_branch, to))
        own = asked.from_branch if await self._rights.may_write(principal, asked.from_branch) else to
        command = domain.NoteHandOver(organization=own, letter=letter, issued_on=issued_on)

        async def keys(_: Sequence[Event]) -> Mapping[str, bytes]:
            key = (await self._keys.keys([asked.person]))[asked.person]
            if key is ERASED:
                raise NothingHere
            return {asked.person: key}

        return await execute(
            self._store,
            TRANSFER,
            transfer,
            request,
            lambda state: domain.note_hand_over(command, state, self._store.codec.now()),
            keys=keys,
        )

    async def verify_employment(
        self, principal: Principal, request: Request, transfer: str, finding: Finding
    ) -> Answer:
        """TRF-20: by the floating branch, or by who may assign one. Raises as `domain.verify_employment`."""
        asked = await self._commands.visible(principal, transfer)
        came = domain.branch_of(await self._commands.state(transfer))
        organization = came or asked.to
        await self._rights.require_write(principal, organization)
        if (came or not asked.assigns) and not await self._kinds.is_floating(organization):
            raise NothingToVerify
        command = domain.VerifyEmployment(organization=organization, finding=finding)
        return await self._commands.decide(
            request, transfer, lambda state: domain.verify_employment(command, state, self._store.codec.now())
        )

    async def contact_member(self, principal: Principal, request: Request, transfer: str) -> Answer:
        """TRF-21: by the new branch. Raises NotArrived."""
        await self._branch(principal, transfer)
        command = domain.ContactMember()
        return await self._commands.decide(request, transfer, lambda state: domain.contact_member(command, state))

    async def record_check_in(self, principal: Principal, request: Request, transfer: str, day: date) -> Answer:
        """TRF-21: the same. Raises NotArrived, CheckInInTheFuture."""
        await self._branch(principal, transfer)
        command = domain.RecordCheckIn(checked_in_on=day)
        return await self._commands.decide(
            request, transfer, lambda state: domain.record_check_in(command, state, self._store.codec.now())
        )

    async def settle_work(self, principal: Principal, request: Request, transfer: str, day: date) -> Answer:
        """TRF-20: by the floating or bridging branch that took the member.

        Raises FloatingBranchesOnly, and as `domain.settle_work`.
        """
        branch = await self._branch(principal, transfer)
        if await self._kinds.kind(branch) not in domain.PASSING:
            raise FloatingBranchesOnly
        command = domain.SettleWork(settled_on=day)
        return await self._commands.decide(
            request, transfer, lambda state: domain.settle_work(command, state, self._store.codec.now())
        )

    async def _branch(self, principal: Principal, transfer: str) -> str:
        """The branch where the member arrived. Raises NotArrived, and who could write there (ADM-08)."""
        await self._commands.visible(principal, transfer)
        branch = domain.arrived(await self._commands.state(transfer)).branch
        await self._rights.require_write(principal, branch)
        return branch
