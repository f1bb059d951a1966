"""What org hears and does: registrations of admins redeem their codes and become admins (ADM-03, ADM-04); branches that
are to be dissolved are empty or not (ORG-09); transfers need register branches (TRF-16).
"""

from collections.abc import Sequence

from services.org.domain.policies import (
    on_admin_registration_requested,
    on_branch_seal_refused,
    on_branch_sealed,
    on_register_branch_needed,
    on_registrant_admitted,
    on_registrant_turned_away,
)
from services.org.use_cases.dissolving import Dissolving
from services.org.use_cases.redeeming import SELF, Redemptions
from services.org.use_cases.registers import RegisterBranches
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.member import BranchSealed, BranchSealRefused, RegistrantAdmitted, RegistrantTurnedAway
from shared.contracts.transfer import RegisterBranchNeeded
from shared.kernel.envelope import Recorded
from shared.messaging.reacting import request_of


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, redemptions: Redemptions) -> None:
        self._redemptions = redemptions

    async def admin_registration_requested(self, batch: Sequence[Recorded]) -> None:
        """One after the other: who comes first has the code."""
        for fact in batch:
            command = on_admin_registration_requested(AdminRegistrationRequested.model_validate(fact.data))
            await self._redemptions.redeem(request_of(SELF, command, fact), command)

    async def registrant_admitted(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = RegistrantAdmitted.model_validate(fact.data)
            command = on_registrant_admitted(event)
            await self._redemptions.appoint(request_of(SELF, command, fact), event.organization, command)

    async def registrant_turned_away(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = RegistrantTurnedAway.model_validate(fact.data)
            command = on_registrant_turned_away(event)
            await self._redemptions.fail(request_of(SELF, command, fact), event.organization, command)


class HearsOfRosters:
    """The same of branches that are to be dissolved."""

    def __init__(self, dissolving: Dissolving) -> None:
        self._dissolving = dissolving

    async def branch_sealed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = BranchSealed.model_validate(fact.data)
            command = on_branch_sealed(event)
            await self._dissolving.settle(request_of(SELF, command, fact), event.branch, command)

    async def branch_seal_refused(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = BranchSealRefused.model_validate(fact.data)
            command = on_branch_seal_refused(event)
            await self._dissolving.settle(request_of(SELF, command, fact), event.branch, command)


class HearsOfTransfers:
    """The same of transfers that need a register branch."""

    def __init__(self, registers: RegisterBranches) -> None:
        self._registers = registers

    async def register_branch_needed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            command = on_register_branch_needed(RegisterBranchNeeded.model_validate(fact.data))
            await self._registers.make(request_of(SELF, command, fact), command)
