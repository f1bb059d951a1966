"""What leaves org: stored event -> public events. The only exit."""

from collections.abc import Sequence
from typing import Any, get_args

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    ApplicationEvent,
    Information,
    OrganizationEstablished,
    OrganizationInformationChanged,
    RegistrationCodeExpired,
    RegistrationCodeIssued,
    RegistrationCodeRedeemed,
    RegistrationCodeRefused,
    RegistrationCodeRevoked,
    RegistrationFailed,
    RegistrationLapsed,
    SubordinatesReordered,
)
from shared.contracts import org as public
from shared.contracts.base import Contract
from shared.kernel.envelope import Event

UNPUBLISHED = (
    RegistrationCodeIssued,
    RegistrationCodeRevoked,
    RegistrationCodeExpired,
    RegistrationFailed,
    *get_args(ApplicationEvent),
)
"""What only org itself reads, from its log."""


def publish(event: Event, stream: str, version: int) -> Sequence[Contract]:
    """A revoked right goes to the withdrawals lane as well, with the version that it wins with."""
    match event:
        case OrganizationEstablished():
            return [
                public.OrganizationEstablished(
                    organization=stream,
                    superior=event.ancestors[-1] if event.ancestors else None,
                    category=public.Category(event.category),
                    branch_kind=public.BranchKind(event.branch_kind),
                    order=event.order,
                    **_shown(event.information, event.missing),
                )
            ]
        case OrganizationInformationChanged():
            return [
                public.OrganizationInformationChanged(
                    organization=stream,
                    category=public.Category(event.category),
                    branch_kind=public.BranchKind(event.branch_kind),
                    **_shown(event.information, event.missing),
                )
            ]
        case SubordinatesReordered():
            return [public.SubordinatesReordered(superior=stream, subordinates=event.subordinates)]
        case AdminAppointed():
            appointed = public.AdminAppointed(organization=stream, person=event.person, registration=event.registration)
            return [appointed]
        case AdminRevoked():
            return [
                public.AdminRevoked(organization=stream, person=event.person, cause=event.cause),
                public.RightWithdrawn(organization=stream, person=event.person, version=version),
            ]
        case RegistrationCodeRedeemed() | RegistrationLapsed():
            return [_said_of(event, stream)]
        case RegistrationCodeRefused():
            return [public.RegistrationCodeRefused(registration=event.registration)]
        case _ if isinstance(event, UNPUBLISHED):
            return []
        case _:
            raise ValueError(f"{REGISTRY.type_of(event)} has no place here")


def _said_of(event: RegistrationCodeRedeemed | RegistrationLapsed, organization: str) -> Contract:
    lapsed = isinstance(event, RegistrationLapsed)
    contract = public.RegistrationLapsed if lapsed else public.RegistrationCodeRedeemed
    return contract(organization=organization, registration=event.registration)


def _shown(information: Information, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "full_name": information.full_name,
        "short_name": information.short_name,
        "sector": information.sector,
        "region": information.region,
        "missing": tuple(missing),
    }
