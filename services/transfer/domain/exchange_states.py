"""How far a transfer between two systems is, on this side (TRF-17, BEY-08)."""

from dataclasses import dataclass, replace

from services.transfer.domain.events_of_exchange import (
    AnswerAwaited,
    DecisionDue,
    DecisionTaken,
    EntryReminded,
    ExchangeClosed,
    ExchangeEvent,
    Finding,
    FindingNoted,
    MessageNotSent,
    MessageSent,
    NewcomerEntered,
    OfferMatched,
    OfferPrepared,
    OfferReceived,
    OutcomeDue,
    OutcomeTaken,
    OutcomeWord,
    ReturnFailed,
    What,
)
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class NoExchange:
    """Nobody offered anything."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """We offer. `sent` are the messages that they have; `failed`: in vain so far, of the one that is due."""

    offer: OfferPrepared
    sent: frozenset[What] = frozenset()
    failed: int = 0
    decision: DecisionTaken | None = None
    outcome: OutcomeWord | None = None
    findings: frozenset[Finding] = frozenset()
    closed: bool = False

    @property
    def due(self) -> What | None:
        """What they have to be told now. An offer that nobody has heard of is not made any more once it ended."""
        if self.outcome is not None:
            return None if "outcome" in self.sent else "outcome"
        return None if "offer" in self.sent or self.decision else "offer"


@dataclass(frozen=True, slots=True)
class Incoming:
    """They offer. `transfer` brings back somebody we know; a newcomer has none, and is entered at the end.

    `lost`: they left over there, and the transfer that was to bring them came to nothing.
    """

    offer: OfferReceived
    transfer: str | None = None
    person: str | None = None
    sent: frozenset[What] = frozenset()
    failed: int = 0
    decision: DecisionDue | None = None
    outcome: OutcomeWord | None = None
    lost: bool = False
    findings: frozenset[Finding] = frozenset()
    closed: bool = False

    @property
    def due(self) -> What | None:
        """What they have to be told now."""
        waits = self.decision is not None and self.outcome is None and "decision" not in self.sent
        return "decision" if waits else None

    @property
    def undecided(self) -> bool:
        return self.decision is None and self.outcome is None

    @property
    def over(self) -> bool:
        """Nothing is left to be said or done."""
        return self.outcome is not None and not self.awaits_entry and not self.returns

    @property
    def left(self) -> bool:
        """They are a member over there no longer, because we agreed."""
        return self.outcome == "completed" and self.decision is not None and self.decision.decision == "accepted"

    @property
    def returns(self) -> bool:
        """They left over there, and `transfer` brings them."""
        return self.left and self.transfer is not None

    @property
    def awaits_entry(self) -> bool:
        """They left over there, and nobody is registered here yet, or they are still in the register branch."""
        newcomer = self.decision is not None and self.decision.newcomer
        return self.left and (newcomer or self.lost) and self.person is None


Exchange = NoExchange | Outgoing | Incoming


def evolve(state: Exchange, event: ExchangeEvent) -> Exchange:
    """The state after one more event of the stream."""
    match event, state:
        case OfferPrepared(), NoExchange():
            return Outgoing(event)
        case OfferReceived(), NoExchange():
            return Incoming(event)
        case MessageSent(what=what), Outgoing() | Incoming():
            return replace(state, sent=state.sent | {what}, failed=0)
        case MessageNotSent(attempt=attempt), Outgoing() | Incoming():
            return replace(state, failed=attempt)
        case AnswerAwaited() | EntryReminded(), Outgoing() | Incoming():
            return state
        case FindingNoted(finding=finding), Outgoing() | Incoming():
            return replace(state, findings=state.findings | {finding})
        case ExchangeClosed(), Outgoing() | Incoming():
            return replace(state, closed=True)
        case DecisionTaken(), Outgoing():
            return replace(state, decision=event, failed=0)
        case OutcomeDue(outcome=outcome), Outgoing():
            return replace(state, outcome=outcome, failed=0)
        case _:
            return _incoming(state, event)


def _incoming(state: Exchange, event: ExchangeEvent) -> Exchange:
    match event, state:
        case OfferMatched(transfer=transfer, person=person), Incoming():
            return replace(state, transfer=transfer, person=person)
        case DecisionDue(), Incoming():
            return replace(state, decision=event, failed=0)
        case OutcomeTaken(outcome=outcome), Incoming():
            return replace(state, outcome=outcome)
        case NewcomerEntered(person=person), Incoming():
            return replace(state, person=person)
        case ReturnFailed(), Incoming():
            return replace(state, transfer=None, person=None, lost=True)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


EXCHANGE: Decider[Exchange, ExchangeEvent] = Decider("exchange", NoExchange(), evolve)
