"""TRF-16, TRF-17: a register branch of a provincial body is made when the first transfer to it is asked for."""

from collections.abc import Sequence
from typing import cast

from services.org.domain.events import OrganizationEstablished, OrganizationEvent
from services.org.domain.organization import ORGANIZATION, Organization
from services.org.domain.registers import MakeRegisterBranch, make_register_branch
from services.org.reference import reference_on
from services.org.use_cases.organizations import claims_of
from services.org.use_cases.tree_rows import TreeRows
from shared.contracts.org import Register, register_branch
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.clock import local_date
from shared.kernel.envelope import Event, Request


class RegisterBranches:
    """The use case. The stream's id follows from body and register, so there is one of each, whoever races."""

    def __init__(self, store: EventStore, rows: TreeRows) -> None:
        self._store = store
        self._rows = rows

    async def make(self, request: Request, command: MakeRegisterBranch) -> None:
        """Nothing where it is there already."""
        stream = register_branch(command.body, Register(command.which))
        if await self._rows.path(stream):
            return
        body, ancestors = await self._state(command.body), await self._rows.path(command.body)
        order, reference = await self._rows.next_place(command.body), reference_on(local_date(self._store.codec.now()))

        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            made = [e for e in events if isinstance(e, OrganizationEstablished)]
            claims = [claim for e in made for claim in claims_of(command.body, e.information.full_name, "")]
            return [*self._rows.establishing(stream, command.body, order), *claims] if made else ()

        await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda state: make_register_branch(command, state, body, ancestors, order, reference),
            conditions=conditions,
        )

    async def _state(self, organization: str) -> Organization:
        commits = await self._store.load(organization)
        return ORGANIZATION.fold(cast("OrganizationEvent", e) for c in commits for e in c.events)
