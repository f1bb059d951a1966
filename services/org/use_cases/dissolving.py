"""ORG-09 to ORG-11: the superior dissolves a direct subordinate; of a branch member says first whether it is empty."""

from collections.abc import Sequence
from datetime import date

from services.org.domain.dissolving import (
    DissolveOrganization,
    SettleDissolution,
    StillHasSubordinates,
    check_dissolvable,
    dissolve_organization,
    establish_pending,
    settle_dissolution,
)
from services.org.domain.events import BranchKind, DissolutionBegun, OrganizationDissolved, OrganizationEstablished
from services.org.domain.information import ApprovalDocumentUnknown, NameTaken
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization, Organization, established
from services.org.reference import reference_on
from services.org.use_cases.documents import Documents
from services.org.use_cases.organizations import KIND, Cadres, claims_of
from services.org.use_cases.superiors import Superiors, state_of
from services.org.use_cases.tree_rows import TREE, TreeRows
from shared.eventstore.conditions import Claim, Condition, Gate, Lost, Release
from shared.eventstore.execute import Answer, execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import ChangedMeanwhile, Refusal

PENDING_UNDER = "pending-branch-under"
"""The claim that keeps a second pending branch from being made under one superior (ORG-10)."""


class Dissolving:
    """The use cases: the superior's command, and what follows from member's answer."""

    def __init__(
        self, store: EventStore, rows: TreeRows, superiors: Superiors, cadres: Cadres, documents: Documents
    ) -> None:
        self._store = store
        self._rows = rows
        self._superiors = superiors
        self._cadres = cadres
        self._documents = documents

    async def dissolve(
        self, principal: Principal, request: Request, organization: str, command: DissolveOrganization
    ) -> Answer:
        """Raises what `check_dissolvable` raises, StillHasSubordinates, ApprovalDocumentUnknown."""
        superior, by = await self._superiors.of(principal, organization)
        if repeated := await first_answer(self._store, organization, request):
            return repeated
        above, cadres, today = established(superior), await self._cadres.of(organization), self._today()
        state = await state_of(self._store, organization)
        held = check_dissolvable(command, state, above, by, cadres, today)
        if not await self._documents.keep(command.document, request.actor.principal):
            raise ApprovalDocumentUnknown(field="document")
        pending = await self._pending(request, held.ancestors[-1], above) if command.relocate else None
        dissolution = ids.derived("dissolution", organization, request.actor.principal, request.key)

        def decide(state: Organization) -> Sequence[Event]:
            held = check_dissolvable(command, state, above, by, cadres, today)
            return dissolve_organization(command, held, dissolution, pending)

        subordinates = len(await self._rows.subordinates(organization))
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            decide,  # type: ignore[arg-type]
            conditions=lambda state, events: self._conditions(organization, state, events),
            refuse=lambda lost: _refusal(lost, subordinates),
        )

    async def settle(self, request: Request, organization: str, command: SettleDissolution) -> None:
        """What member answered, once."""
        await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: settle_dissolution(command, state),
            conditions=lambda state, events: self._conditions(organization, state, events),
        )

    def _conditions(self, organization: str, state: Organization, events: Sequence[Event]) -> Sequence[Condition]:
        """The row in the tree goes along; a dissolved one gives its names free, and its superior has one less."""
        match events[-1]:
            case DissolutionBegun():
                return [self._rows.closing(organization)]
            case OrganizationDissolved(superior=superior):
                held = established(state)
                information = held.information
                claims = claims_of(superior, information.full_name, information.institution_code)
                if held.branch_kind is BranchKind.PENDING:
                    claims.append(Claim(PENDING_UNDER, superior))
                gone = self._rows.dissolving(organization, superior, closing=held.closing is not None)
                return [*gone, *(Release(claim.kind, claim.value) for claim in claims)]
            case _:
                return [self._rows.reopening(organization)]

    async def _pending(self, request: Request, superior: str, above: EstablishedOrganization) -> str:
        """ORG-10: the pending branch under a superior, made if there is none."""
        claim = Claim(PENDING_UNDER, superior)
        there = await self._store.database["claims"].find_one({"_id": claim.id}, {"owner": 1})
        if there is not None:
            return str(there["owner"])
        stream = ids.new_stream(KIND, self._store.codec.service, superior, request.key)
        ancestors, order = await self._rows.path(superior), await self._rows.next_place(superior)
        reference = reference_on(self._today())

        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            (made,) = (e for e in events if isinstance(e, OrganizationEstablished))
            claims = claims_of(superior, made.information.full_name)
            return [*self._rows.establishing(stream, superior, order), claim, *claims]

        await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda _: establish_pending(above, ancestors, order, reference),
            conditions=conditions,
            refuse=lambda lost: _not_made(lost, above),
        )
        return stream

    def _today(self) -> date:
        return local_date(self._store.codec.now())


def _refusal(lost: Lost, subordinates: int) -> Refusal:
    closed = isinstance(lost.condition, Gate) and lost.condition.collection == TREE
    return StillHasSubordinates(count=subordinates) if closed and subordinates else ChangedMeanwhile()


def _not_made(lost: Lost, above: EstablishedOrganization) -> Refusal:
    taken = isinstance(lost.condition, Claim) and lost.condition.kind != PENDING_UNDER
    return NameTaken(name=above.information.full_name) if taken else ChangedMeanwhile()
