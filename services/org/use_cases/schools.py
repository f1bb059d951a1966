"""GRD-01: which organizations are schools, and the institution code of one, which no other in the country may have."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from services.org.domain.events import OrganizationEvent
from services.org.domain.events_of_graduation import InstitutionCodeChanged
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization, Organization
from services.org.domain.schools import (
    InstitutionCodeTaken,
    RecheckSchool,
    SetInstitutionCode,
    recheck_school,
    set_institution_code,
)
from services.org.reference import reference_on
from services.org.use_cases.organizations import INSTITUTION
from services.org.use_cases.superiors import OWN_ADMINS, Rights
from services.org.use_cases.tree_rows import TreeRows
from shared.deadlines.rows import Deadline
from shared.eventstore.conditions import Claim, Condition, Release
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.clock import local_date
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.ids import request_hash

SELF = Actor("service:org")


class Schools:
    """The use case. Raises what `set_institution_code` raises, InstitutionCodeTaken, OutsideAuthority."""

    def __init__(self, store: EventStore, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    async def set_code(
        self, principal: Principal, request: Request, organization: str, command: SetInstitutionCode
    ) -> Answer:
        """By the school's own admins; a superior only creates the school."""
        await self._rights.require_duty(principal, OWN_ADMINS, organization)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: set_institution_code(command, state),
            conditions=_claims,
            refuse=lambda _: InstitutionCodeTaken(field="institution_code", code=command.institution_code),
        )


class SchoolsBelow:
    """For the worker of the deadlines: an organization and its direct subordinates, of which each is a school of its
    own, or part of one, by its own sector and its superior's.
    """

    def __init__(self, store: EventStore, rows: TreeRows) -> None:
        self._store = store
        self._rows = rows

    async def recheck(self, deadline: Deadline, _now: datetime) -> None:
        """Stopped after any of these commits, it comes again and finds what is done."""
        organization, path = deadline.stream, await self._rows.path(deadline.stream)
        superior = await self._state(path[-2]) if len(path) > 1 else None
        await self._one(deadline, organization, superior)
        held = await self._state(organization)
        for each in await self._rows.subordinates(organization):
            await self._one(deadline, each, held)

    async def _one(self, deadline: Deadline, organization: str, superior: EstablishedOrganization | None) -> None:
        command, reference = RecheckSchool(), reference_on(local_date(self._store.codec.now()))
        await execute(
            self._store,
            ORGANIZATION,
            organization,
            Request(SELF, deadline.id, request_hash(command.model_dump(mode="json"))),
            lambda state: recheck_school(command, state, superior, reference),
            conditions=_claims,
        )

    async def _state(self, organization: str) -> EstablishedOrganization | None:
        commits = await self._store.load(organization)
        state = ORGANIZATION.fold(cast("OrganizationEvent", e) for c in commits for e in c.events)
        return state if isinstance(state, EstablishedOrganization) else None


def _claims(state: Organization, events: Sequence[Event]) -> Sequence[Condition]:
    event = next((each for each in events if isinstance(each, InstitutionCodeChanged)), None)
    if event is None or not isinstance(state, EstablishedOrganization):
        return ()
    before, after = state.information.institution_code, event.institution_code
    return [*([Release(INSTITUTION, before)] if before else []), *([Claim(INSTITUTION, after)] if after else [])]
