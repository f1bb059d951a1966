"""ORG-09, ORG-10: a branch is emptied and sealed, or goes on; positions end with their organization."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.member.domain import roster as domain
from services.member.domain.events_of_rosters import PostsEnding, RosterClosing
from services.member.domain.person_state import PERSON
from services.member.domain.roster import ROSTER, ClosingRoster, Roster, roster_of
from services.member.domain.transfers import BranchTakesNobody
from services.member.use_cases.records import ROSTERS, moving_conditions
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition, Gate
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.envelope import Actor, Command, Event, Request
from shared.kernel.ids import request_hash

ROSTER_REOPENS = "roster-reopens"
POSTS_LOOKED_FOR_AGAIN = "posts-looked-for-again"
SELF = Actor("service:member")
AT_ONCE = 100


class People(Protocol):
    """The list of people, which may be a moment behind."""

    async def in_branch(self, branch: str, limit: int) -> Sequence[str]: ...
    async def in_post(self, organization: str) -> Sequence[str]: ...


class StillInTheBranch(TimeoutError):
    """The list of people does not show yet whoever is left in the branch: the fact is heard again later."""


class Rosters:
    """The use cases, sent by the reactions with the fact's id as key, and by the worker of the deadlines."""

    def __init__(self, store: EventStore, deadlines: Deadlines, people: People) -> None:
        self._store = store
        self._deadlines = deadlines
        self._people = people
        self._rows = store.database[ROSTERS]

    async def seal(self, request: Request, command: domain.SealBranch) -> None:
        """Answered by a fact, once. Raises StillInTheBranch."""
        if command.to is not None:
            await self._close(request, command)
        state = await self._state(command.branch)
        if domain.answered(command, state):
            return
        try:
            if isinstance(state, ClosingRoster):
                await self._empty(request, state)
            await self._seal(request, command)
        except BranchTakesNobody:
            await self._refuse(request, command, self._opening(command.branch))
        except domain.BranchNotEmpty:
            if isinstance(state, ClosingRoster):
                raise StillInTheBranch(command.branch) from None
            await self._refuse(request, command)

    async def reopen(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends."""
        state = await self._state_of(deadline.stream)
        if not isinstance(state, ClosingRoster):
            return
        command = domain.ReopenRoster(members=await self._members(state.branch))
        await execute(
            self._store,
            ROSTER,
            deadline.stream,
            _reminded(deadline, command),
            lambda state: domain.reopen_roster(command, state, now),
            conditions=lambda *_: [self._opening(state.branch)],
        )

    async def end_posts(self, request: Request, command: domain.EndPosts) -> None:
        """Of whoever the list shows, and once more later."""

        def conditions(_: Roster, events: Sequence[Event]) -> Sequence[Condition]:
            (ending,) = (e for e in events if isinstance(e, PostsEnding))
            due_at, name = ending.look_again_at, ids.derived(POSTS_LOOKED_FOR_AGAIN, ending.organization)
            return [self._deadlines.row(Deadline(name, POSTS_LOOKED_FOR_AGAIN, command.organization, due_at))]

        await self._end_posts(request, command)
        now = self._store.codec.now()
        await execute(
            self._store,
            ROSTER,
            roster_of(command.organization),
            request,
            lambda state: domain.end_posts(command, state, now),
            conditions=conditions,
        )

    async def look_again(self, deadline: Deadline, _now: datetime) -> None:
        command = domain.EndPosts(organization=deadline.stream)
        await self._end_posts(_reminded(deadline, command), command)

    async def _end_posts(self, request: Request, command: domain.EndPosts) -> None:
        async def one(person: str) -> None:
            await execute(self._store, PERSON, person, request, lambda state: domain.end_posts_of(command, state))

        await _all(await self._people.in_post(command.organization), one)

    async def _close(self, request: Request, command: domain.SealBranch) -> None:
        def conditions(_: Roster, events: Sequence[Event]) -> Sequence[Condition]:
            (closing,) = (e for e in events if isinstance(e, RosterClosing))
            name = ids.derived(ROSTER_REOPENS, command.dissolution)
            deadline = Deadline(name, ROSTER_REOPENS, roster_of(command.branch), closing.due_at)
            closed = Gate(ROSTERS, command.branch, "members", 0, {"state": "open"}, create=True, state="closing")
            return [closed, self._deadlines.row(deadline)]

        now = self._store.codec.now()
        await execute(
            self._store,
            ROSTER,
            roster_of(command.branch),
            _step(request, "close"),
            lambda state: domain.close_roster(command, state, now),
            conditions=conditions,
        )

    async def _empty(self, request: Request, closing: ClosingRoster) -> None:
        """Moves whoever the list shows; who is moved already stays where they are.

        Raises BranchTakesNobody where the pending branch is being dissolved itself.
        """
        command = domain.RelocateMember(
            dissolution=closing.dissolution, from_branch=closing.branch, to_branch=closing.to
        )

        async def one(person: str) -> None:
            await execute(
                self._store,
                PERSON,
                person,
                request,
                lambda state: domain.relocate_member(command, state),
                conditions=lambda _state, events: moving_conditions(events),
                refuse=lambda _lost: BranchTakesNobody(),
            )

        await _all(await self._people.in_branch(closing.branch, await self._members(closing.branch)), one)

    async def _seal(self, request: Request, command: domain.SealBranch) -> None:
        """Raises BranchNotEmpty."""
        state = "open" if command.to is None else "closing"
        empty = {"state": state, "members": 0}
        await execute(
            self._store,
            ROSTER,
            roster_of(command.branch),
            _step(request, "seal"),
            lambda state: domain.seal_branch(command, state),
            conditions=lambda *_: [Gate(ROSTERS, command.branch, "members", 0, empty, create=True, state="sealed")],
            refuse=lambda _lost: domain.BranchNotEmpty(),
        )

    def _opening(self, branch: str) -> Gate:
        return Gate(ROSTERS, branch, "members", 0, {"state": "closing"}, state="open")

    async def _refuse(self, request: Request, command: domain.SealBranch, *opening: Condition) -> None:
        refusal = domain.RefuseSeal(
            branch=command.branch, dissolution=command.dissolution, members=await self._members(command.branch)
        )
        await execute(
            self._store,
            ROSTER,
            roster_of(command.branch),
            _step(request, "refuse"),
            lambda state: domain.refuse_seal(refusal, state),
            conditions=lambda *_: opening,
        )

    async def _members(self, branch: str) -> int:
        row = await self._rows.find_one({"_id": branch}, {"members": 1})
        return int(row["members"]) if row else 0

    async def _state(self, branch: str) -> Roster:
        return await self._state_of(roster_of(branch))

    async def _state_of(self, stream: str) -> Roster:
        commits = await self._store.load(stream)
        return ROSTER.fold(e for c in commits for e in c.events)  # type: ignore[misc]


async def _all(people: Sequence[str], one: Callable[[str], Awaitable[None]]) -> None:
    for start in range(0, len(people), AT_ONCE):
        await asyncio.gather(*(one(person) for person in people[start : start + AT_ONCE]))


def _step(request: Request, step: str) -> Request:
    """One fact leads to several commits of one stream: each has a key of its own."""
    return Request(request.actor, f"{request.key}-{step}", request.body_hash, request.correlation, request.causation)


def _reminded(deadline: Deadline, command: Command) -> Request:
    return Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
