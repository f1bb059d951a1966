"""What comes from other systems is let in once, if it is proven; what they are answered is signed (BEY-08, X40)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from services.transfer.domain.refusals_of_exchange import MessageNotProven
from services.transfer.exchange.peers import Peers
from services.transfer.exchange.protocol import PREFIX, Key
from services.transfer.exchange.signing import WINDOW, NotSigned, Signed, answered, asked, check
from shared.eventstore.driver import ensure_collections
from shared.http.refusals import MalformedRequest
from shared.kernel.clock import Clock
from shared.observability.metric_names import counter

log = structlog.get_logger()

M = TypeVar("M", bound=BaseModel)
NONCES = "exchange_nonces"
_REFUSED = counter("tuan_exchange_refused_total")


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, with what; `nonce` is that of the question."""

    system: str
    nonce: str
    body: bytes

    def read(self, kind: type[M]) -> M:
        """The message. Raises MalformedRequest."""
        try:
            return kind.model_validate_json(self.body)
        except ValidationError as error:
            raise MalformedRequest from error


class Gate:
    """Nonces are kept, for all processes, twice as long as a signature is good for."""

    def __init__(self, database: Any, peers: Peers, clock: Clock) -> None:
        self._nonces = database[NONCES]
        self._database = database
        self._peers = peers
        self._clock = clock

    async def prepare(self) -> None:
        """Collection and index. Idempotent."""
        await ensure_collections(self._database, NONCES)
        await self._nonces.create_indexes([IndexModel([("until", 1)], expireAfterSeconds=0)])

    async def admit(self, http: HttpRequest) -> Admitted:
        """Raises MessageNotProven, the same for every doubt but for its word."""
        body, now = await http.body(), self._clock.now()
        path = http.url.path[http.url.path.index(PREFIX) :]
        target = f"{path}?{http.url.query}" if http.url.query else path
        try:
            signed = Signed.of(http.headers)
            agreement = await self._peers.agreement(signed.from_)
            keys = [Key.model_validate(key.model_dump()) for key in agreement.keys]
            check(signed, keys, self._peers.own.system, asked(http.method, target), body, now)
            await self._once(signed, now)
        except NotSigned as doubt:
            _REFUSED.inc()
            log.warning("exchange.message_refused", why=doubt.why)
            raise MessageNotProven(why=doubt.why) from doubt
        return Admitted(signed.from_, signed.nonce, body)

    async def answer(self, to: Admitted, body: BaseModel) -> Response:
        """Signed, as the answer to that very question."""
        content = body.model_dump_json().encode()
        agreement = await self._peers.agreement(to.system)
        about = answered(200, to.nonce)
        signed = self._peers.own.sign(to.system, agreement.taken, about, content, self._clock.now())
        return Response(content, media_type="application/json", headers=signed.headers())

    async def _once(self, signed: Signed, now: datetime) -> None:
        """Raises NotSigned for what was let in before."""
        row = {"_id": f"{signed.from_}:{signed.nonce}", "until": now + WINDOW * 2}
        try:
            await self._nonces.insert_one(row)
        except DuplicateKeyError as error:
            raise NotSigned("replayed") from error
