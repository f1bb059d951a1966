"""What transfer hears and does: member holds, moves, or lets people go, and says no (TRF-02, TRF-22); branches graduate
(GRD-03).
"""

import asyncio
from collections.abc import Sequence

from services.transfer.domain.cohort import WithdrawCohort
from services.transfer.domain.policies import (
    on_became_graduate_branch,
    on_graduation_exclusion,
    on_member_refused,
    on_membership_over,
    on_organization_dissolved,
    on_transfer_carried_out,
    on_transfer_hold_placed,
    on_transfer_hold_released,
)
from services.transfer.use_cases.cohorts import CohortCommands
from services.transfer.use_cases.successions import Successions
from services.transfer.use_cases.transfers import SELF, TransferCommands
from shared.contracts.member import (
    GraduationExclusionMarked,
    GraduationExclusionRemoved,
    MemberMoveRefused,
    MembershipOver,
    TransferCarriedOut,
    TransferHoldPlaced,
    TransferHoldRefused,
    TransferHoldReleased,
)
from shared.contracts.org import BecameGraduateBranch, GraduateBranchRestored, OrganizationDissolved
from shared.kernel.envelope import Recorded
from shared.messaging.reacting import request_of


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact. A batch is handled at once: each
    fact is about a transfer of its own.
    """

    def __init__(self, commands: TransferCommands) -> None:
        self._commands = commands

    async def transfer_hold_placed(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded) -> None:
            event = TransferHoldPlaced.model_validate(fact.data)
            command = on_transfer_hold_placed(event)
            await self._commands.open(request_of(SELF, command, fact), event.transfer, command)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def transfer_hold_refused(self, batch: Sequence[Recorded]) -> None:
        await asyncio.gather(*(self._fail(fact, TransferHoldRefused.model_validate(fact.data)) for fact in batch))

    async def member_move_refused(self, batch: Sequence[Recorded]) -> None:
        await asyncio.gather(*(self._fail(fact, MemberMoveRefused.model_validate(fact.data)) for fact in batch))

    async def transfer_carried_out(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded) -> None:
            event = TransferCarriedOut.model_validate(fact.data)
            command = on_transfer_carried_out(event)
            await self._commands.complete(request_of(SELF, command, fact), event.transfer, command)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def transfer_hold_released(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded) -> None:
            event = TransferHoldReleased.model_validate(fact.data)
            command = on_transfer_hold_released(event)
            await self._commands.close(request_of(SELF, command, fact), event.transfer, command)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def _fail(self, fact: Recorded, event: TransferHoldRefused | MemberMoveRefused) -> None:
        command = on_member_refused(event)
        await self._commands.fail(request_of(SELF, command, fact), event.transfer, command)


class HearsOfTheTree:
    """The same of what ends under a transfer (TRF-23)."""

    def __init__(self, successions: Successions) -> None:
        self._successions = successions

    async def organization_dissolved(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            command = on_organization_dissolved(OrganizationDissolved.model_validate(fact.data))
            await self._successions.follow(request_of(SELF, command, fact), command)

    async def membership_over(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded, event: MembershipOver) -> None:
            command = on_membership_over(event)
            await self._successions.member_left(request_of(SELF, command, fact), event.person, command)

        await asyncio.gather(*(one(fact, MembershipOver.model_validate(fact.data)) for fact in batch))


class Graduation:
    """The same of cohorts. Facts of one branch are handled in their order, those of several at once."""

    def __init__(self, commands: CohortCommands) -> None:
        self._commands = commands

    async def became_graduate_branch(self, batch: Sequence[Recorded]) -> None:
        """The ends are noted once for all facts read before."""
        ends = await self._commands.ends()

        async def one(fact: Recorded) -> None:
            command = on_became_graduate_branch(BecameGraduateBranch.model_validate(fact.data))
            await self._commands.await_cohort(request_of(SELF, command, fact), command, ends)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def graduate_branch_restored(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded) -> None:
            event, command = GraduateBranchRestored.model_validate(fact.data), WithdrawCohort()
            await self._commands.withdraw(request_of(SELF, command, fact), event.branch, event.year)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def exclusion_marked(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._mark(fact, GraduationExclusionMarked.model_validate(fact.data))

    async def exclusion_removed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._mark(fact, GraduationExclusionRemoved.model_validate(fact.data))

    async def _mark(self, fact: Recorded, event: GraduationExclusionMarked | GraduationExclusionRemoved) -> None:
        command = on_graduation_exclusion(event)
        await self._commands.mark(request_of(SELF, command, fact), event.branch, event.year, command)
