"""TRF-02, TRF-22: what member does for a transfer: it holds the person, moves them, or lets them go again."""

from collections.abc import Callable

from services.member.domain import transfers as domain
from services.member.domain.events import PersonEvent
from services.member.domain.person_state import PERSON, PersonState
from services.member.use_cases.records import moving_conditions
from shared.eventstore.execute import execute
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Request


class TransferredPeople:
    """The use cases, sent by the reactions with the fact's id as key: the second delivery finds the first answer."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def hold(self, request: Request, person: str, command: domain.PlaceHold) -> None:
        await execute(self._store, PERSON, person, request, lambda state: domain.place_hold(command, state))

    async def release(self, request: Request, person: str, command: domain.ReleaseHold) -> None:
        await execute(self._store, PERSON, person, request, lambda state: domain.release_hold(command, state))

    async def redirect(self, request: Request, person: str, command: domain.RedirectHold) -> None:
        await execute(self._store, PERSON, person, request, lambda state: domain.redirect_hold(command, state))

    async def move(self, request: Request, person: str, command: domain.MoveMember) -> None:
        """Both rosters change with the fact, or nothing does: then the transfer is told why."""
        await self._moving(request, person, command.transfer, lambda state: domain.move_member(command, state))

    async def answer(self, request: Request, person: str, command: domain.AnswerTransfer) -> None:
        """The same, where the transfer has waited for it, or for the end of the hold."""
        await self._moving(request, person, command.transfer, lambda state: domain.answer_transfer(command, state))

    async def _moving(
        self, request: Request, person: str, transfer: str, decide: Callable[[PersonState], list[PersonEvent]]
    ) -> None:
        try:
            await execute(
                self._store,
                PERSON,
                person,
                request,
                decide,
                conditions=lambda _state, events: moving_conditions(events),
                refuse=lambda _lost: domain.BranchTakesNobody(),
            )
        except domain.BranchTakesNobody:
            refusal = domain.RefuseMove(transfer=transfer, cause="branch_closing")
            await execute(self._store, PERSON, person, request, lambda state: domain.refuse_move(refusal, state))
