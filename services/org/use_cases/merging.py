"""ORG-21: the superior merges one direct subordinate into another, step by step; a school explains before."""

from collections.abc import Sequence
from datetime import date, datetime

from services.org.domain.dissolving import SettleDissolution
from services.org.domain.events import BranchKind, Category, DissolutionBegun
from services.org.domain.information import ApprovalDocumentUnknown
from services.org.domain.merging import (
    FileExplanation,
    MergedIntoItself,
    MergeOrganization,
    NamesClash,
    SettleExplanation,
    SubordinateMigrates,
    file_explanation,
    merge_organization,
    settle_explanation,
)
from services.org.domain.moving import MoveOrganization, PendingBranchStays
from services.org.domain.organization import (
    ORGANIZATION,
    EstablishedOrganization,
    Organization,
    OrganizationGone,
    established,
)
from services.org.names import name_key
from services.org.use_cases.codes import SELF
from services.org.use_cases.dissolving import Dissolving
from services.org.use_cases.documents import Documents
from services.org.use_cases.moving import OPEN, Moving
from services.org.use_cases.organizations import Cadres
from services.org.use_cases.superiors import Superiors, state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition
from shared.eventstore.execute import Answer, execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.clock import local_date
from shared.kernel.envelope import Event, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import Refusal

MERGER_GOES_ON = "merger-goes-on"


class Merging:
    """The use cases. A merger is begun by one commit; the worker of the deadlines carries it on to its end."""

    def __init__(
        self,
        store: EventStore,
        rows: TreeRows,
        superiors: Superiors,
        cadres: Cadres,
        documents: Documents,
        deadlines: Deadlines,
        dissolving: Dissolving,
        moving: Moving,
    ) -> None:
        self._store = store
        self._rows = rows
        self._superiors = superiors
        self._cadres = cadres
        self._documents = documents
        self._deadlines = deadlines
        self._dissolving = dissolving
        self._moving = moving

    async def merge(
        self, principal: Principal, request: Request, organization: str, command: MergeOrganization
    ) -> Answer:
        """Raises as `merge_organization` does, MergedIntoItself, PendingBranchStays, NamesClash, SubordinateMigrates,
        ApprovalDocumentUnknown.
        """
        superior, by = await self._superiors.of(principal, organization)
        if answer := await first_answer(self._store, organization, request):
            return answer
        if command.into == organization:
            raise MergedIntoItself(field="into")
        successor = await state_of(self._store, command.into)
        below = await self._states(organization)
        parties = (established(superior), successor, by)
        people, today = await self._cadres.of(organization), self._today()
        dissolution = ids.derived("merger", organization, request.actor.principal, request.key)

        def decide(state: Organization) -> Sequence[Event]:
            categories = {each.category for each in below.values()}
            return merge_organization(command, state, dissolution, parties, categories, people, today)

        decide(await state_of(self._store, organization))
        await self._check_names(below, await self._states(command.into))
        await self._check_migrations([organization, command.into, *below])
        await self._keep(command.document, request)

        def conditions(_: Organization, events: Sequence[Event]) -> Sequence[Condition]:
            (begun,) = (event for event in events if isinstance(event, DissolutionBegun))
            name = ids.derived(MERGER_GOES_ON, begun.dissolution)
            due = Deadline(name, MERGER_GOES_ON, organization, self._store.codec.now())
            return [self._rows.closing(organization), self._deadlines.row(due)]

        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            decide,  # type: ignore[arg-type]
            conditions=conditions,
        )

    async def go_on(self, deadline: Deadline, _now: datetime) -> None:
        """What the worker of the deadlines sends: the subordinates that are left move, then it ends.

        Stopped after any of these commits, it comes again and finds what is done. A branch waits for member's word.
        """
        organization = deadline.stream
        try:
            state = await state_of(self._store, organization)
        except OrganizationGone:
            return
        begun = state.closing
        if begun is None or begun.into is None or state.category is Category.BRANCH:
            return
        outcome = SettleDissolution(dissolution=begun.dissolution, members=None)
        for each in await self._rows.subordinates(organization):
            move = MoveOrganization(organization=each, to=begun.into, cause="merger", by=begun.dissolution)
            try:
                await self._moving.move(_step(begun.dissolution, each, move.model_dump(mode="json")), move)
            except Refusal as refusal:
                if refusal.passes:
                    raise
                outcome = SettleDissolution(dissolution=begun.dissolution, members=0, cause=refusal.code)
                break
        end = _step(begun.dissolution, "end", outcome.model_dump(mode="json"))
        await self._dissolving.settle(end, organization, outcome)

    async def explain(
        self, principal: Principal, request: Request, organization: str, command: FileExplanation
    ) -> Answer:
        """By who may write there. Raises ProvincialBodyStays, ApprovalDocumentUnknown."""
        await self._superiors.rights.require_write(principal, organization)
        explanation = ids.derived("explanation", organization, request.actor.principal, request.key)
        if answer := await first_answer(self._store, organization, request):
            return answer
        await self._keep(command.document, request)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: file_explanation(command, state, explanation),
        )

    async def settle_explanation(
        self, principal: Principal, request: Request, organization: str, command: SettleExplanation
    ) -> Answer:
        """By the direct superior's own admins. Raises SuperiorDissolves, ExplanationUnknown."""
        superior, by = await self._superiors.of(principal, organization)
        return await execute(
            self._store,
            ORGANIZATION,
            organization,
            request,
            lambda state: settle_explanation(command, state, established(superior), by),
        )

    async def _states(self, superior: str) -> dict[str, EstablishedOrganization]:
        """The direct subordinates."""
        return {each: await state_of(self._store, each) for each in await self._rows.subordinates(superior)}

    async def _check_names(
        self, moving: dict[str, EstablishedOrganization], there: dict[str, EstablishedOrganization]
    ) -> None:
        taken = {name_key(each.information.full_name) for each in there.values()}
        for each in moving.values():
            name = each.information.full_name
            if each.branch_kind is BranchKind.PENDING:
                raise PendingBranchStays(field="into")
            if name_key(name) in taken:
                raise NamesClash(field="into", name=name)

    async def _check_migrations(self, organizations: Sequence[str]) -> None:
        claims = [Claim(OPEN, each).id for each in organizations]
        if count := await self._store.database["claims"].count_documents({"_id": {"$in": claims}}):
            raise SubordinateMigrates(count=count)

    async def _keep(self, document: str, request: Request) -> None:
        if not await self._documents.keep(document, request.actor.principal):
            raise ApprovalDocumentUnknown(field="document")

    def _today(self) -> date:
        return local_date(self._store.codec.now())


def _step(dissolution: str, what: str, content: object) -> Request:
    """Each commit of a merger has a key of its own, the same whenever it is tried."""
    return Request(SELF, ids.derived(dissolution, what), request_hash(content), dissolution)
