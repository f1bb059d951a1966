"""What leaves org: stored event -> public events. The only exit."""

from collections.abc import Sequence
from typing import Any, get_args

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    ApplicationEvent,
    BranchKind,
    DissolutionBegun,
    DissolutionRefused,
    OrganizationDissolved,
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
from services.org.domain.events_of_graduation import (
    BecameGraduateBranch,
    CampaignStepSet,
    GraduateBranchRestored,
    GraduationMonthMarked,
    InstitutionCodeChanged,
)
from services.org.domain.events_of_moves import ExplanationFiled, ExplanationSettled, MigrationEvent, OrganizationMoved
from shared.contracts import org as public
from shared.contracts.base import Contract
from shared.kernel.envelope import Event

UNPUBLISHED = (
    RegistrationCodeIssued,
    RegistrationCodeRevoked,
    RegistrationCodeExpired,
    RegistrationFailed,
    DissolutionRefused,
    ExplanationFiled,
    ExplanationSettled,
    InstitutionCodeChanged,
    GraduationMonthMarked,
    CampaignStepSet,
    *get_args(ApplicationEvent),
    *get_args(MigrationEvent),
)
"""What only org itself reads, from its log."""

_KINDS = {BranchKind.REGISTER: public.BranchKind.ORDINARY}
"""A published list of words never grows (ADR 0017): `registers` says what such a branch is."""


def publish(event: Event, stream: str, version: int) -> Sequence[Contract]:
    """A revoked right goes to the withdrawals lane as well, and what moved from under its superiors, each with the
    version that it wins with.
    """
    match event:
        case OrganizationEstablished():
            where = {"organization": stream, "superior": event.ancestors[-1] if event.ancestors else None}
            own = {"order": event.order, "registers": _register(event, stream), **_described(event)}
            return [public.OrganizationEstablished(**where, **own)]
        case OrganizationInformationChanged():
            return [public.OrganizationInformationChanged(organization=stream, **_described(event))]
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
        case OrganizationMoved():
            where = {"organization": stream, "superior": event.superior}
            return [
                public.OrganizationMoved(**where, former_superior=event.former, order=event.order, cause=event.cause),
                public.PlaceWithdrawn(**where, version=version),
            ]
        case DissolutionBegun() | OrganizationDissolved():
            return _dissolved(event, stream)
        case BecameGraduateBranch() | GraduateBranchRestored():
            return [_graduating(event, stream)]
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


def _graduating(event: BecameGraduateBranch | GraduateBranchRestored, stream: str) -> Contract:
    if isinstance(event, BecameGraduateBranch):
        return public.BecameGraduateBranch(branch=stream, year=event.year, month=event.month)
    return public.GraduateBranchRestored(branch=stream, year=event.year)


def _dissolved(event: DissolutionBegun | OrganizationDissolved, stream: str) -> Sequence[Contract]:
    if isinstance(event, OrganizationDissolved):
        went_on = {"successor": event.successor, "merged": event.merged}
        return [public.OrganizationDissolved(organization=stream, superior=event.superior, **went_on)]
    if event.into is not None and event.pending is None:
        return []  # what is no branch has no members, so that member is not asked
    return [public.BranchSealRequested(branch=stream, dissolution=event.dissolution, pending=event.pending)]


def _register(event: OrganizationEstablished, stream: str) -> public.Register | None:
    """TRF-16: which register a branch is: its id says it."""
    if event.branch_kind is not BranchKind.REGISTER:
        return None
    of = {public.register_branch(event.ancestors[-1], register): register for register in public.Register}
    return of[stream]


def _described(event: OrganizationEstablished | OrganizationInformationChanged) -> dict[str, Any]:
    information = event.information
    return {
        "category": public.Category(event.category),
        "branch_kind": _KINDS.get(event.branch_kind) or public.BranchKind(event.branch_kind),
        "full_name": information.full_name,
        "short_name": information.short_name,
        "sector": information.sector,
        "region": information.region,
        "missing": tuple(event.missing),
        "school": event.school,
    }
