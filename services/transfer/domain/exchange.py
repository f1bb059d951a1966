"""One transfer between two systems: what has to be told, what was decided, how it ended (TRF-17, BEY-08).

Whoever offers says how it ends: an acceptance counts once the offering side has said `completed`, and until then the
person is a member where they were. So no person is ever in both, whatever is lost, late, or said twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

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
    What,
)
from services.transfer.domain.refusals_of_exchange import OfferOver
from shared.kernel.decider import Decider
from shared.kernel.envelope import Command

FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)
ASKED_EVERY = timedelta(hours=6)
ENTRY_REMINDED_EVERY = timedelta(days=1)


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
    """They offer. `transfer` brings back somebody we know; a newcomer has none, and is entered at the end."""

    offer: OfferReceived
    transfer: str | None = None
    person: str | None = None
    sent: frozenset[What] = frozenset()
    failed: int = 0
    decision: DecisionDue | None = None
    outcome: OutcomeWord | None = None
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
        return self.outcome is not None and not self.awaits_entry

    @property
    def awaits_entry(self) -> bool:
        """The person left over there, and is not registered here yet."""
        came = self.outcome == "completed" and self.decision is not None and self.decision.newcomer
        return came and self.person is None


Exchange = NoExchange | Outgoing | Incoming


class ReceiveOffer(Command):
    """BEY-08: as it came, without the person."""

    system: str
    reference: str
    organization: str
    from_name: str
    reason: str
    decide_until: datetime


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
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in {type(state).__name__}")


EXCHANGE: Decider[Exchange, ExchangeEvent] = Decider("exchange", NoExchange(), evolve)


def receive_offer(command: ReceiveOffer, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """Once."""
    if not isinstance(state, NoExchange):
        return []
    return [OfferReceived.model_validate(command.model_dump() | {"look_at": min(command.decide_until, now + DAY)})]


def take_decision(decision: str, ground: str, state: Exchange, now: datetime, *, polled: bool) -> list[ExchangeEvent]:
    """The first one stands; another one, or one that came when everything was over, is for people to look at."""
    if not isinstance(state, Outgoing):
        return []
    if state.decision is not None:
        return _noted(state, "other_decision") if state.decision.decision != decision else []
    if state.outcome is not None:
        return _noted(state, "late_decision")
    taken = {"decision": decision, "ground": ground, "polled": polled, "look_at": now}
    return [DecisionTaken.model_validate(taken)]


def end_offer(outcome: OutcomeWord | None, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """The transfer of an offer of ours ended. None: by their own refusal, of which they have the receipt."""
    if not isinstance(state, Outgoing) or state.closed or state.outcome is not None:
        return []
    if outcome is None:
        return [ExchangeClosed()]
    late = state.decision is not None and state.decision.decision == "accepted" and outcome != "completed"
    noted = _noted(state, "late_decision") if late else []
    return [*noted, OutcomeDue(outcome=outcome, look_at=now)]


def match_offer(transfer: str, person: str, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """Raises OfferOver."""
    if isinstance(state, Incoming) and state.transfer == transfer:
        return []
    open_offer(state, now)
    return [OfferMatched(transfer=transfer, person=person)]


def decide_offer(
    decision: str, ground: str, state: Exchange, now: datetime, *, newcomer: bool = False
) -> list[ExchangeEvent]:
    """Of somebody whom we do not know, or what became of the transfer of somebody whom we do. Raises OfferOver."""
    if isinstance(state, Incoming) and state.decision is not None and state.decision.decision == decision:
        return []
    open_offer(state, now)
    values = {"decision": decision, "ground": ground, "newcomer": newcomer, "look_at": now}
    return [DecisionDue.model_validate(values)]


def take_outcome(outcome: OutcomeWord, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """How it ended over there. `completed` without our acceptance changes nothing here and is for people."""
    if not isinstance(state, Incoming):
        return []
    if state.outcome is not None:
        return _noted(state, "other_outcome") if state.outcome != outcome else []
    accepted = state.decision is not None and state.decision.decision == "accepted"
    if outcome == "completed" and not accepted:
        return _noted(state, "outcome_without_acceptance")
    entering = outcome == "completed" and state.decision is not None and state.decision.newcomer
    return [OutcomeTaken(outcome=outcome, look_at=now + ENTRY_REMINDED_EVERY if entering else now)]


def note_entry(person: str, state: Exchange) -> list[ExchangeEvent]:
    """The newcomer is registered. Raises OfferOver."""
    if isinstance(state, Incoming) and state.person == person:
        return []
    if not isinstance(state, Incoming) or not state.awaits_entry:
        raise OfferOver
    return [NewcomerEntered(person=person), ExchangeClosed()]


def sent(what: What, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """They have a message. With the last one everything is said."""
    if isinstance(state, NoExchange) or what in state.sent:
        return []
    told = MessageSent(what=what, look_at=now + ASKED_EVERY)
    refused = isinstance(state, Incoming) and state.decision is not None and state.decision.decision == "refused"
    return [told, ExchangeClosed()] if what == "outcome" or refused else [told]


def not_sent(what: What, cause: str, state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """Tried again after a minute, two, four, and so on, at last every hour."""
    if isinstance(state, NoExchange) or state.due != what:
        return []
    attempt = state.failed + 1
    noted = _noted(state, "wrong_receipt") if cause == "wrong_receipt" else []
    return [
        *noted,
        MessageNotSent(what=what, attempt=attempt, cause=cause, look_at=now + retry_after(attempt)),
    ]


def look_again(state: Exchange, now: datetime) -> list[ExchangeEvent]:
    """Nothing new: whatever still waits is looked at again."""
    match state:
        case NoExchange():
            return []
        case Outgoing() | Incoming() if state.closed:
            return []
        case Incoming() if state.awaits_entry:
            return [EntryReminded(look_at=now + ENTRY_REMINDED_EVERY)]
        case Incoming() if state.over:
            return [ExchangeClosed()]
        case Outgoing() | Incoming():
            return [AnswerAwaited(look_at=now + ASKED_EVERY)]
        case _:
            assert_never(state)


def open_offer(state: Exchange, now: datetime) -> Incoming:
    """An offer of theirs that is still to be decided. Raises OfferOver."""
    if not isinstance(state, Incoming) or not state.undecided or now >= state.offer.decide_until:
        raise OfferOver
    return state


def retry_after(attempt: int) -> timedelta:
    """Before the next one, after so many in vain."""
    doubled: int = 2 ** min(attempt - 1, 10)
    return min(LAST_RETRY, FIRST_RETRY * doubled)


def standing_of(state: Exchange, now: datetime) -> tuple[str, str]:
    """State and ground as the other side is told them."""
    match state:
        case NoExchange():
            return "unknown", ""
        case Outgoing() | Incoming() if state.outcome is not None:
            return state.outcome, ""
        case Outgoing() | Incoming() if state.decision is not None:
            return state.decision.decision, state.decision.ground
        case Incoming() if now >= state.offer.decide_until:
            return "timed_out", ""
        case _:
            return "received", ""


def _noted(state: Outgoing | Incoming, finding: Finding) -> list[ExchangeEvent]:
    return [] if finding in state.findings else [FindingNoted(finding=finding)]


DAY = timedelta(days=1)
