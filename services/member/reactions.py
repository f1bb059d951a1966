"""What member hears and does: registrations by a code, from identity and from org in any order (ADM-03, ADM-04),
transfers, for which it holds and moves people (TRF-22), and dissolved organizations (ORG-09, ORG-10).
"""

import asyncio
from collections.abc import Mapping, Sequence

from services.member.domain.policies import (
    on_admin_registration_requested,
    on_branch_seal_requested,
    on_organization_dissolved,
    on_registration_code_redeemed,
    on_registration_over,
    on_transfer_answer_awaited,
    on_transfer_approved,
    on_transfer_over,
    on_transfer_redirected,
    on_transfer_requested,
)
from services.member.use_cases.registrants import SELF, Registrants
from services.member.use_cases.rosters import Rosters
from services.member.use_cases.transfers import TransferredPeople
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.org import (
    BranchSealRequested,
    OrganizationDissolved,
    RegistrationCodeRedeemed,
    RegistrationCodeRefused,
    RegistrationLapsed,
)
from shared.contracts.transfer import (
    TransferAnswerAwaited,
    TransferApproved,
    TransferFailed,
    TransferRedirected,
    TransferRefused,
    TransferRequested,
    TransferTimedOut,
    TransferWithdrawn,
)
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.reacting import request_of

OVER: Mapping[str, type[TransferRefused | TransferWithdrawn | TransferTimedOut | TransferFailed]] = {
    contract.type_name(): contract
    for contract in (TransferRefused, TransferWithdrawn, TransferTimedOut, TransferFailed)
}
"""The ends of a transfer after which nobody is held for it."""


class Hears:
    """Plain functions for the table of reactions; idempotent by the id of the fact."""

    def __init__(self, registrants: Registrants, transferred: TransferredPeople) -> None:
        self._registrants = registrants
        self._transferred = transferred

    async def admin_registration_requested(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            if fact.sealed is None:
                raise ValueError(f"{fact.type} without its sealed part")
            command = on_admin_registration_requested(fact.event_id, fact.sealed)
            registration = AdminRegistrationRequested.model_validate(fact.data).registration
            await self._registrants.announce(request_of(Actor(SELF), command, fact), registration, command)

    async def registration_code_redeemed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            event = RegistrationCodeRedeemed.model_validate(fact.data)
            command = on_registration_code_redeemed(event)
            await self._registrants.clear(request_of(Actor(SELF), command, fact), event.registration, command)

    async def registration_code_refused(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._close(RegistrationCodeRefused.model_validate(fact.data), fact)

    async def registration_lapsed(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            await self._close(RegistrationLapsed.model_validate(fact.data), fact)

    async def transfer_requested(self, batch: Sequence[Recorded]) -> None:
        """A batch at once, as the three below: each fact is about a person of its own."""

        async def one(fact: Recorded, event: TransferRequested) -> None:
            command = on_transfer_requested(event)
            await self._transferred.hold(request_of(Actor(SELF), command, fact), event.person, command)

        await asyncio.gather(*(one(fact, TransferRequested.model_validate(fact.data)) for fact in batch))

    async def transfer_approved(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded, event: TransferApproved) -> None:
            command = on_transfer_approved(event)
            await self._transferred.move(request_of(Actor(SELF), command, fact), event.person, command)

        await asyncio.gather(*(one(fact, TransferApproved.model_validate(fact.data)) for fact in batch))

    async def transfer_answer_awaited(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded, event: TransferAnswerAwaited) -> None:
            command = on_transfer_answer_awaited(event)
            await self._transferred.answer(request_of(Actor(SELF), command, fact), event.person, command)

        await asyncio.gather(*(one(fact, TransferAnswerAwaited.model_validate(fact.data)) for fact in batch))

    async def transfer_redirected(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded, event: TransferRedirected) -> None:
            command = on_transfer_redirected(event)
            await self._transferred.redirect(request_of(Actor(SELF), command, fact), event.person, command)

        await asyncio.gather(*(one(fact, TransferRedirected.model_validate(fact.data)) for fact in batch))

    async def transfer_over(self, batch: Sequence[Recorded]) -> None:
        async def one(fact: Recorded) -> None:
            event = OVER[fact.type].model_validate(fact.data)
            command = on_transfer_over(event)
            await self._transferred.release(request_of(Actor(SELF), command, fact), event.person, command)

        await asyncio.gather(*(one(fact) for fact in batch))

    async def _close(self, event: RegistrationCodeRefused | RegistrationLapsed, fact: Recorded) -> None:
        command = on_registration_over(event)
        await self._registrants.close(request_of(Actor(SELF), command, fact), event.registration, command)


class HearsOfTheTree:
    """The same of organizations that are dissolved."""

    def __init__(self, rosters: Rosters) -> None:
        self._rosters = rosters

    async def branch_seal_requested(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            command = on_branch_seal_requested(BranchSealRequested.model_validate(fact.data))
            await self._rosters.seal(request_of(Actor(SELF), command, fact), command)

    async def organization_dissolved(self, batch: Sequence[Recorded]) -> None:
        for fact in batch:
            command = on_organization_dissolved(OrganizationDissolved.model_validate(fact.data))
            await self._rosters.end_posts(request_of(Actor(SELF), command, fact), command)
