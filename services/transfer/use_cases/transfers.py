"""Transfers are requested, decided, withdrawn, assigned (TRF-01 to TRF-12)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.transfer.domain import deciding as domain
from services.transfer.domain.events import Side, TransferEvent
from services.transfer.domain.refusals import (
    STARTERS,
    DestinationUnknown,
    LeadingBodyHasNoPart,
    NotTheStarter,
    TicketOver,
    TransferAlreadyOpen,
    TransferStepOver,
)
from services.transfer.domain.refusals_of_exchange import DecidedOutside
from services.transfer.domain.transfer import TRANSFER, Approved, Transfer, asked_of
from services.transfer.use_cases.destinations import Destinations
from services.transfer.use_cases.leaving import Why, check_branch, check_named
from services.transfer.use_cases.registers import require_no_register, require_not_outside
from services.transfer.use_cases.rules import Kinds, TransferRules, all_over
from services.transfer.use_cases.visible import Rights, VisibleTransfers, folded
from services.transfer.use_cases.waits import Waits
from shared.authority.decide import Line
from shared.contracts.org import BranchKind, Category
from shared.deadlines.rows import Deadline
from shared.eventstore.commits import Stored
from shared.eventstore.conditions import Lost
from shared.eventstore.execute import Answer, execute, first_answer, first_answer_in
from shared.eventstore.store import EventStore
from shared.http.refusals import NothingHere
from shared.http.tickets import Tickets
from shared.http.tokens import Principal
from shared.kernel import ids
from shared.kernel.envelope import Actor, Command, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import Refusal
from shared.privacy.vault import ERASED, KeyReader

SELF = Actor("service:transfer")


class Tree(Protocol):
    """`line` answers an organization and all above it."""

    async def line(self, scope: str) -> Line: ...


class TransferCommands(VisibleTransfers):
    """The use cases. `hold_life` is how long member has to answer."""

    def __init__(
        self,
        store: EventStore,
        waits: Waits,
        rules: TransferRules,
        tree: Tree,
        rights: Rights,
        tickets: Tickets,
        keys: KeyReader,
        hold_life: timedelta,
        destinations: Destinations,
        kinds: Kinds,
    ) -> None:
        super().__init__(store, rights)
        self._waits = waits
        self._rules = rules
        self._tree = tree
        self._tickets = tickets
        self._keys = keys
        self._hold_life = hold_life
        self._destinations = destinations
        self._kinds = kinds

    async def request(
        self, request: Request, started_by: Side, person: str, from_branch: str, to: str, why: Why
    ) -> Answer:
        """TRF-01. The note is sealed (TRF-15, P11).

        Raises HeldByAnotherSystem, LeadingBodyHasNoPart, DestinationUnknown, BranchIsNoSuchPlace, AlreadyThere,
        TransferAlreadyOpen.
        """
        transfer = self.begun_by(request)
        if repeated := await first_answer(self._store, transfer, request):
            return repeated
        require_not_outside(await self._tree.line(from_branch))
        assigns = await self._category(to) is not Category.BRANCH
        if not assigns:
            check_named(why.place, await self._kinds.kind(to))
        command = domain.RequestTransfer(
            person=person,
            from_branch=from_branch,
            to=to,
            assigns=assigns,
            started_by=started_by,
            hold_life=self._hold_life,
            terms=await self._rules.terms(from_branch, to),
            above=await all_over(self._tree, from_branch, to),
            **why._asdict(),
        )
        return await self.begin(request, transfer, command)

    async def begin_once(self, request: Request, command: domain.RequestTransfer) -> Answer:
        """The same, whose id follows from the request: a repeat answers as before."""
        transfer = self.begun_by(request)
        return await first_answer(self._store, transfer, request) or await self.begin(request, transfer, command)

    async def begin(self, request: Request, transfer: str, command: domain.RequestTransfer) -> Answer:
        """Raises AlreadyThere, TransferAlreadyOpen."""
        try:
            return await execute(
                self._store,
                TRANSFER,
                transfer,
                request,
                lambda state: domain.request_transfer(command, state, self._store.codec.now()),
                conditions=lambda _state, events: self._waits.beginning(transfer, events) if events else (),
                keys=lambda _events: self._keys_of(command.person, personal=bool(command.note or command.papers)),
                refuse=_taken,
                loaded=(),
            )
        except TransferAlreadyOpen as taken:
            raise await self._already_open(taken.params["transfer"]) from taken

    async def _keys_of(self, person: str, *, personal: bool) -> Mapping[str, bytes]:
        """What a note is sealed with. Raises NothingHere for somebody erased."""
        if not personal:
            return {}
        key = (await self._keys.keys([person]))[person]
        if key is ERASED:
            raise NothingHere
        return {person: key}

    async def request_in(self, request: Request, to: str, ticket: str, why: Why) -> Answer:
        """TRF-03, TRF-04: of whom member found by name and number. Raises TicketOver, and as `request` does."""
        if repeated := await first_answer(self._store, self.begun_by(request), request):
            return repeated
        found = self._tickets.read((to, request.actor.principal), ticket, self._store.codec.now())
        if found is None:
            raise TicketOver(field="ticket")
        person, from_branch = found
        return await self.request(request, Side.IN, person, from_branch, to, why)

    async def approve(
        self, principal: Principal, request: Request, transfer: str, looked_at: str | None = None
    ) -> Answer:
        """The step that waits, by who may decide for its organization: `looked_at`, if they said whose step they saw.

        Raises TransferOver, TransferStepOver.
        """
        organization, commits = await self._deciding(principal, request, transfer, looked_at)
        floating, calendar = await self._kinds.is_floating(organization), await self._rules.calendar()
        command = domain.ApproveTransfer(organization=organization, floating=floating)
        return await self.decide(
            request, transfer, lambda state: domain.approve_transfer(command, state, self._now(), calendar), commits
        )

    async def refuse(
        self, principal: Principal, request: Request, transfer: str, ground: str, looked_at: str | None = None
    ) -> Answer:
        """TRF-12. As `approve`."""
        organization, commits = await self._deciding(principal, request, transfer, looked_at)
        command = domain.RefuseTransfer(organization=organization, ground=ground)
        return await self.decide(
            request, transfer, lambda state: domain.refuse_transfer(command, state, self._now()), commits
        )

    async def assign(self, principal: Principal, request: Request, transfer: str, branch: str) -> Answer:
        """TRF-04, TRF-06. Raises DestinationUnknown, as `check_branch` (TRF-19) and as `assign_destination`."""
        asked = await self.visible(principal, transfer)
        await self._rights.require_write(principal, asked.to)
        line = await self._tree.line(branch)
        if not line.lives or line.scopes[0].category != Category.BRANCH:
            raise DestinationUnknown(field="branch")
        require_no_register(line, "branch")
        kind, calendar = await self._kinds.kind(branch), await self._rules.calendar()
        check_branch(asked, kind)
        floating, assign = kind == BranchKind.FLOATING, domain.assign_destination
        command = domain.AssignDestination(branch=branch, above=line.ids, floating=floating)
        return await self.decide(request, transfer, lambda state: assign(command, state, self._now(), calendar))

    async def withdraw(self, principal: Principal, request: Request, transfer: str) -> Answer:
        """TRF-11. Raises NotTheStarter, TransferOver, LastApprovalGiven."""
        asked = await self.visible(principal, transfer)
        starter = asked.organization(asked.started_by)
        if starter is not None:
            await self._rights.require_write(principal, starter)
        elif principal.id != asked.person or asked.started_by is not Side.MEMBER:
            raise NotTheStarter
        command = domain.WithdrawTransfer()
        return await self.decide(request, transfer, lambda state: domain.withdraw_transfer(command, state, self._now()))

    async def open(self, request: Request, transfer: str, command: domain.OpenTransfer) -> None:
        """TRF-22: member holds the person."""
        calendar = await self._rules.calendar()
        await self.decide(request, transfer, lambda state: domain.open_transfer(command, state, self._now(), calendar))

    async def fail(self, request: Request, transfer: str, command: domain.FailTransfer) -> None:
        await self.decide(request, transfer, lambda state: domain.fail_transfer(command, state))

    async def complete(self, request: Request, transfer: str, command: domain.CompleteTransfer) -> None:
        commits = await self._commits(transfer)
        state, kind = folded(commits), ""
        if isinstance(state, Approved):
            kind = await self._destinations.kind(state.asked.from_branch, state.branch, state.asked.reason)
        await self.decide(request, transfer, lambda held: domain.complete_transfer(command, held, kind), commits)

    async def close(self, request: Request, transfer: str, command: domain.CloseTransfer) -> None:
        await self.decide(request, transfer, lambda state: domain.close_transfer(command, state))

    async def due(
        self, deadline: Deadline, command: Command, decide: Callable[[Transfer], Sequence[TransferEvent]]
    ) -> Answer:
        """A command of a deadline's: once, whoever sends it."""
        request = Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
        return await self.decide(request, deadline.stream, decide)

    def _now(self) -> datetime:
        return self._store.codec.now()

    def begun_by(self, request: Request) -> str:
        return ids.new_stream(TRANSFER.kind, self._store.codec.service, request.actor.principal, request.key)

    async def decide(
        self,
        request: Request,
        transfer: str,
        decide: Callable[[Transfer], Sequence[TransferEvent]],
        loaded: Sequence[Stored] | None = None,
    ) -> Answer:
        return await execute(
            self._store,
            TRANSFER,
            transfer,
            request,
            decide,
            conditions=lambda state, events: self._waits.going_on(transfer, state, events, self._now()),
            loaded=loaded,
        )

    async def _deciding(
        self, principal: Principal, request: Request, transfer: str, looked_at: str | None
    ) -> tuple[str, Sequence[Stored]]:
        """The organization whose step the principal is to decide: the one that waits, or the one they decided for by
        this very request before; and the transfer as it was read.
        """
        commits = await self._visible(principal, transfer)
        if repeated := first_answer_in(commits, self._store, transfer, request):
            return str(getattr(repeated.events[0], "organization", "")), commits
        step = domain.step_of(folded(commits))
        if step.asked.decided_outside(step.side):
            raise DecidedOutside
        if looked_at not in {None, step.organization}:
            raise TransferStepOver
        await self._rights.require_write(principal, step.organization)
        return step.organization, commits

    async def _category(self, organization: str) -> Category:
        """Of a destination. Raises DestinationUnknown, LeadingBodyHasNoPart."""
        line = await self._tree.line(organization)
        if not line.lives:
            raise DestinationUnknown(field="to")
        require_no_register(line, "to")
        if line.scopes[0].category == Category.LEADING_BODY:
            raise LeadingBodyHasNoPart(field="to")
        return Category(line.scopes[0].category)

    async def _already_open(self, transfer: str) -> Refusal:
        asked = asked_of(await self.state(transfer))
        zh, en = STARTERS[asked.started_by if asked else Side.MEMBER]
        return TransferAlreadyOpen(starter=zh, starter_en=en)


def _taken(lost: Lost) -> Refusal:
    return TransferAlreadyOpen(transfer=lost.owner or "")
