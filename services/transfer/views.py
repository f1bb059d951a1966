"""What is shown of transfers: to the member, and to who may read one of the sides (TRF-13, TRF-14)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.transfer.domain.events import STEPS, Side
from services.transfer.projections.arrivals import still_there
from services.transfer.projections.disputed import OPEN
from services.transfer.projections.members import Members
from services.transfer.projections.steps import PENDING
from services.transfer.projections.transfers import (
    NEWEST,
    REFUSED,
    REQUESTED,
    TIMED_OUT,
    UNASSIGNED,
    URGENT,
    Transfers,
)
from services.transfer.shapes import May, Search, Step, TransferCard, TransferLine
from services.transfer.shapes_arrivals import HandOver
from services.transfer.shapes_meanwhile import Coordination, Explanation, ObjectionShown, Reminder
from services.transfer.use_cases.disputes import DECIDING_OBJECTIONS
from services.transfer.use_cases.rules import Kinds
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.visible import NOT_FOUND_SECONDS
from services.transfer.views_arrivals import arrival_of, may_receive, moved_on
from services.transfer.views_lines import line, overdue, said, sides_of
from services.transfer.views_which import Selections, Tree, Which
from shared.authority.decide import Act, Duty
from shared.http.pace import even_pace
from shared.http.paging import Cursors, Page
from shared.http.refusals import NothingHere
from shared.http.tokens import Principal
from shared.kernel.clock import from_micros
from shared.kernel.envelope import Actor

URGENT_FIRST = (Which.WAITING, Which.OVERDUE)
STILL_THERE = (Which.ARRIVALS, Which.MOVING_ON)
COUNTED_MAX = 10_000


class Rights(Protocol):
    async def may_read(self, principal: Principal, scope: str) -> bool: ...
    async def may_write(self, principal: Principal, scope: str) -> bool: ...
    async def may_as(self, actor: Actor, scope: str, act: Act | Duty = Act.WRITE) -> bool: ...
    async def require_read(self, principal: Principal, scope: str) -> None: ...


class Views:
    """Reads only."""

    def __init__(
        self,
        transfers: Transfers,
        members: Members,
        commands: TransferCommands,
        tree: Tree,
        rights: Rights,
        cursors: Cursors,
        kinds: Kinds,
        selections: Selections,
    ) -> None:
        self._transfers = transfers
        self._members = members
        self._commands = commands
        self._tree = tree
        self._rights = rights
        self._cursors = cursors
        self._kinds = kinds
        self._selections = selections

    async def card(self, principal: Principal, transfer: str, now: datetime) -> TransferCard:
        """Raises NothingHere."""
        async with even_pace(NOT_FOUND_SECONDS):
            found = await self._transfers.get(transfer)
            if found is None or not await self._commands.may_see(principal, found["person"], sides_of(found)):
                raise NothingHere
        names, left = await self._names([found]), await moved_on(self._members, found)
        unattended = await self._unattended([found])
        steps = [
            Step(**step | {"at": from_micros(step["at"])}, organization_name=names.get(step["organization"], ""))
            for step in found["steps"]
        ]
        reminders = [
            Reminder(**each | {"at": from_micros(each["at"])}, organization_name=names.get(each["organization"], ""))
            for each in found["reminders"]
        ]
        return TransferCard(
            **line(found, names, now, unattended),
            note=found["note"],
            steps=steps,
            reminders=reminders,
            explanations=[Explanation(**said(each, names)) for each in found["explanations"]],
            objection=ObjectionShown(**said(found["objection"], names)) if found["objection"] else None,
            coordination=Coordination(**said(found["coordination"], names)) if found["coordination"] else None,
            hand_overs=[HandOver(**said(each, names)) for each in found["hand_overs"]],
            employment=found["employment"],
            arrival=arrival_of(found, left=left),
            may=await self._may(principal, found, now, left=left),
        )

    async def of_organization(
        self,
        principal: Principal,
        organization: str,
        which: Which,
        search: Search,
        now: datetime,
        limit: int,
        cursor: str | None,
    ) -> Page[TransferLine]:
        """Raises OutsideAuthority."""
        await self._rights.require_read(principal, organization)
        query = await self._selections.of(which, organization)
        of = ["organization", organization, which.value, search.model_dump(mode="json")]
        asked, order = {"$and": [query, search.conditions()]}, URGENT if which in URGENT_FIRST else NEWEST
        page = await self._page(of, asked, order, now, limit, cursor, here=which in STILL_THERE)
        if which is Which.BELOW:
            await self._mark_what_left(principal, organization, page.items)
        if which is Which.MOVING_ON:
            await self._mark_onward(page.items, now)
        if which in URGENT_FIRST:
            page.total = await self._transfers.count(asked, COUNTED_MAX)
        return page

    async def _mark_what_left(self, principal: Principal, organization: str, rows: Sequence[TransferLine]) -> None:
        """ORG-17: neither side is below it any more, and its line stays as the history of that day."""
        sides = {row.transfer: [side for side in (row.from_branch, row.to, row.branch) if side] for row in rows}
        lines = await self._tree.lines({side for both in sides.values() for side in both})
        for row in rows:
            if not any(organization in lines[side].ids for side in sides[row.transfer]):
                row.opens = await self._commands.may_see(principal, row.person, sides[row.transfer])

    async def _mark_onward(self, rows: Sequence[TransferLine], now: datetime) -> None:
        """TRF-20: who is on the way already. Nobody has two open ones (TRF-02)."""
        asked = {"person": {"$in": [row.person for row in rows]}, "ended_at": None}
        found = await self._transfers.page(asked, NEWEST, len(rows) or 1, None)
        names, unattended = await self._names(found), await self._unattended(found)
        by_person = {each["person"]: line(each, names, now, unattended) for each in found}
        for row in rows:
            if (onward := by_person.get(row.person)) and onward["state"] != TIMED_OUT:
                row.onward = TransferLine(**onward)

    async def of_person(
        self, principal: Principal, person: str, search: Search, now: datetime, limit: int, cursor: str | None
    ) -> Page[TransferLine]:
        """For the member, and who may read the branch they are in. Raises NothingHere."""
        async with even_pace(NOT_FOUND_SECONDS):
            branch = await self._members.branch(person)
            if not await self._commands.may_see(principal, person, [branch] if branch else []):
                raise NothingHere
        of = ["person", person, search.model_dump(mode="json")]
        return await self._page(of, {"$and": [{"person": person}, search.conditions()]}, NEWEST, now, limit, cursor)

    async def _page(
        self,
        of: Sequence[Any],
        query: Mapping[str, Any],
        order: tuple[str, int],
        now: datetime,
        limit: int,
        cursor: str | None,
        *,
        here: bool = False,
    ) -> Page[TransferLine]:
        """`here`: only who is still in the branch that they came to, whatever happened since."""
        there = still_there((await self._members.current()).name) if here else ()
        found = await self._transfers.page(query, order, limit + 1, self._cursors.read(of, cursor), there)
        shown, more = found[:limit], len(found) > limit
        last = [shown[-1][order[0]], shown[-1]["_id"]] if more else []
        names, unattended = await self._names(shown), await self._unattended(shown)
        return Page[TransferLine](
            items=[TransferLine(**line(each, names, now, unattended)) for each in shown],
            next=self._cursors.write(of, last) if more else None,
        )

    async def _may(self, principal: Principal, document: Mapping[str, Any], now: datetime, *, left: bool) -> May:
        state, waits_for, starter = document["state"], document["waits_for"], document["starter"]
        writes = waits_for is not None and await self._rights.may_write(principal, waits_for)
        if starter is None:
            started = document["started_by"] == Side.MEMBER and principal.id == document["person"]
        else:
            started = await self._rights.may_write(principal, starter)
        undecided = state in (REQUESTED, PENDING) and not overdue(document, now)
        objected, own = document["objection"], principal.id == document["person"]
        coordination, steps = document["coordination"], STEPS[Side(document["started_by"])]
        return May(
            decide=writes and state == PENDING and undecided,
            assign=writes and state == UNASSIGNED,
            withdraw=started and undecided,
            explain=writes and (state == UNASSIGNED or undecided),
            object=own and undecided and objected is None and starter is not None and bool(steps),
            decide_objection=undecided
            and objected is not None
            and objected["state"] == OPEN
            and await self._decides_objections(principal, starter),
            coordinate=state == REFUSED and coordination is None and (own or started),
            answer_coordination=coordination is not None
            and coordination["state"] == OPEN
            and await self._rights.may_write(principal, coordination["organization"]),
            **await may_receive(self._rights, self._kinds, principal, document, undecided=undecided, left=left),
        )

    async def _decides_objections(self, principal: Principal, starter: str) -> bool:
        """TRF-11: an admin of the direct superior, and of none further up."""
        superior = (await self._tree.line(starter)).ids[1:2]
        if not superior or not await self._rights.may_write(principal, superior[0]):
            return False
        return await self._rights.may_as(principal.actor, starter, DECIDING_OBJECTIONS)

    async def _unattended(self, documents: Sequence[Mapping[str, Any]]) -> set[str]:
        """Of those who are waited for, whose superior decides (ADM-08)."""
        return await self._selections.unattended({each["waits_for"] for each in documents if each["waits_for"]})

    async def _names(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Full names of all organizations that the documents name."""
        wanted = {each for document in documents for each in (*sides_of(document), document["waits_for"])}
        wanted |= {step["organization"] for document in documents for step in document["steps"]}
        return {id_: node.name for id_, node in (await self._tree.nodes([w for w in wanted if w])).items()}
