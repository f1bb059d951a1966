"""TRF-08: a batch is asked for in one commit; the worker of the deadlines starts a transfer for each of its members.

Each transfer's id follows from batch and person, so a worker that was killed anywhere goes on where it stopped: nobody
is started twice, and the row of the deadline stays until everybody's outcome is written.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, cast

from services.transfer.domain import batch as domain
from services.transfer.domain import deciding
from services.transfer.domain.batch import BATCH, Batch
from services.transfer.domain.events import Side
from services.transfer.domain.events_of_batches import BatchEvent, BatchRequested
from services.transfer.domain.refusals import MemberNotInBranch
from services.transfer.domain.refusals_of_batches import BatchOfCommitteesOnly, BatchRightLost, BranchNotBelow
from services.transfer.domain.transfer import TRANSFER
from services.transfer.use_cases.rules import all_over
from services.transfer.use_cases.transfers import SELF, TransferCommands
from shared.authority.decide import Act, Duty, Line
from shared.contracts.org import Category
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import Answer, execute, first_answer
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import Refusal
from shared.privacy.opening import open_batch
from shared.privacy.vault import ERASED, KeyReader

BATCH_DUE = "batch-due"
MAY_MOVE = (Category.COMMITTEE, Category.WORKING_COMMITTEE, Category.GENERAL_BRANCH)


class Tree(Protocol):
    async def line(self, scope: str) -> Line:
        """An organization and all above it."""
        ...


class Rights(Protocol):
    async def may_as(self, actor: Actor, scope: str, act: Act | Duty = Act.WRITE) -> bool: ...


class Whereabouts(Protocol):
    """Where members are, as far as is known here."""

    async def branch(self, person: str) -> str | None: ...
    async def branches(self, people: Collection[str]) -> Mapping[str, str]: ...


class Batches:
    """The use cases. `hold_life` as for every transfer."""

    def __init__(
        self,
        store: EventStore,
        deadlines: Deadlines,
        commands: TransferCommands,
        members: Whereabouts,
        tree: Tree,
        rights: Rights,
        keys: KeyReader,
        hold_life: timedelta,
    ) -> None:
        self._store = store
        self._deadlines = deadlines
        self._commands = commands
        self._members = members
        self._tree = tree
        self._rights = rights
        self._keys = keys
        self._hold_life = hold_life

    async def request(
        self,
        request: Request,
        organization: str,
        from_branch: str,
        to: str,
        people: Sequence[str],
        reason: str,
        note: str = "",
    ) -> Answer:
        """Raises BatchOfCommitteesOnly, BranchNotBelow, and as `request_batch` does."""
        batch = ids.new_stream(BATCH.kind, self._store.codec.service, request.actor.principal, request.key)
        if repeated := await first_answer(self._store, batch, request):
            return repeated
        await self._require_above(organization, from_branch, to)
        domain.check_people(people)
        keys = await self._keys_of(people) if note else {}
        command = domain.RequestBatch(
            organization=organization,
            from_branch=from_branch,
            to=to,
            reason=reason,
            people=tuple(people),
            note=note,
            sealable=frozenset(keys),
        )

        async def sealing(_: Sequence[Event]) -> Mapping[str, bytes]:
            return keys

        return await execute(
            self._store,
            BATCH,
            batch,
            request,
            lambda state: domain.request_batch(command, state),
            conditions=lambda _state, events: [self._due(batch)] if events else (),
            keys=sealing,
        )

    async def _require_above(self, organization: str, from_branch: str, to: str) -> None:
        """Raises BatchOfCommitteesOnly, BranchNotBelow."""
        line = await self._tree.line(organization)
        if not line.lives or line.scopes[0].category not in MAY_MOVE:
            raise BatchOfCommitteesOnly
        for field, branch in (("from_branch", from_branch), ("to", to)):
            if not await self._below(organization, branch):
                raise BranchNotBelow(field=field)

    async def carry_out(self, deadline: Deadline, _now: datetime) -> None:
        """What the worker of the deadlines sends, until everybody's outcome is written."""
        commits = [document async for document in self._store.documents([deadline.stream])]
        codec = self._store.codec
        state: Batch = BATCH.fold(cast("BatchEvent", e) for each in commits for e in codec.decode(each).events)
        if state.asked is None or state.carried_out:
            return
        first = codec.recorded(commits[0])
        opened = await open_batch(self._keys, first)
        notes = {fact.data["person"]: opened[fact.event_id]["note"] for fact in first if fact.event_id in opened}
        actor, asked = first[0].actor, state.asked
        hindrance = await self._hindrance(actor, asked)
        causes = await asyncio.gather(  # at once: what is started together is written together
            *(self._start(deadline.stream, actor, asked, p, notes.get(p, ""), hindrance) for p in state.people)
        )
        left_out = {person: cause for person, cause in zip(state.people, causes, strict=True) if cause}
        command = domain.CarryOutBatch(left_out=left_out)
        request = Request(SELF, deadline.id, request_hash(deadline.stream))
        await execute(
            self._store, BATCH, deadline.stream, request, lambda state: domain.carry_out_batch(command, state)
        )

    async def _start(
        self, batch: str, actor: Actor, asked: BatchRequested, person: str, note: str, hindrance: Refusal | None
    ) -> str | None:
        """The code of the refusal, or None for whose transfer is there. What will pass is raised: the row stays."""
        transfer = transfer_of(self._store.codec.service, batch, person)
        if await self._store.load(transfer):
            return None
        if hindrance:
            return hindrance.code
        if await self._members.branch(person) != asked.from_branch:
            return MemberNotInBranch().code
        command = deciding.RequestTransfer(
            person=person,
            from_branch=asked.from_branch,
            to=asked.to,
            assigns=False,
            started_by=Side.ABOVE,
            reason=asked.reason,
            hold_life=self._hold_life,
            note=note,
            above=await all_over(self._tree, asked.from_branch, asked.to),
            superior=asked.organization,
            batch=batch,
        )
        try:
            await self._commands.begin(Request(actor, batch, request_hash([batch, person])), transfer, command)
        except Refusal as no:
            if no.passes:
                raise
            return no.code
        return None

    async def _hindrance(self, actor: Actor, asked: BatchRequested) -> Refusal | None:
        """Whether something changed since it was asked for that forbids all of it."""
        if not await self._rights.may_as(actor, asked.organization):
            return BatchRightLost()
        both = [await self._below(asked.organization, branch) for branch in (asked.from_branch, asked.to)]
        return None if all(both) else BranchNotBelow()

    async def _below(self, organization: str, branch: str) -> bool:
        line = await self._tree.line(branch)
        return line.lives and line.scopes[0].category == Category.BRANCH and organization in line.ids[1:]

    async def _keys_of(self, people: Sequence[str]) -> Mapping[str, bytes]:
        """Of who was erased there is none, and no note either; and nobody has any who is a member nowhere."""
        found = await self._keys.keys(await self._members.branches(people))
        return {person: key for person, key in found.items() if key is not ERASED}

    def _due(self, batch: str) -> Condition:
        """At once, and again until it is done: the row goes when `carry_out` returns."""
        now = self._store.codec.now()
        return self._deadlines.row(Deadline(ids.derived(BATCH_DUE, batch), BATCH_DUE, batch, now))


def transfer_of(service: str, batch: str, person: str) -> str:
    """The id of a member's transfer in a batch, before and after it was started."""
    return ids.new_stream(TRANSFER.kind, service, batch, person)
