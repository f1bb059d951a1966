"""What identity hears and does: accounts end with the numbers they belong to (MEM-27), registrations end (ADM-04)."""

from collections.abc import Sequence

from services.identity.domain.policies import (
    on_person_released,
    on_registrant_turned_away,
    on_registration_code_refused,
)
from services.identity.use_cases.accounts import Accounts
from services.identity.use_cases.registrations import Registrations
from shared.contracts.member import PersonReleased, RegistrantTurnedAway
from shared.contracts.org import AdminAppointed, RegistrationCodeRefused, RegistrationLapsed
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.reacting import request_of

SELF = Actor("service:identity")


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, accounts: Accounts, registrations: Registrations) -> None:
        self._accounts = accounts
        self._registrations = registrations

    async def person_released(self, batch: Sequence[Recorded]) -> None:
        commands = [(on_person_released(PersonReleased.model_validate(r.data)), r) for r in batch]
        await self._accounts.release_all([(c, request_of(SELF, c, r)) for c, r in commands])

    async def admin_appointed(self, batch: Sequence[Recorded]) -> None:
        """Those who came by a code; all others have their account already."""
        for event in (AdminAppointed.model_validate(r.data) for r in batch):
            if event.registration:
                await self._registrations.appointed(event.registration, event.person)

    async def registration_code_refused(self, batch: Sequence[Recorded]) -> None:
        for event in (RegistrationCodeRefused.model_validate(r.data) for r in batch):
            await self._registrations.refuse(event.registration, on_registration_code_refused())

    async def registration_lapsed(self, batch: Sequence[Recorded]) -> None:
        for event in (RegistrationLapsed.model_validate(r.data) for r in batch):
            await self._registrations.lapse(event.registration)

    async def registrant_turned_away(self, batch: Sequence[Recorded]) -> None:
        for event in (RegistrantTurnedAway.model_validate(r.data) for r in batch):
            await self._registrations.refuse(event.registration, on_registrant_turned_away(event))
