"""The commands on organizations: check the right, load, decide, append."""

from collections.abc import Sequence
from typing import Any, Protocol

from services.org.domain import admins, establishing, information, organization
from services.org.domain.events import OrganizationEstablished, OrganizationInformationChanged
from services.org.domain.fields import name_key
from services.org.domain.organization import ORGANIZATION, EstablishedOrganization
from services.org.reference import reference_on
from services.org.use_cases.tree_rows import TREE, TreeRows
from shared.eventstore.conditions import Claim, Condition, Gate, Lost, Release
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import ChangedMeanwhile, Refusal

KIND = "organization"
NAME = "name-under"
INSTITUTION = "institution-code"


class Rights(Protocol):
    """ADM-08, ORG-03, ORG-08: who may. Each raises the refusal that names who could."""

    async def require_write(self, request: Request, organization: str) -> None:
        """The organization's own admins and those of its direct superior."""
        ...

    async def require_own(self, request: Request, organization: str) -> None:
        """The organization's own admins: for what is done to its direct subordinates."""
        ...


class Cadres(Protocol):
    async def of(self, organization: str) -> Sequence[str]:
        """The people who hold a position in an organization."""
        ...


class Documents(Protocol):
    async def keep(self, document: str) -> bool:
        """Keeps an uploaded document for good; False when it is not there (any more)."""
        ...


class OrganizationCommands:
    """Each method is one command and answers with the consistency token; all raise Refusals and change nothing then."""

    def __init__(self, store: EventStore, rows: TreeRows, rights: Rights, cadres: Cadres, documents: Documents) -> None:
        self._store = store
        self._rows = rows
        self._rights = rights
        self._cadres = cadres
        self._documents = documents

    async def establish_organization(self, request: Request, command: establishing.EstablishOrganization) -> Answer:
        """ORG-03. The new stream's id derives from the key, so a repeat answers with the same organization."""
        await self._rights.require_own(request, command.superior)
        return await self.establish(request, command)

    async def establish(self, request: Request, command: establishing.EstablishOrganization) -> Answer:
        """The same without asking for a right: for the seeding of a new deployment."""
        stream = ids.new_stream(KIND, self._store.codec.service, request.actor.principal, request.key)
        superior = ORGANIZATION.fold(await self._events(command.superior))
        place = establishing.Place(
            superior=superior,
            ancestors=await self._rows.path(command.superior),
            order=await self._rows.next_place(command.superior),
        )
        await self._keep(command.approval_document)
        today = local_date(self._store.codec.now())
        return await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda _: establishing.establish_organization(command, place, reference_on(today), today),
            conditions=lambda _, events: self._establishing(stream, command.superior, events),
            refuse=lambda lost: _refusal(lost, command.full_name, command.institution_code),
        )

    async def change_information(self, request: Request, target: str, command: information.ChangeInformation) -> Answer:
        """ORG-06."""
        await self._rights.require_write(request, target)
        await self._keep(command.approval_document)
        today = local_date(self._store.codec.now())
        return await execute(
            self._store,
            ORGANIZATION,
            target,
            request,
            lambda state: information.change_information(command, state, reference_on(today), today),
            conditions=_renaming,
            refuse=lambda lost: _refusal(lost, command.full_name, command.institution_code),
        )

    async def move_subordinate(self, request: Request, superior: str, command: organization.MoveSubordinate) -> Answer:
        """ORG-08, in the superior's stream."""
        await self._rights.require_own(request, superior)
        subordinates = await self._rows.subordinates(superior)
        return await execute(
            self._store,
            ORGANIZATION,
            superior,
            request,
            lambda state: organization.move_subordinate(command, state, subordinates),
        )

    async def appoint_admin(self, request: Request, target: str, command: admins.AppointAdmin) -> Answer:
        """ADM-04."""
        await self._rights.require_write(request, target)
        cadres = await self._cadres.of(target)
        reference = reference_on(local_date(self._store.codec.now()))
        return await execute(
            self._store,
            ORGANIZATION,
            target,
            request,
            lambda state: admins.appoint_admin(command, state, cadres, reference),
        )

    async def revoke_admin(self, request: Request, target: str, command: admins.RevokeAdmin) -> Answer:
        """ADM-05."""
        await self._rights.require_write(request, target)
        return await execute(
            self._store,
            ORGANIZATION,
            target,
            request,
            lambda state: admins.revoke_admin(command, state, by=request.actor.principal),
        )

    async def establish_root(self, request: Request, fields: information.InformationFields) -> Answer:
        """ORG-01: the root of an empty store; a second one loses its claim."""
        stream = ids.new_stream(KIND, self._store.codec.service, request.actor.principal, request.key)
        reference = reference_on(local_date(self._store.codec.now()))
        return await execute(
            self._store,
            ORGANIZATION,
            stream,
            request,
            lambda _: establishing.establish_root(fields, reference),
            conditions=lambda *_: [*self._rows.establishing(stream, None, 1), Claim("root", "root")],
        )

    async def _events(self, stream: str) -> list[Any]:
        return [event for commit in await self._store.load(stream) for event in commit.events]

    async def _keep(self, document: str) -> None:
        if document and not await self._documents.keep(document):
            raise information.ApprovalDocumentUnknown(field="approval_document")

    def _establishing(self, stream: str, superior: str, events: Sequence[Event]) -> Sequence[Condition]:
        (event,) = events
        assert isinstance(event, OrganizationEstablished)  # noqa: S101 - the only one this command decides
        claims = _claims(superior, event.information.full_name, event.information.institution_code)
        return [*self._rows.establishing(stream, superior, event.order), *claims]


def _claims(superior: str, full_name: str, institution_code: str) -> list[Claim]:
    claims = [Claim(NAME, ids.derived(superior, name_key(full_name)))]
    return [*claims, Claim(INSTITUTION, institution_code)] if institution_code else claims


def _renaming(state: organization.Organization, events: Sequence[Event]) -> Sequence[Condition]:
    """What the names and codes before and after differ in is released and claimed."""
    (event,) = events
    if not isinstance(event, OrganizationInformationChanged) or not isinstance(state, EstablishedOrganization):
        return ()
    if not state.ancestors:
        return ()
    superior = state.ancestors[-1]
    before = _claims(superior, state.information.full_name, state.information.institution_code)
    after = _claims(superior, event.information.full_name, event.information.institution_code)
    return [
        *(Release(claim.kind, claim.value) for claim in before if claim not in after),
        *(claim for claim in after if claim not in before),
    ]


def _refusal(lost: Lost, full_name: str, institution_code: str) -> Refusal:
    match lost.condition:
        case Claim(kind=kind) if kind == NAME:
            return information.NameTaken(field="full_name", name=full_name)
        case Claim(kind=kind) if kind == INSTITUTION:
            return information.InstitutionCodeTaken(field="institution_code", code=institution_code)
        case Gate(collection=collection) if collection == TREE:
            return organization.OrganizationUnknown(field="superior")
        case _:
            return ChangedMeanwhile()
