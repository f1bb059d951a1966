"""GRD-01: the institution code of a school, which no other one in the country may have."""

from collections.abc import Sequence

from services.org.domain.events_of_graduation import InstitutionCodeChanged
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization, Organization
from services.org.domain.schools import InstitutionCodeTaken, SetInstitutionCode, set_institution_code
from services.org.use_cases.organizations import INSTITUTION
from services.org.use_cases.superiors import OWN_ADMINS, Rights
from shared.eventstore.conditions import Claim, Condition, Release
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel.envelope import Event, Request


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


def _claims(state: Organization, events: Sequence[Event]) -> Sequence[Condition]:
    (event,) = events
    if not isinstance(event, InstitutionCodeChanged) or not isinstance(state, EstablishedOrganization):
        return ()
    before, after = state.information.institution_code, event.institution_code
    return [*([Release(INSTITUTION, before)] if before else []), *([Claim(INSTITUTION, after)] if after else [])]
