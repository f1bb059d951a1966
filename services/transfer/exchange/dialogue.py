"""What the two systems say to one another about one transfer, and what follows here (TRF-17, BEY-08).

The stream of the exchange and that of the transfer are two: each tells the other by a deadline that is due at once, so
whatever stops in between goes on, and every command is decided again by the state it meets.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

import structlog

from services.transfer.domain import exchange as domain
from services.transfer.domain.asked import Asked
from services.transfer.domain.events import Side, TransferEvent
from services.transfer.domain.events_of_exchange import ExchangeClosed, ExchangeEvent, OfferPrepared, OutcomeWord
from services.transfer.domain.exchange_states import EXCHANGE, Exchange, Incoming, NoExchange, Outgoing
from services.transfer.domain.refusals_of_exchange import OfferOver
from services.transfer.domain.transfer import TRANSFER, Ended, Ending, Pending, Transfer, asked_of
from services.transfer.exchange.applying import Applying, transfer_of
from services.transfer.exchange.peers import FAILURES, SELF, NotReached
from services.transfer.exchange.telling import Telling
from services.transfer.exchange.words import ground_of, outcome_of
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Event, Request
from shared.kernel.ids import request_hash
from shared.observability.metric_names import counter

log = structlog.get_logger()

EXCHANGE_DUE, EXCHANGE_FORGET = "exchange-due", "exchange-forget"
KEPT = timedelta(days=30)
"""How long the data of somebody who was offered to us are kept after it ended."""
_FINDINGS = counter("tuan_exchange_findings_total")

Decide = Callable[[Exchange], Sequence[ExchangeEvent]]
Conditions = Callable[[Sequence[Event]], Sequence[Condition]]
NOTHING: Mapping[str, bytes] = {}


def _none(_events: Sequence[Event]) -> Sequence[Condition]:
    return ()


class Dialogue:
    """The use cases."""

    def __init__(self, store: EventStore, deadlines: Deadlines, applying: Applying, telling: Telling) -> None:
        self._store = store
        self._deadlines = deadlines
        self._applying = applying
        self._telling = telling

    async def state(self, exchange: str) -> Exchange:
        commits = await self._store.load(exchange)
        return EXCHANGE.fold(cast("ExchangeEvent", e) for c in commits for e in c.events)

    async def record(
        self,
        request: Request,
        exchange: str,
        decide: Decide,
        more: Conditions = _none,
        keys: Mapping[str, bytes] = NOTHING,
    ) -> Answer:
        """One command on the stream of an exchange, with the next look at it. Raises what `decide` raises."""

        async def sealing(_events: Sequence[Event]) -> Mapping[str, bytes]:
            return keys

        def conditions(state: Exchange, events: Sequence[Event]) -> Sequence[Condition]:
            return [*self._rows(request.key, exchange, state, events), *more(events)]

        answer = await execute(self._store, EXCHANGE, exchange, request, decide, conditions=conditions, keys=sealing)
        for event in answer.events if not answer.repeated else ():
            if finding := getattr(event, "finding", None):
                _FINDINGS.inc()
                log.warning("exchange.finding", exchange=exchange, finding=finding)
        return answer

    async def note(self, key: str, exchange: str, decide: Decide) -> Answer:
        """The same, by this service itself."""
        return await self.record(Request(SELF, key, request_hash(key)), exchange, decide)

    async def news(self, deadline: Deadline, _now: datetime) -> None:
        """The transfer moved on: what the other system has to be told of that."""
        transfer, stored = deadline.stream, await self._store.load(deadline.stream)
        events = [cast("TransferEvent", e) for c in stored for e in c.events]
        state = TRANSFER.fold(events)
        asked = asked_of(state)
        if asked is None or asked.outside is None:
            return
        if asked.started_by is Side.OUTSIDE:
            if not await self.match(asked.outside.exchange, transfer, asked.person):
                await self._applying.give_up(deadline.id, transfer)
            await self._answer(deadline.id, asked.outside.exchange, state, events)
        else:
            await self._offer(deadline.id, transfer, asked, state, events)
        await self.go_on(asked.outside.exchange)

    async def match(self, exchange: str, transfer: str, person: str) -> bool:
        """Theirs is about somebody whom we know; False where it was decided otherwise meanwhile."""
        now = self._store.codec.now()
        try:
            await self.note(f"{transfer}-match", exchange, lambda s: domain.match_offer(transfer, person, s, now))
        except OfferOver:
            return False
        return True

    async def look(self, deadline: Deadline, _now: datetime) -> None:
        """P8: whatever an exchange waits for is looked at again."""
        await self.go_on(deadline.stream, deadline.id)

    async def forget(self, deadline: Deadline, now: datetime) -> None:
        """The data of whom they offered, long after it ended."""
        await self._telling.destroy(deadline.stream, now)

    async def go_on(self, exchange: str, key: str = "") -> None:
        """Tells what is due, applies what was decided, or asks; with a `key`, a next look is left behind."""
        state = await self.state(exchange)
        if isinstance(state, NoExchange) or state.closed:
            return
        if state.due is not None:
            await self._tell(exchange, state)
        else:
            await self.apply(exchange)
            await self._ask(exchange)
        after = await self.state(exchange)
        now = self._store.codec.now()
        ends = isinstance(after, Incoming) and after.over
        if key and (ends or not await self._looks_ahead(exchange, now)):
            await self.note(f"{key}-again", exchange, lambda found: domain.look_again(found, now))
        if isinstance(after, Outgoing | Incoming) and after.due and after.due != state.due:
            await self._tell(exchange, after)

    async def apply(self, exchange: str) -> None:
        """What the other system decided, on the transfer here; and whether that has brought who left over there."""
        state = await self.state(exchange)
        transfer = transfer_of(state)
        if transfer is None:
            return
        await self._applying.apply(exchange, state, transfer)
        if isinstance(state, Incoming) and state.returns:
            arrived, now = await self._applying.arrived(transfer), self._store.codec.now()
            if arrived is not None:
                end, key = domain.end_return, f"{transfer}-{'arrived' if arrived else 'lost'}"
                await self.note(key, exchange, lambda s: end(transfer, s, now, arrived=arrived))

    async def _offer(
        self, key: str, transfer: str, asked: Asked, state: Transfer, events: Sequence[TransferEvent]
    ) -> None:
        """Ours: the offer goes out when their step begins, and they are told how it ended."""
        now, outside = self._store.codec.now(), asked.outside
        if outside is None:
            return
        if isinstance(state, Pending) and asked.decided_outside(state.side):
            values = {"system": outside.system, "organization": outside.organization, "look_at": now}
            about = {"transfer": transfer, "organization_name": outside.name, "decide_until": state.due_at}
            prepared = OfferPrepared.model_validate(values | about)
            await self.note(key, outside.exchange, lambda s: [prepared] if isinstance(s, NoExchange) else [])
        elif isinstance(state, Ending | Ended):
            outcome = outcome_of(events, outside_side=Side.IN)
            await self.note(key, outside.exchange, lambda s: domain.end_offer(outcome, s, now))

    async def _answer(self, key: str, exchange: str, state: Transfer, events: Sequence[TransferEvent]) -> None:
        """Theirs: our organization agreed, or it came to nothing here."""
        now = self._store.codec.now()
        agreed = isinstance(state, Pending) and state.asked.decided_outside(state.side)
        ground = ground_of(events)
        if not agreed and ground is None:
            return
        decision = "accepted" if agreed else "refused"
        try:
            await self.note(key, exchange, lambda s: domain.decide_offer(decision, ground or "", s, now))
        except OfferOver:
            log.info("exchange.not_applied", exchange=exchange, why=OfferOver().code)

    async def _tell(self, exchange: str, state: Outgoing | Incoming) -> None:
        """The message that is due. Their receipt may bring the decision, or the end, at once."""
        what = state.due
        if what is None:
            return
        attempt = f"{what}-{state.failed + 1}"
        try:
            receipt = await self._telling.tell(exchange, state, what)
        except NotReached as cause:
            FAILURES.labels(state.offer.system).inc()
            log.warning("exchange.message_failed", exchange=exchange, what=what, cause=cause.cause)
            word, now = cause.cause, self._store.codec.now()
            await self.note(f"{attempt}-failed", exchange, lambda s: domain.not_sent(what, word, s, now))
            return
        now = self._store.codec.now()
        await self.note(f"{attempt}-sent", exchange, lambda s: domain.sent(what, s, now))
        await self.take_standing(exchange, receipt.state, receipt.ground, polled=True)

    async def _ask(self, exchange: str) -> None:
        """How it stands over there, where we wait for them."""
        state = await self.state(exchange)
        if isinstance(state, NoExchange) or state.closed or state.due is not None:
            return
        waits = state.decision is None if isinstance(state, Outgoing) else state.outcome is None
        if not waits:
            return
        try:
            standing = await self._telling.standing(state)
        except NotReached as cause:
            FAILURES.labels(state.offer.system).inc()
            log.warning("exchange.message_failed", exchange=exchange, what="status", cause=cause.cause)
            return
        await self.take_standing(exchange, standing.state, standing.ground, polled=True)

    async def take_standing(self, exchange: str, word: str, ground: str, *, polled: bool) -> None:
        """Whatever they say of it that we wait for; everything else changes nothing."""
        state, now = await self.state(exchange), self._store.codec.now()
        key = f"{exchange}-{word}-{polled}"
        if isinstance(state, Outgoing) and word in ("accepted", "refused"):
            take = domain.take_decision
            await self.note(key, exchange, lambda s: take(word, ground, s, now, polled=polled))
            await self.apply(exchange)
        elif isinstance(state, Incoming) and word in ("completed", "withdrawn", "timed_out", "failed"):
            outcome = cast("OutcomeWord", word)
            await self.note(key, exchange, lambda s: domain.take_outcome(outcome, s, now))
            await self.apply(exchange)

    async def _looks_ahead(self, exchange: str, now: datetime) -> bool:
        """Whether a fact says that it is looked at again later: then the row of that is there."""
        commits = await self._store.load(exchange)
        looks = [getattr(e, "look_at", None) for c in commits for e in c.events]
        return any(look is not None and look > now for look in looks)

    def _rows(self, key: str, exchange: str, state: Exchange, events: Sequence[Event]) -> list[Condition]:
        rows: list[Condition] = []
        for event in events:
            look_at = getattr(event, "look_at", None)
            if look_at is not None:
                id_ = ids.derived(EXCHANGE_DUE, exchange, key, str(to_micros(look_at)))
                rows.append(self._deadlines.row(Deadline(id_, EXCHANGE_DUE, exchange, look_at)))
            if isinstance(event, ExchangeClosed) and not isinstance(state, Outgoing):
                at = self._store.codec.now() + KEPT
                id_ = ids.derived(EXCHANGE_FORGET, exchange)
                rows.append(self._deadlines.row(Deadline(id_, EXCHANGE_FORGET, exchange, at)))
        return rows
