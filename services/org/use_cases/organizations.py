"""The commands on organizations: check the right, load, decide, append."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, cast

from services.org.domain.admins import AppointAdmin, RevokeAdmin, appoint_admin, revoke_admin
from services.org.domain.establishing import (
    EstablishOrganization,
    Place,
    RootExists,
    establish_organization,
    establish_root,
)
from services.org.domain.events import OrganizationEvent, OrganizationInformationChanged
from services.org.domain.information import (
    ApprovalDocumentUnknown,
    ChangeInformation,
    InformationFields,
    NameTaken,
    change_information,
)
from services.org.domain.ordering import MoveSubordinate, move_subordinate
from services.org.domain.organization import (
    ORGANIZATION,
    EstablishedOrganization,
    Organization,
    OrganizationUnknown,
)
from services.org.names import name_key
from services.org.reference import reference_on
from services.org.use_cases.documents import Documents
from services.org.use_cases.rechecking import rechecking
from services.org.use_cases.superiors import own, require_own
from services.org.use_cases.tree_rows import TREE, TreeRows
from shared.authority.decide import Duty
from shared.deadlines.rows import Deadlines
from shared.eventstore.conditions import Claim, Condition, Gate, Lost, Release
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import ChangedMeanwhile, Refusal

KIND = "organization"
ROOT = "root"
NAME = "name-under"
INSTITUTION = "institution-code"


class Rights(Protocol):
    """ADM-08: who may. Raises the refusal that names who could."""

    async def require_write(self, principal: Principal, scope: str) -> object:
        """The organization's own admins and those of its direct superior; operators where they are the superior."""
        ...

    async def may_write(self, principal: Principal, scope: str) -> bool: ...
    async def require_duty(self, principal: Principal, duty: Duty, scope: str) -> object: ...


class Cadres(Protocol):
    async def of(self, organization: str) -> Sequence[str]:
        """The people who hold a position in an organization."""
        ...


class OrganizationCommands:
    """Each method is one command and answers with the consistency token. All raise Refusals and change nothing then.

    `request` is made of what `principal` sent; seeding has a request of its own and no principal.
    """

    def __init__(
        self,
        store: EventStore,
        rows: TreeRows,
        rights: Rights,
        cadres: Cadres,
        documents: Documents,
        deadlines: Deadlines,
    ) -> None:
        self._store = store
        self._rows = rows
        self._rights = rights
        self._cadres = cadres
        self._documents = documents
        self._deadlines = deadlines

    async def establish_organization(
        self, principal: Principal, request: Request, command: EstablishOrganization
    ) -> Answer:
        """ORG-03. The new stream's id derives from the key, so a repeat answers with the same organization."""
        await require_own(self._rights, principal, command.superior)
        return await self.establish(request, command, await own(self._rows, principal, command.superior))

    async def establish(self, request: Request, command: EstablishOrganization, by: str | None) -> Answer:
        """The same without asking for a right: for the seeding of a new deployment."""
        stream = ids.new_stream(KIND, self._store.codec.service, request.actor.principal, request.key)
        place = await self._place(command.superior)
        await self._keep(command.approval_document, request.actor.principal)
        today = self._today()

        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            claims = claims_of(command.superior, command.full_name)
            return [*self._rows.establishing(stream, command.superior, place.order), *claims] if events else ()

        return await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda _: establish_organization(command, place, by, reference_on(today), today),
            conditions=conditions,
            refuse=lambda lost: _refusal(lost, command),
        )

    async def establish_root(self, request: Request, fields: InformationFields) -> Answer:
        """ORG-01: the root of an empty store; a second one is refused."""
        stream = ids.new_stream(KIND, self._store.codec.service, request.actor.principal, request.key)
        return await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda _: establish_root(fields, reference_on(self._today())),
            conditions=lambda *_: [*self._rows.establishing(stream, None, 1), Claim(ROOT, ROOT)],
            refuse=lambda _: RootExists(),
        )

    async def change_information(
        self, principal: Principal, request: Request, organization: str, command: ChangeInformation
    ) -> Answer:
        """ORG-06."""
        await self._rights.require_write(principal, organization)
        if command.approval_document and command.approval_document != await self._document_of(organization):
            await self._keep(command.approval_document, request.actor.principal)
        today, superior = self._today(), await self.superior_of(organization)
        above = await self._state(superior) if superior else None
        held = above if isinstance(above, EstablishedOrganization) else None
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: change_information(command, state, reference_on(today), today, held),
            conditions=lambda state, events: [
                *_renaming(state, events),
                *self._rechecking(organization, state, events),
            ],
            refuse=lambda lost: _refusal(lost, command),
        )

    async def move_subordinate(
        self, principal: Principal, request: Request, superior: str, command: MoveSubordinate
    ) -> Answer:
        """ORG-08, in the superior's stream."""
        await require_own(self._rights, principal, superior)
        by, subordinates = await own(self._rows, principal, superior), await self._rows.subordinates(superior)
        return await execute(
            self._store,
            ORGANIZATION,
            superior,
            request,
            lambda state: move_subordinate(command, state, subordinates, by),
        )

    def _rechecking(self, organization: str, state: Organization, events: Sequence[Event]) -> Sequence[Condition]:
        """GRD-01: with another sector, which of its subordinates are schools of their own is looked at again."""
        (event,) = events
        if not isinstance(event, OrganizationInformationChanged) or not isinstance(state, EstablishedOrganization):
            return ()
        if event.information.sector == state.information.sector:
            return ()
        return rechecking(self._deadlines, organization, f"edition-{state.edition}", self._store.codec.now())

    async def superior_of(self, organization: str) -> str:
        """The direct superior; empty, a scope where nobody may, for the root and for what is not there (X14)."""
        path = await self._rows.path(organization)
        return path[-2] if len(path) > 1 else ""

    async def appoint_admin(
        self, principal: Principal, request: Request, organization: str, command: AppointAdmin
    ) -> Answer:
        """ADM-04."""
        await self._rights.require_write(principal, organization)
        cadres = await self._cadres.of(organization)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: appoint_admin(command, state, cadres, reference_on(self._today()), self._store.codec.now()),
        )

    async def revoke_admin(
        self, principal: Principal, request: Request, organization: str, command: RevokeAdmin
    ) -> Answer:
        """ADM-05."""
        await self._rights.require_write(principal, organization)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: revoke_admin(command, state, by=principal.id),
        )

    async def _place(self, superior: str) -> Place:
        return Place(
            superior=await self._state(superior),
            ancestors=await self._rows.path(superior),
            order=await self._rows.next_place(superior),
        )

    async def _state(self, organization: str) -> Organization:
        commits = await self._store.load(organization)
        return ORGANIZATION.fold(cast("OrganizationEvent", e) for c in commits for e in c.events)

    async def _document_of(self, organization: str) -> str:
        state = await self._state(organization)
        return state.information.approval_document if isinstance(state, EstablishedOrganization) else ""

    async def _keep(self, document: str, by: str) -> None:
        """Whoever may read an organization may read its document, so that nobody names somebody else's (X13)."""
        if document and not await self._documents.keep(document, by):
            raise ApprovalDocumentUnknown(field="approval_document")

    def _today(self) -> date:
        return local_date(self._store.codec.now())


def claims_of(superior: str, full_name: str, institution_code: str = "") -> list[Claim]:
    """What no other organization may have: the name under its superior, and the code (GRD-01)."""
    claims = [Claim(NAME, ids.derived(superior, name_key(full_name)))]
    return [*claims, Claim(INSTITUTION, institution_code)] if institution_code else claims


def _renaming(state: Organization, events: Sequence[Event]) -> Sequence[Condition]:
    """What the names before and after differ in is released and claimed."""
    (event,) = events
    if not isinstance(event, OrganizationInformationChanged) or not isinstance(state, EstablishedOrganization):
        return ()
    if not state.ancestors:
        return ()
    superior = state.ancestors[-1]
    before = claims_of(superior, state.information.full_name)
    after = claims_of(superior, event.information.full_name)
    return [
        *(Release(claim.kind, claim.value) for claim in before if claim not in after),
        *(claim for claim in after if claim not in before),
    ]


def _refusal(lost: Lost, fields: InformationFields) -> Refusal:
    match lost.condition:
        case Claim(kind=kind) if kind == NAME:
            return NameTaken(field="full_name", name=fields.full_name)
        case Gate(collection=collection) if collection == TREE:
            return OrganizationUnknown(field="superior")
        case _:
            return ChangedMeanwhile()
