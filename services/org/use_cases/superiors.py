"""What only a direct superior's own admins do: no level is skipped (ORG-03, ORG-08, ADM-02)."""

from typing import Protocol

from services.org.use_cases.tree_rows import TreeRows
from shared.authority.decide import Duty
from shared.http.tokens import Principal

OWN_ADMINS = Duty("what a direct superior alone does", lambda line: line.ids[:1])


class Rights(Protocol):
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
