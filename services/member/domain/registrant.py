"""Who registers as an admin by a code: announced by identity, cleared by org, in either order; then decided once."""

from dataclasses import dataclass
from typing import assert_never

from services.member.domain.events import (
    RegistrantAnnounced,
    RegistrantCleared,
    RegistrantEntered,
    RegistrantEvent,
    RegistrantRefused,
    RegistrationClosed,
    SealedRequest,
)
from shared.kernel import ids
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command
from shared.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing known yet."""


@dataclass(frozen=True, slots=True)
class Uncleared:
    """Waits for org to redeem or refuse the code."""

    request: SealedRequest


@dataclass(frozen=True, slots=True)
class Awaited:
    """The code is redeemed for `organization`; waits for what identity published before."""

    organization: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Nothing is missing to decide."""

    request: SealedRequest
    organization: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Entered, refused or closed."""


Registrant = Unknown | Uncleared | Awaited | Ready | Ended


def evolve(state: Registrant, event: RegistrantEvent) -> Registrant:
    match event:
        case RegistrantAnnounced(request=request):
            return Ready(request, state.organization) if isinstance(state, Awaited) else Uncleared(request)
        case RegistrantCleared(organization=organization):
            return Ready(state.request, organization) if isinstance(state, Uncleared) else Awaited(organization)
        case RegistrantEntered() | RegistrantRefused() | RegistrationClosed():
            return Ended()
        case _:
            assert_never(event)


REGISTRANT: Decider[Registrant, RegistrantEvent] = Decider("registrant", Unknown(), evolve)


def registrant_of(registration: str) -> str:
    """The stream of a registration's registrant."""
    return f"{REGISTRANT.kind}-{ids.derived(REGISTRANT.kind, registration)}"


class RegistrationOver(Refusal):
    """Its key is destroyed: identity has ended it, and nobody can read any more who it was."""

    rule = "ADM-04"
    zh = "这次注册已经结束，没有办理。"
    en = "This registration is over; nothing was done."
    way_out = "请直属上级组织的管理员重新分配管理员注册码，再注册一次。"
    way_out_en = "Ask an admin of the direct superior for a new code and register again."


class AnnounceRegistrant(Command):
    """ADM-04: a request was published by identity."""

    request: SealedRequest


class ClearRegistrant(Command):
    """ADM-04: org redeemed the code for `organization`."""

    organization: str


class CloseRegistration(Command):
    """P8: org refused the code, or the time of the registration is over."""


class EnterRegistrant(Command):
    """ADM-04: `person` is the registrant's record, and a cadre of the organization."""

    registration: str
    person: str


class RefuseRegistrant(Command):
    """ADM-04: the registrant cannot be entered; `reason` is the code of the refusal."""

    registration: str
    reason: str


def announce_registrant(command: AnnounceRegistrant, state: Registrant) -> list[RegistrantEvent]:
    """Nothing for one that is announced already, or ended before it was."""
    if isinstance(state, Unknown | Awaited):
        return [RegistrantAnnounced(request=command.request)]
    return []


def clear_registrant(command: ClearRegistrant, state: Registrant) -> list[RegistrantEvent]:
    """Nothing for one that is cleared already or ended."""
    if isinstance(state, Unknown | Uncleared):
        return [RegistrantCleared(organization=command.organization)]
    return []


def close_registration(_command: CloseRegistration, state: Registrant) -> list[RegistrantEvent]:
    """Whatever comes afterwards changes nothing; nothing for one that ended already."""
    return [] if isinstance(state, Ended) else [RegistrationClosed()]


def enter_registrant(command: EnterRegistrant, state: Registrant) -> list[RegistrantEvent]:
    """Nothing unless it is to be decided."""
    if not isinstance(state, Ready):
        return []
    organization = state.organization
    entered = RegistrantEntered(registration=command.registration, organization=organization, person=command.person)
    return [entered]


def refuse_registrant(command: RefuseRegistrant, state: Registrant) -> list[RegistrantEvent]:
    """Nothing unless it is to be decided."""
    if not isinstance(state, Ready):
        return []
    organization = state.organization
    refused = RegistrantRefused(registration=command.registration, organization=organization, reason=command.reason)
    return [refused]
