"""One transfer between two systems: what has to be told, what was decided, how it ended (TRF-17, BEY-08).

Whoever offers says how it ends: an acceptance counts once the offering side has said `completed`, and until then the
person is a member where they were. So no person is ever in both, whatever is lost, late, or said twice.
"""

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
    OfferReceived,
    OutcomeDue,
    OutcomeTaken,
    OutcomeWord,
    ReturnFailed,
    What,
)
from services.transfer.domain.exchange_states import Exchange, Incoming, NoExchange, Outgoing
from services.transfer.domain.refusals_of_exchange import OfferOver
from shared.kernel.envelope import Command

FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)
ASKED_EVERY = timedelta(hours=6)
DAY = ENTRY_REMINDED_EVERY = timedelta(days=1)


class ReceiveOffer(Command):
    """BEY-08: as it came, without the person."""

    system: str
    reference: str
    organization: str
    above: tuple[str, ...] = ()
    from_name: str
    reason: str
    decide_until: datetime


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
    matchable(state, now)
    return [OfferMatched(transfer=transfer, person=person)]


def answer_offer(
    decision: str, ground: str, state: Exchange, now: datetime, *, newcomer: bool = False
) -> list[ExchangeEvent]:
    """By our organization itself: of whom a transfer brings back, that decides. Raises OfferOver."""
    if isinstance(state, Incoming) and state.transfer is not None:
        raise OfferOver
    return decide_offer(decision, ground, state, now, newcomer=newcomer)


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


def end_return(transfer: str, state: Exchange, now: datetime, *, arrived: bool) -> list[ExchangeEvent]:
    """The transfer that brings back who left over there has ended: they are here, or have to be brought anew."""
    if not isinstance(state, Incoming) or state.closed or not state.returns or state.transfer != transfer:
        return []
    return [ExchangeClosed()] if arrived else [ReturnFailed(transfer=transfer, look_at=now + ENTRY_REMINDED_EVERY)]


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


def matchable(state: Exchange, now: datetime) -> Incoming:
    """An offer to be decided, or one of somebody who left over there and is still to be brought. Raises OfferOver."""
    if isinstance(state, Incoming) and state.awaits_entry and not state.closed:
        return state
    return open_offer(state, now)


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
