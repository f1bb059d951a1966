"""The messages of this side, with what is personal opened for this moment and sealed for the receiver (TRF-17, P11)."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.transfer.domain.events import TransferRequested
from services.transfer.domain.events_of_exchange import What
from services.transfer.domain.exchange_states import Incoming, Outgoing
from services.transfer.exchange.peers import NotReached, Peers
from services.transfer.exchange.protocol import Decision, Key, Message, Offer, Outcome, Person, Receipt, Standing
from services.transfer.exchange.signing import NotSigned, seal
from shared.eventstore.conditions import Row
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.envelope import Recorded
from shared.privacy.opening import open_batch
from shared.privacy.vault import KeyReader, Vault

PATHS: Mapping[What, str] = {"offer": "/offers", "decision": "/decisions", "outcome": "/outcomes"}


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Tree(Protocol):
    async def nodes(self, ids: Collection[str]) -> Mapping[str, Named]: ...


class Telling:
    """`keys` opens what belongs to our members, `vault` what came with offers of theirs."""

    def __init__(self, store: EventStore, peers: Peers, tree: Tree, keys: KeyReader, vault: Vault) -> None:
        self._store = store
        self._peers = peers
        self._tree = tree
        self._keys = keys
        self._vault = vault

    async def tell(self, exchange: str, state: Outgoing | Incoming, what: What) -> Receipt:
        """Sends the message that is due. Raises NotReached, also for a receipt of something else."""
        message = await self._message(exchange, state, what)
        receipt = await self._peers.ask(state.offer.system, "POST", PATHS[what], Receipt, message)
        digest = digest_of(message.model_dump_json().encode())
        if (receipt.message, receipt.transfer, receipt.digest) != (message.message, message.transfer, digest):
            raise NotReached("wrong_receipt")
        return receipt

    async def standing(self, state: Outgoing | Incoming) -> Standing:
        """How it stands over there. Raises NotReached."""
        found = await self._peers.ask(state.offer.system, "GET", f"/transfers/{reference_of(state)}", Standing)
        if found.transfer != reference_of(state):
            raise NotReached("wrong_receipt")
        return found

    def new_key(self, exchange: str) -> tuple[bytes, Row]:
        """What the data of somebody offered to us are sealed with."""
        return self._vault.new_key(exchange, self._store.codec.now())

    async def offered(self, exchange: str) -> Person | None:
        """Who it is that they offered; None once that was forgotten."""
        values = await self._opened(exchange, self._vault)
        return Person.model_validate(values) if values else None

    async def destroy(self, exchange: str, now: datetime) -> None:
        await self._vault.destroy([exchange], now)

    async def prepare(self) -> None:
        await self._vault.prepare()

    async def _message(self, exchange: str, state: Outgoing | Incoming, what: What) -> Message:
        about = {"message": ids.derived("exchange-message", exchange, what), "transfer": reference_of(state)}
        if isinstance(state, Incoming):
            decided = state.decision
            values = {"decision": decided.decision, "ground": decided.ground} if decided else {}
            return Decision.model_validate(about | values)
        if what == "outcome":
            return Outcome.model_validate(about | {"outcome": state.outcome})
        return await self._offer(about, state)

    async def _offer(self, about: Mapping[str, str], state: Outgoing) -> Offer:
        offer = state.offer
        stored = await self._store.load(offer.transfer)
        requested = next(e for c in stored for e in c.events if isinstance(e, TransferRequested))
        papers = (await self._opened(offer.transfer, self._keys)).get("papers")
        if not isinstance(papers, dict):
            raise NotReached("person_erased")
        agreement = await self._peers.agreement(offer.system)
        try:
            person = seal(Person.model_validate(papers), [Key.model_validate(k.model_dump()) for k in agreement.keys])
        except NotSigned as nothing:
            raise NotReached(nothing.why) from nothing
        names = await self._tree.nodes([requested.from_branch])
        from_name = names[requested.from_branch].name if requested.from_branch in names else requested.from_branch
        values = {
            "organization": offer.organization,
            "organization_name": offer.organization_name,
            "from_name": from_name,
            "reason": requested.reason,
            "decide_until": offer.decide_until,
            "person": person,
        }
        return Offer.model_validate(dict(about) | values)

    async def _opened(self, stream: str, keys: KeyReader) -> Mapping[str, object]:
        """The sealed part of a stream's first commit that has one; empty once its key is gone."""
        sealed: list[Recorded] = []
        async for document in self._store.documents([stream]):
            sealed = [r for r in self._store.codec.recorded(document) if r.sealed]
            if sealed:
                break
        opened = await open_batch(keys, sealed) if sealed else {}
        return next(iter(opened.values()), {})


def reference_of(state: Outgoing | Incoming) -> str:
    """What both sides call it: the name that the offering one gave."""
    return state.offer.transfer if isinstance(state, Outgoing) else state.offer.reference


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
