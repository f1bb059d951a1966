"""What org hears and does: registrations of admins redeem their codes (ADM-03)."""

from collections.abc import Sequence

from services.org.domain.policies import on_admin_registration_requested
from services.org.use_cases.redeeming import SELF, Redemptions
from shared.contracts.identity import AdminRegistrationRequested
from shared.kernel.envelope import Recorded, Request
from shared.kernel.ids import request_hash


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, redemptions: Redemptions) -> None:
        self._redemptions = redemptions

    async def admin_registration_requested(self, batch: Sequence[Recorded]) -> None:
        """One after the other: who comes first has the code."""
        for fact in batch:
            command = on_admin_registration_requested(AdminRegistrationRequested.model_validate(fact.data))
            request = Request(
                actor=SELF,
                key=fact.event_id,
                body_hash=request_hash(command.model_dump(mode="json")),
                correlation=fact.correlation,
                causation=fact.event_id,
            )
            await self._redemptions.redeem(request, command)
