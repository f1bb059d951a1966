"""What the other systems send: taken in once, answered by how it stands (TRF-17, BEY-08)."""

from collections.abc import Sequence

from services.transfer.domain import exchange as domain
from services.transfer.domain import outside_systems
from services.transfer.domain.events_of_exchange import ExchangeEvent, OfferReceived, PublicKey
from services.transfer.domain.exchange_states import Exchange, Incoming, NoExchange, Outgoing
from services.transfer.domain.refusals_of_exchange import MessageIdReused, OfferNotReadable
from services.transfer.exchange.dialogue import Decide, Dialogue
from services.transfer.exchange.gate import Admitted
from services.transfer.exchange.offers import Tree, exchange_of
from services.transfer.exchange.peers import SELF, Peers
from services.transfer.exchange.protocol import (
    Decision,
    Keys,
    KeysTaken,
    Message,
    Offer,
    Outcome,
    Receipt,
    Standing,
)
from services.transfer.exchange.signing import SealUnreadable
from services.transfer.exchange.telling import Telling, digest_of
from shared.authority.decide import Line
from shared.contracts.org import Category
from shared.eventstore.conditions import Condition
from shared.kernel import ids
from shared.kernel.clock import Clock
from shared.kernel.envelope import Event, Personal, Request
from shared.kernel.ids import request_hash
from shared.kernel.refusals import IdempotencyKeyReused

UNKNOWN_ORGANIZATION = "organization_unknown"


class Receiving:
    """The use cases. Whatever a system sends is about transfers with that very system."""

    def __init__(self, dialogue: Dialogue, telling: Telling, peers: Peers, tree: Tree, clock: Clock) -> None:
        self._dialogue = dialogue
        self._telling = telling
        self._peers = peers
        self._tree = tree
        self._clock = clock

    async def offer(self, came: Admitted, offer: Offer) -> Receipt:
        """Raises OfferNotReadable, MessageIdReused."""
        exchange = exchange_with(came.system, offer.transfer)
        try:
            person = self._peers.own.unseal(offer.person)
        except SealUnreadable as error:
            raise OfferNotReadable(field="person") from error
        now, line = self._clock.now(), await self._tree.line(offer.organization)
        command = domain.ReceiveOffer(
            system=came.system,
            reference=offer.transfer,
            above=tuple(line.ids),
            **offer.model_dump(include={"organization", "from_name", "reason", "decide_until"}),
        )
        key, row = self._telling.new_key(exchange)

        def decide(state: Exchange) -> Sequence[ExchangeEvent]:
            return [
                event.model_copy(update={"personal": Personal(person=exchange, values=person.model_dump())})
                if isinstance(event, OfferReceived)
                else event
                for event in domain.receive_offer(command, state, now)
            ]

        def with_key(events: Sequence[Event]) -> Sequence[Condition]:
            return [row] if any(isinstance(event, OfferReceived) for event in events) else []

        about = [offer.transfer, offer.organization, offer.organization_name]
        request = _request(came, offer, about)
        try:
            await self._dialogue.record(request, exchange, decide, with_key, {exchange: key})
        except IdempotencyKeyReused as reused:
            raise MessageIdReused(field="message") from reused
        if not _takes(line, offer.organization_name):
            decided = domain.decide_offer
            await self._dialogue.note(
                f"{exchange}-unknown", exchange, lambda s: decided("refused", UNKNOWN_ORGANIZATION, s, now)
            )
        return await self._receipt(came, offer, exchange)

    async def decision(self, came: Admitted, decision: Decision) -> Receipt:
        """Raises MessageIdReused."""
        exchange = exchange_of(decision.transfer)
        if await self._between(came, exchange):
            now, take = self._clock.now(), domain.take_decision
            await self._take(
                came,
                decision,
                exchange,
                lambda s: take(decision.decision, decision.ground, s, now, polled=False),
            )
            await self._dialogue.apply(exchange)
        return await self._receipt(came, decision, exchange)

    async def outcome(self, came: Admitted, outcome: Outcome) -> Receipt:
        """Raises MessageIdReused."""
        exchange = exchange_with(came.system, outcome.transfer)
        if await self._between(came, exchange):
            now = self._clock.now()
            await self._take(came, outcome, exchange, lambda s: domain.take_outcome(outcome.outcome, s, now))
            await self._dialogue.apply(exchange)
        return await self._receipt(came, outcome, exchange)

    async def standing(self, came: Admitted, transfer: str) -> Standing:
        """Of a transfer that either side began."""
        for exchange in (exchange_of(transfer), exchange_with(came.system, transfer)):
            if await self._between(came, exchange):
                state, ground = await self._standing(came, exchange)
                return Standing.model_validate({"transfer": transfer, "state": state, "ground": ground})
        return Standing(transfer=transfer, state="unknown")

    async def keys(self, came: Admitted, keys: Keys) -> KeysTaken:
        """The gate let it in by a key that was known before."""
        now_valid = tuple(PublicKey.model_validate(key.model_dump()) for key in keys.keys)
        await self._peers.note(
            f"{came.system}-{came.nonce}", came.system, lambda s: outside_systems.announce_keys(now_valid, s)
        )
        return KeysTaken(keys=tuple(key.kid for key in keys.keys))

    async def _take(self, came: Admitted, message: Message, exchange: str, decide: Decide) -> None:
        try:
            await self._dialogue.record(_request(came, message, message.model_dump(mode="json")), exchange, decide)
        except IdempotencyKeyReused as reused:
            raise MessageIdReused(field="message") from reused

    async def _between(self, came: Admitted, exchange: str) -> bool:
        state = await self._dialogue.state(exchange)
        return not isinstance(state, NoExchange) and state.offer.system == came.system

    async def _standing(self, came: Admitted, exchange: str) -> tuple[str, str]:
        state = await self._dialogue.state(exchange)
        if isinstance(state, Outgoing | Incoming) and state.offer.system != came.system:
            return "unknown", ""
        return domain.standing_of(state, self._clock.now())

    async def _receipt(self, came: Admitted, message: Message, exchange: str) -> Receipt:
        state, ground = await self._standing(came, exchange)
        about = {"message": message.message, "transfer": message.transfer, "digest": digest_of(came.body)}
        return Receipt.model_validate(about | {"state": state, "ground": ground})


def _takes(line: Line, name: str) -> bool:
    """An organization that takes people in, of exactly this full name."""
    return (
        line.lives and line.scopes[0].category != Category.LEADING_BODY and line.scopes[0].name.strip() == name.strip()
    )


def exchange_with(system: str, reference: str) -> str:
    """The stream of what is said about a transfer that began over there."""
    return f"exchange-{ids.derived('exchange', system, reference)}"


def _request(came: Admitted, message: Message, about: object) -> Request:
    """The same message is answered as before; another one under its id is refused."""
    return Request(SELF, f"{came.system}:{message.message}", request_hash(about))
