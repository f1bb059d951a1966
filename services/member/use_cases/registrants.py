"""ADM-04: who registers as an admin by a code becomes a cadre of the organization, once both topics have spoken."""

import base64
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from services.member.domain import registrant as domain
from services.member.domain.events import RegistrantEvent, SealedRequest
from services.member.domain.person import NumberAlreadyRegistered
from services.member.use_cases.people import People
from services.member.use_cases.places import OrganizationNotFound
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Actor, Request, Sealed
from shared.kernel.ids import request_hash
from shared.kernel.refusals import FormFaulty, Refusal, SystemBusy
from shared.privacy.sealing import open_
from shared.privacy.vault import ERASED, KeyReader

SELF = "service:member"
Decide = Callable[[domain.Registrant], Sequence[RegistrantEvent]]


class Registrants:
    """The use cases, sent by the reactions with the fact's id as key. `intake` holds the keys of registrations.

    Each keeps its fact and then decides what there is to decide, so whoever comes second, or again, finishes it.
    """

    def __init__(self, store: EventStore, people: People, intake: KeyReader) -> None:
        self._store = store
        self._people = people
        self._intake = intake

    async def announce(self, request: Request, registration: str, command: domain.AnnounceRegistrant) -> None:
        await self._keep(request, registration, lambda state: domain.announce_registrant(command, state))
        await self._settle(request, registration)

    async def clear(self, request: Request, registration: str, command: domain.ClearRegistrant) -> None:
        await self._keep(request, registration, lambda state: domain.clear_registrant(command, state))
        await self._settle(request, registration)

    async def close(self, request: Request, registration: str, command: domain.CloseRegistration) -> None:
        await self._keep(request, registration, lambda state: domain.close_registration(command, state))

    async def _keep(self, request: Request, registration: str, decide: Decide) -> None:
        await execute(self._store, domain.REGISTRANT, domain.registrant_of(registration), request, decide)

    async def _settle(self, cause: Request, registration: str) -> None:
        """Enters the person and says so, under keys of the registration: a killed process is followed by one that does
        the same again. Raises SystemBusy while the copy of the tree does not have the organization yet, KeysMissing.
        """
        commits = await self._store.load(domain.registrant_of(registration))
        state = domain.REGISTRANT.fold(cast("RegistrantEvent", e) for c in commits for e in c.events)
        if not isinstance(state, domain.Ready):
            return
        request = _own(cause, registration, state.organization)
        decide: Decide
        try:
            person = await self._enter(request, registration, state)
            entered = domain.EnterRegistrant(registration=registration, person=person)
            decide = partial(domain.enter_registrant, entered)
        except OrganizationNotFound as behind:
            raise SystemBusy from behind
        except (FormFaulty, NumberAlreadyRegistered, domain.RegistrationOver) as refusal:
            refused = domain.RefuseRegistrant(registration=registration, reason=_reason(refusal))
            decide = partial(domain.refuse_registrant, refused)
        await self._keep(request, registration, decide)

    async def _enter(self, request: Request, registration: str, state: domain.Ready) -> str:
        """The id of the person's record."""
        key = (await self._intake.keys([registration]))[registration]
        if key is ERASED:
            raise domain.RegistrationOver
        values = _opened(key, registration, state.request)
        return (await self._people.register(request, state.organization, values)).stream


def _own(cause: Request, registration: str, organization: str) -> Request:
    """Under the registration as key, so that whoever does it again does the same."""
    actor, body = Actor(SELF, organization), request_hash(registration)
    return Request(actor, registration, body, cause.correlation, cause.causation)


def _opened(key: bytes, registration: str, request: SealedRequest) -> dict[str, Any]:
    nonce, ciphertext = base64.b64decode(request.nonce), base64.b64decode(request.ciphertext)
    return open_(key, Sealed(registration, request.alg, request.kid, nonce, ciphertext), registration, request.event_id)


def _reason(refusal: Refusal) -> str:
    """A form's first fault says enough: what was typed can only be typed anew."""
    return (refusal.faults[0] if isinstance(refusal, FormFaulty) else refusal).code
