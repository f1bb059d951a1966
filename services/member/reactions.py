"""What member hears and does: registrations by a code, from identity and from org in any order (ADM-03, ADM-04)."""

from collections.abc import Sequence

from services.member.domain.policies import (
    on_admin_registration_requested,
    on_registration_code_redeemed,
    on_registration_over,
)
from services.member.use_cases.registrants import SELF, Registrants
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.org import RegistrationCodeRedeemed, RegistrationCodeRefused, RegistrationLapsed
from shared.kernel.envelope import Actor, Command, Recorded, Request
from shared.kernel.ids import request_hash


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, registrants: Registrants) -> None:
        self._registrants = registrants

    async def admin_registration_requested(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            if fact.sealed is None:
                raise ValueError(f"{fact.type} without its sealed part")
            command = on_admin_registration_requested(fact.event_id, fact.sealed)
            registration = AdminRegistrationRequested.model_validate(fact.data).registration
            await self._registrants.announce(_request(command, fact), registration, command)

    async def registration_code_redeemed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = RegistrationCodeRedeemed.model_validate(fact.data)
            command = on_registration_code_redeemed(event)
            await self._registrants.clear(_request(command, fact), event.registration, command)

    async def registration_code_refused(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._close(RegistrationCodeRefused.model_validate(fact.data), fact)

    async def registration_lapsed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._close(RegistrationLapsed.model_validate(fact.data), fact)

    async def _close(self, event: RegistrationCodeRefused | RegistrationLapsed, fact: Recorded) -> None:
        command = on_registration_over(event)
        await self._registrants.close(_request(command, fact), event.registration, command)


def _request(command: Command, fact: Recorded) -> Request:
    return Request(
        actor=Actor(SELF),
        key=fact.event_id,
        body_hash=request_hash(command.model_dump(mode="json")),
        correlation=fact.correlation,
        causation=fact.event_id,
    )
