"""Moving an organization: the ways in the tree, what changes with it, and an operator's own act (ORG-17)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.org.domain.events_of_moves import OrganizationMoved
from services.org.domain.migrating import MigrationOpen
from services.org.domain.moving import (
    MoveAcrossProvinces,
    MoveOrganization,
    NameTakenThere,
    Ways,
    move_across_provinces,
    move_organization,
)
from services.org.domain.organization import ORGANIZATION, Organization, OrganizationUnknown, established
from services.org.use_cases.organizations import NAME, claims_of
from services.org.use_cases.rechecking import rechecking
from services.org.use_cases.superiors import state_of
from services.org.use_cases.tree_rows import TreeRows
from shared.deadlines.rows import Deadlines
from shared.eventstore.conditions import Claim, Condition, Lost, Release
from shared.eventstore.execute import ATTEMPTS, Answer, execute, first_answer
from shared.eventstore.store import EventStore
from shared.http.refusals import OnlyCentralOperators
from shared.http.tokens import Principal
from shared.kernel.envelope import Event, Request
from shared.kernel.refusals import ChangedMeanwhile, Refusal

OPEN = "open-migration"
"""The claim of an organization's one open migration (ORG-17)."""


class TreeMoved(Exception):
    """Something of the tree moved since it was looked at: look again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """As of one look at the tree; `moves` says how many moves there had been before it."""

    superior: Organization
    ways: Ways
    moves: int


class Moving:
    """What migrations, mergers and operators have in common."""

    def __init__(self, store: EventStore, rows: TreeRows, deadlines: Deadlines) -> None:
        self._store = store
        self._rows = rows
        self._deadlines = deadlines

    async def prepared(self, organization: str, to: str, *, place: bool = True) -> Prepared:
        """Without a `place` it is a look only. Raises OrganizationUnknown and OrganizationGone of the new superior."""
        moves = await self._rows.moves()
        present, new = await self._rows.path(organization), await self._rows.path(to)
        if not new or not present:
            raise OrganizationUnknown(field="to" if present else None)
        order = await self._rows.next_place(to) if place else 0
        ways = Ways(present, new, await self._rows.depth(organization), order)
        return Prepared(await state_of(self._store, to), ways, moves)

    def conditions(
        self, organization: str, prepared: Prepared, state: Organization, events: Sequence[Event]
    ) -> Sequence[Condition]:
        """The rows of all three, the name under the new superior, and that nothing else moved meanwhile; whether it is
        a school of its own there is looked at (GRD-01).
        """
        (moved,) = (event for event in events if isinstance(event, OrganizationMoved))
        name = established(state).information.full_name
        before, after = (claims_of(superior, name, "")[0] for superior in (moved.former, moved.superior))
        rows = self._rows.moving(organization, moved.former, moved.superior, moved.order, prepared.moves)
        school = rechecking(self._deadlines, organization, f"moves-{prepared.moves}", self._store.codec.now())
        return [*rows, Release(before.kind, before.value), after, *school]

    async def move(self, request: Request, command: MoveOrganization) -> Answer:
        """One commit in its own stream. Raises as `check_moving` does, NameTakenThere, ChangedMeanwhile."""
        organization = command.organization

        async def once() -> Answer:
            prepared = await self.prepared(organization, command.to)
            return await execute(
                self._store,
                ORGANIZATION,
                organization,
                request,
                lambda state: move_organization(command, state, prepared.superior, prepared.ways),
                conditions=lambda state, events: self.conditions(organization, prepared, state, events),
                refuse=lost_refusal,
            )

        return await repeated(once)

    async def move_across(
        self, principal: Principal, request: Request, organization: str, command: MoveAcrossProvinces
    ) -> Answer:
        """ORG-17: into another province, or wherever else; an operator's only. Raises MigrationOpen, and as `move`."""
        if not principal.central:
            raise OnlyCentralOperators
        if answer := await first_answer(self._store, organization, request):
            return answer
        claim = Claim(OPEN, organization)
        if await self._store.database["claims"].find_one({"_id": claim.id}, {"_id": 1}):
            raise MigrationOpen
        return await self.move(request, move_across_provinces(command, organization))


async def repeated(once: Callable[[], Awaitable[Answer]]) -> Answer:
    """Looks again as often as the tree moved under it."""
    for _ in range(ATTEMPTS):
        try:
            return await once()
        except TreeMoved:
            continue
    raise ChangedMeanwhile


def lost_refusal(lost: Lost) -> Refusal:
    """The refusal for a name that is taken; raises TreeMoved for all that a new look explains."""
    if isinstance(lost.condition, Claim) and lost.condition.kind == NAME:
        return NameTakenThere(field="to")
    raise TreeMoved
