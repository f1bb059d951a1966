"""TRF-23: open transfers follow the tree, and end with the membership they are about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, cast

from services.transfer.domain import succession as domain
from services.transfer.domain.disputes import HandOnCoordination, hand_on_coordination
from services.transfer.domain.events_of_successions import OrganizationSucceeded
from services.transfer.domain.succession import SUCCESSION, Succession
from services.transfer.use_cases.rules import TransferRules, all_over
from services.transfer.use_cases.successors import Successors, heir, succession_of, took_members
from services.transfer.use_cases.transfers import SELF, TransferCommands, Tree
from services.transfer.use_cases.waits import OPEN
from shared.authority.decide import Line
from shared.contracts.org import Category
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Claim, Condition
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.envelope import Event, Request
from shared.kernel.ids import request_hash

LOOKED_FOR_AGAIN = "succession-looked-for-again"


class Transfers(Protocol):
    """The list of transfers, which may be a moment behind."""

    async def open_of(self, organization: str) -> Sequence[str]:
        """Those that are not over, from it or to it."""
        ...

    async def coordinated_by(self, organization: str) -> Sequence[str]:
        """Those with a case that it is to answer (TRF-12)."""
        ...


class Successions:
    """The use cases, sent by the reactions with the fact's id as key, and by the worker of the deadlines."""

    def __init__(
        self,
        store: EventStore,
        commands: TransferCommands,
        rules: TransferRules,
        transfers: Transfers,
        tree: Tree,
        deadlines: Deadlines,
    ) -> None:
        self._store = store
        self._commands = commands
        self._rules = rules
        self._transfers = transfers
        self._tree = tree
        self._deadlines = deadlines
        self._successors = Successors(store)

    async def follow(self, request: Request, command: domain.NoteSuccession) -> None:
        """Every transfer that the list shows, and once more later for those that it did not show yet."""
        stream, now = succession_of(command.organization), self._store.codec.now()

        def conditions(_: Succession, events: Sequence[Event]) -> Sequence[Condition]:
            (noted,) = (e for e in events if isinstance(e, OrganizationSucceeded))
            name = ids.derived(LOOKED_FOR_AGAIN, noted.organization)
            return [self._deadlines.row(Deadline(name, LOOKED_FOR_AGAIN, stream, noted.look_again_at))]

        await execute(
            self._store,
            SUCCESSION,
            stream,
            request,
            lambda state: domain.note_succession(command, state, now),
            conditions=conditions,
        )
        await self._redirect(request, command)

    async def look_again(self, deadline: Deadline, _now: datetime) -> None:
        stored = await self._store.load(deadline.stream)
        noted = cast("OrganizationSucceeded", stored[0].events[0])
        command = domain.NoteSuccession(**noted.model_dump(exclude={"look_again_at", "personal"}))
        request = Request(SELF, deadline.id, request_hash(command.model_dump(mode="json")))
        await self._redirect(request, command)

    async def member_left(self, request: Request, person: str, command: domain.EndTransfer) -> None:
        """Of the one transfer that a person may be in (TRF-02)."""
        claim = await self._store.database["claims"].find_one({"_id": Claim(OPEN, person).id}, {"owner": 1})
        if claim is None:
            return
        now = self._store.codec.now()
        await self._commands.decide(
            request, str(claim["owner"]), lambda state: domain.end_transfer(command, state, now)
        )

    async def _redirect(self, request: Request, noted: domain.NoteSuccession) -> None:
        (to, assigns), out = await self._receiver(noted), await self._successors.living(noted.successor, took_members)
        above = await all_over(self._tree, *(each for each in (out, to) if each))
        goes = {"out": out, "to": to, "assigns": assigns, "above": above}
        command = domain.RedirectTransfer(gone=noted.organization, **goes)
        calendar, now = await self._rules.calendar(), self._store.codec.now()
        for transfer in await self._transfers.open_of(noted.organization):
            await self._commands.decide(
                request, transfer, lambda state: domain.redirect_transfer(command, state, now, calendar)
            )
        answers = HandOnCoordination(
            gone=noted.organization, organization=await self._successors.heir(noted.organization)
        )
        for transfer in await self._transfers.coordinated_by(noted.organization):
            await self._commands.decide(request, transfer, lambda state: hand_on_coordination(answers, state, now))

    async def _receiver(self, noted: domain.NoteSuccession) -> tuple[str | None, bool]:
        """Who receives in its stead: what it was merged into, or else its superior, which then assigns a branch."""
        receiver = await self._successors.living(heir(noted), heir)
        line = await self._tree.line(receiver) if receiver else Line()
        if not line.lives or line.scopes[0].category == Category.LEADING_BODY:
            return None, False
        return receiver, line.scopes[0].category != Category.BRANCH
