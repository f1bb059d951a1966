"""What only a direct superior's own admins do: no level is skipped (ORG-03, ORG-08, ADM-02, ADM-07)."""

from typing import Protocol, cast

from services.org.domain.events import OrganizationEvent
from services.org.domain.organization import (
    ORGANIZATION,
    EstablishedOrganization,
    Organization,
    OrganizationUnknown,
    established,
)
from services.org.use_cases.tree_rows import TreeRows
from shared.authority.decide import Duty
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal

OWN_ADMINS = Duty("what a direct superior alone does", lambda line: line.ids[:1])


class Rights(Protocol):
    async def require_write(self, principal: Principal, scope: str) -> object: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...
    async def require_duty(self, principal: Principal, duty: Duty, scope: str) -> object: ...


async def require_own(rights: Rights, principal: Principal, superior: str) -> None:
    """Whoever may write there hears from the domain that no level is skipped; all others hear who could."""
    if not await rights.may_write(principal, superior):
        await rights.require_duty(principal, OWN_ADMINS, superior)


async def own(rows: TreeRows, principal: Principal, superior: str) -> str | None:
    """Whose own right counts: an operator's for the root, a person's in its name."""
    if principal.central and len(await rows.path(superior)) == 1:
        return None
    return principal.id if principal.organization in (None, superior) else ""


class Superiors:
    """Finds the direct superior that a command on an organization is up to."""

    def __init__(self, store: EventStore, rows: TreeRows, rights: Rights) -> None:
        self._store = store
        self._rows = rows
        self.rights = rights

    async def of(self, principal: Principal, organization: str) -> tuple[Organization, str | None]:
        """Its state and whose own right counts there; of what is not there nobody's (X14)."""
        path = await self._rows.path(organization)
        superior = path[-2] if len(path) > 1 else organization
        await require_own(self.rights, principal, superior)
        if superior == organization:
            raise OrganizationUnknown
        return await state_of(self._store, superior), await own(self._rows, principal, superior)


async def state_of(store: EventStore, organization: str) -> EstablishedOrganization:
    """Raises OrganizationUnknown, OrganizationGone."""
    commits = await store.load(organization)
    return established(ORGANIZATION.fold(cast("OrganizationEvent", e) for c in commits for e in c.events))
