"""Delays are explained, members object, refused transfers are coordinated (TRF-10 to TRF-12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.transfer.domain import disputes as domain
from services.transfer.domain.asked import Asked
from services.transfer.domain.events import TransferEvent
from services.transfer.domain.passing_time import RemindCoordination, remind_coordination
from services.transfer.domain.refusals_of_disputes import NothingWaits, NotRefused, NotTheMember, OwnTransfer
from services.transfer.domain.transfer import Pending, Transfer, Unassigned
from services.transfer.use_cases.successors import Successors
from services.transfer.use_cases.transfers import TransferCommands
from shared.authority.decide import Duty
from shared.deadlines.rows import Deadline
from shared.eventstore.execute import Answer
from shared.http.tokens import Principal
from shared.kernel.clock import Clock
from shared.kernel.envelope import Request

DECIDING_OBJECTIONS = Duty("deciding_objections", lambda line: line.ids[1:2])
"""TRF-11: the direct superior of who started the transfer."""


class Rights(Protocol):
    async def require_write(self, principal: Principal, scope: str) -> None: ...
    async def require_duty(self, principal: Principal, duty: Duty, scope: str) -> None: ...


class TransferDisputes:
    """The use cases. Whoever may not see the transfer hears NothingHere (X14).

    `objection_withdraws`: by setting an objection ends the transfer, and nobody has to decide about it.
    """

    def __init__(
        self,
        commands: TransferCommands,
        successors: Successors,
        rights: Rights,
        clock: Clock,
        *,
        objection_withdraws: bool,
    ) -> None:
        self._commands = commands
        self._successors = successors
        self._rights = rights
        self._clock = clock
        self.objection_withdraws = objection_withdraws

    async def explain_delay(self, principal: Principal, request: Request, transfer: str, explanation: str) -> Answer:
        """By whom it waits for. Raises NothingWaits."""
        await self._commands.visible(principal, transfer)
        if repeated := await self._commands.repeated(request, transfer):
            return repeated
        organization = _waiting(await self._commands.state(transfer))
        await self._rights.require_write(principal, organization)
        command = domain.ExplainDelay(organization=organization, explanation=explanation)
        return await self._commands.decide(
            request, transfer, lambda state: domain.explain_delay(command, state, self._now())
        )

    async def object_to(self, principal: Principal, request: Request, transfer: str, objection: str) -> Answer:
        """By the member. Raises NotTheMember, and the refusals of `object_to_transfer`."""
        asked = await self._commands.visible(principal, transfer)
        if principal.id != asked.person:
            raise NotTheMember
        command = domain.ObjectToTransfer(objection=objection, withdraws=self.objection_withdraws)
        return await self._commands.decide(
            request, transfer, lambda state: domain.object_to_transfer(command, state, self._now())
        )

    async def decide_objection(self, principal: Principal, request: Request, transfer: str, *, upheld: bool) -> Answer:
        """By the starter's superior. Raises OwnTransfer, NoObjection, LastApprovalGiven, TransferOver."""
        asked = await self._commands.visible(principal, transfer)
        starter = asked.organization(asked.started_by)
        if starter is None:
            raise OwnTransfer
        await self._rights.require_duty(principal, DECIDING_OBJECTIONS, starter)
        command = domain.DecideObjection(upheld=upheld)
        return await self._commands.decide(
            request, transfer, lambda state: domain.decide_objection(command, state, self._now())
        )

    async def request_coordination(self, principal: Principal, request: Request, transfer: str) -> Answer:
        """By the member, or who started it. Raises NotRefused."""
        asked = await self._commands.visible(principal, transfer)
        await self._require_party(principal, asked)
        command = domain.RequestCoordination(organization=await self._successors.heir(asked.from_branch))
        return await self._commands.decide(
            request, transfer, lambda state: domain.request_coordination(command, state, self._now())
        )

    async def answer_coordination(self, principal: Principal, request: Request, transfer: str, answer: str) -> Answer:
        """By the member's own organization, or who succeeded it. Raises NoCoordination, CoordinationAlreadyAnswered."""
        asked = await self._commands.visible(principal, transfer)
        coordinator = domain.coordinator(await self._commands.state(transfer))
        await self._rights.require_write(principal, coordinator or asked.from_branch)
        command = domain.AnswerCoordination(answer=answer)
        return await self._commands.decide(request, transfer, lambda state: domain.answer_coordination(command, state))

    async def remind(self, deadline: Deadline, now: datetime) -> None:
        """P8: what the worker of the deadlines sends. TRF-23: who is there no more is not reminded."""
        command, asked = RemindCoordination(), domain.coordinator(await self._commands.state(deadline.stream)) or ""
        on = domain.HandOnCoordination(gone=asked, organization=await self._successors.heir(asked))

        def decide(state: Transfer) -> Sequence[TransferEvent]:
            if on.organization == on.gone:
                return remind_coordination(command, state, now)
            return domain.hand_on_coordination(on, state, now)

        await self._commands.due(deadline, command, decide)

    async def _require_party(self, principal: Principal, asked: Asked) -> None:
        if principal.id == asked.person:
            return
        starter = asked.organization(asked.started_by)
        if starter is None:
            raise NotRefused
        await self._rights.require_write(principal, starter)

    def _now(self) -> datetime:
        return self._clock.now()


def _waiting(state: Transfer) -> str:
    if not isinstance(state, Pending | Unassigned):
        raise NothingWaits
    return state.organization
