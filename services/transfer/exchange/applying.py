"""What the other system decided, carried out on the transfer here (TRF-17)."""

from collections.abc import Callable, Sequence

import structlog

from services.transfer.domain import deciding
from services.transfer.domain.events import TransferEvent
from services.transfer.domain.exchange_states import Exchange, Incoming, Outgoing
from services.transfer.domain.refusals import LastApprovalGiven, TransferOver, TransferStepOver
from services.transfer.domain.refusals_of_disputes import ObjectionUndecided
from services.transfer.domain.transfer import Ended, Ending, Transfer, asked_of
from services.transfer.exchange.peers import SELF
from services.transfer.use_cases.rules import TransferRules
from services.transfer.use_cases.transfers import TransferCommands
from shared.eventstore.store import EventStore
from shared.kernel.envelope import Request
from shared.kernel.ids import request_hash

log = structlog.get_logger()

OUTSIDE = "refused_outside"
_NOT_NOW = (TransferOver, TransferStepOver, LastApprovalGiven, ObjectionUndecided)

Decide = Callable[[Transfer], Sequence[TransferEvent]]


class Applying:
    """Every command is decided by the state it meets. `grounds`: the codes that a refusal of theirs may bear here."""

    def __init__(
        self,
        store: EventStore,
        commands: TransferCommands,
        rules: TransferRules,
        grounds: Callable[[], frozenset[str]],
    ) -> None:
        self._store = store
        self._commands = commands
        self._rules = rules
        self._grounds = grounds

    async def apply(self, exchange: str, state: Exchange, transfer: str) -> None:
        """Nothing where that was done or is over."""
        decide = await self._following(state, transfer)
        if decide is not None:
            await self._decide(Request(SELF, f"{exchange}-outside", request_hash(exchange)), transfer, decide)

    async def give_up(self, key: str, transfer: str) -> None:
        """One that brings back somebody of whom it is decided already."""
        now = self._store.codec.now()
        request, withdraw = Request(SELF, f"{key}-over", request_hash(transfer)), deciding.WithdrawTransfer()
        await self._decide(request, transfer, lambda state: deciding.withdraw_transfer(withdraw, state, now))

    async def arrived(self, transfer: str) -> bool | None:
        """Whether it has brought its person; None while it is under way."""
        match await self._commands.state(transfer):
            case Ended(arrival=arrival):
                return arrival is not None
            case Ending():
                return False
            case _:
                return None

    async def _decide(self, request: Request, transfer: str, decide: Decide) -> None:
        try:
            await self._commands.decide(request, transfer, decide)
        except _NOT_NOW as refusal:
            log.info("exchange.not_applied", transfer=transfer, why=refusal.code)

    async def _following(self, state: Exchange, transfer: str) -> Callable[[Transfer], Sequence[TransferEvent]] | None:
        now, calendar = self._store.codec.now(), await self._rules.calendar()
        asked = asked_of(await self._commands.state(transfer))
        if asked is None:
            return None
        if isinstance(state, Incoming):
            if state.outcome is None:
                return None
            if state.outcome != "completed":
                return lambda found: deciding.withdraw_transfer(deciding.WithdrawTransfer(), found, now)
            yes = deciding.ApproveTransfer(organization=asked.from_branch)
            return lambda found: deciding.approve_transfer(yes, found, now, calendar)
        if not isinstance(state, Outgoing) or state.decision is None:
            return None
        if state.decision.decision == "accepted":
            agreed = deciding.ApproveTransfer(organization=asked.to)
            return lambda found: deciding.approve_transfer(agreed, found, now, calendar)
        known = state.decision.ground in self._grounds()
        no = deciding.RefuseTransfer(organization=asked.to, ground=state.decision.ground if known else OUTSIDE)
        return lambda found: deciding.refuse_transfer(no, found, now)


def transfer_of(state: Exchange) -> str | None:
    """The transfer here that an exchange is about."""
    return state.offer.transfer if isinstance(state, Outgoing) else getattr(state, "transfer", None)
