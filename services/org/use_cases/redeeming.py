"""ADM-03, ADM-04: a code is redeemed for one registration, whoever races, or refused, once; then its place is used."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.org.domain.events import OrganizationEvent, RegistrationCodeRedeemed
from services.org.domain.organization import ORGANIZATION, Organization
from services.org.domain.redeeming import (
    AppointRegistrant,
    FailRegistration,
    LapseRegistration,
    RedeemRegistrationCode,
    RegistrationCodeVoid,
    appoint_registrant,
    fail_registration,
    lapse_registration,
    redeem_registration_code,
)
from services.org.domain.redemption import (
    REDEMPTION,
    RefuseRegistrationCode,
    redemption_of,
    refuse_registration_code,
)
from shared.contracts.identity import REGISTRATION_CODE
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.ids import request_hash

REGISTRATION_LAPSES = "registration-lapses"
SELF = Actor("service:org")


class Redemptions:
    """The use cases, sent by the reactions to what identity and member publish, with the fact's id as key."""

    def __init__(self, store: EventStore, deadlines: Deadlines) -> None:
        self._store = store
        self._deadlines = deadlines

    async def redeem(self, request: Request, command: RedeemRegistrationCode) -> None:
        """Redeems the code or refuses it; the second time the same outcome, whatever became of the code since.

        A refusal is a fact like the other: whoever waits for either is told.
        """
        refusal = redemption_of(command.registration)
        if await self._store.load(refusal):
            return
        claim = await self._store.database["claims"].find_one({"_id": Claim(REGISTRATION_CODE, command.code_hash).id})
        try:
            if claim is None:
                raise RegistrationCodeVoid
            await self._redeem(request, claim["owner"], command)
        except RegistrationCodeVoid:
            refused = RefuseRegistrationCode(registration=command.registration)
            decide = refuse_registration_code
            await execute(self._store, REDEMPTION, refusal, request, lambda state: decide(refused, state))

    async def _redeem(self, request: Request, organization: str, command: RedeemRegistrationCode) -> None:
        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            (redeemed,) = (e for e in events if isinstance(e, RegistrationCodeRedeemed))
            deadline = Deadline(command.registration, REGISTRATION_LAPSES, organization, redeemed.due_at)
            return [self._deadlines.row(deadline)]

        await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: redeem_registration_code(command, state, self._store.codec.now()),
            conditions=conditions,
        )

    async def appoint(self, request: Request, organization: str, command: AppointRegistrant) -> None:
        """ADM-04: the kept place becomes the admin's, unless it lapsed."""
        now = self._store.codec.now()
        await self._end(request, organization, lambda state: appoint_registrant(command, state, now))

    async def fail(self, request: Request, organization: str, command: FailRegistration) -> None:
        """ADM-04: the kept place is given back."""
        await self._end(request, organization, lambda state: fail_registration(command, state))

    async def lapse(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends."""
        command = LapseRegistration(registration=deadline.id)
        request = Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
        await self._end(request, deadline.stream, lambda state: lapse_registration(command, state, now))

    async def _end(
        self, request: Request, organization: str, decide: Callable[[Organization], Sequence[OrganizationEvent]]
    ) -> None:
        await execute(self._store, ORGANIZATION, organization, request, decide)
