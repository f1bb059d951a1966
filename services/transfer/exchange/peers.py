"""The other systems as this one knows them: agreements, and signed questions to them over HTTP (BEY-08)."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

import httpx
from pydantic import BaseModel, ValidationError

from services.transfer.domain import outside_systems as domain
from services.transfer.domain.events_of_exchange import SystemEvent
from services.transfer.domain.outside_systems import AGREEMENT, Agreement
from services.transfer.exchange.protocol import PREFIX, Key, Keys, KeysTaken
from services.transfer.exchange.signing import NotSigned, OwnKeys, Signed, answered, asked, check
from shared.deadlines.rows import Deadline, Deadlines
from shared.eventstore.conditions import Condition
from shared.eventstore.execute import Answer, execute
from shared.eventstore.store import EventStore
from shared.kernel import ids
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.ids import request_hash
from shared.observability.metric_names import counter

M = TypeVar("M", bound=BaseModel)

SYSTEM_DUE = "outside-system-due"
SELF = Actor("service:transfer")
FAILURES = counter("tuan_exchange_failures_total")
ANSWER_BYTES_MAX = 512 * 1024
TOTAL_SECONDS = 15.0
TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5, keepalive_expiry=4.0)


class NotReached(Exception):
    """No answer that counts. `cause` is a word for records and logs: never what the other side wrote."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


def peer_client() -> httpx.AsyncClient:
    """A client for other systems: no redirects, no proxy of the environment, everything bounded."""
    context = _authorities()
    return httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False, verify=context)


@cache
def _authorities() -> ssl.SSLContext:
    """Whom this machine trusts; to load them takes as long as a small test."""
    return httpx.create_ssl_context(trust_env=False)


def stream_of(system: str) -> str:
    return f"{AGREEMENT.kind}-{ids.derived(AGREEMENT.kind, system)}"


class Peers:
    """Agreements, and asking. Every answer is checked: whose it is, and to which question."""

    def __init__(self, store: EventStore, deadlines: Deadlines, own: OwnKeys, client: httpx.AsyncClient) -> None:
        self.own = own
        self._store = store
        self._deadlines = deadlines
        self._client = client

    async def agreement(self, system: str) -> Agreement:
        """Raises nothing: without one its address is empty."""
        commits = await self._store.load(stream_of(system))
        return AGREEMENT.fold(cast("SystemEvent", e) for c in commits for e in c.events)

    async def agree(self, request: Request, command: domain.AgreeWithSystem) -> Answer:
        """Raises SystemAddressRefused."""
        now = self._store.codec.now()
        return await self.record(request, command.system, lambda s: domain.agree_with_system(command, s, now))

    async def record(self, request: Request, system: str, decide: Any) -> Answer:
        """One command on the stream of a system, with the next look at it."""
        stream = stream_of(system)

        def rows(_state: Agreement, events: Any) -> list[Condition]:
            return [self._row(system, event) for event in events if hasattr(event, "look_at")]

        return await execute(self._store, AGREEMENT, stream, request, decide, conditions=rows)

    async def note(self, key: str, system: str, decide: Any) -> Answer:
        """The same, by this service itself."""
        return await self.record(Request(SELF, key, request_hash(key)), system, decide)

    async def ask(self, system: str, method: str, path: str, kind: type[M], body: BaseModel | None = None) -> M:
        """One signed question and its checked answer. Raises NotReached."""
        agreement = await self.agreement(system)
        if not agreement.address or not self.own.ready:
            raise NotReached("not_connected")
        await self._introduce(system, agreement)
        return await self._ask(system, await self.agreement(system), method, path, kind, body)

    async def _introduce(self, system: str, agreement: Agreement) -> None:
        """New keys of ours are announced, signed with one that is known there, before any is used."""
        kids = frozenset(key.kid for key in self.own.public)
        if kids <= agreement.taken:
            return
        taken = await self._ask(system, agreement, "POST", "/keys", KeysTaken, Keys(keys=self.own.public))
        await self.note(
            f"{system}-{'-'.join(sorted(kids))}",
            system,
            lambda state: domain.own_keys_taken(kids & set(taken.keys), state),
        )

    async def _ask(
        self, system: str, agreement: Agreement, method: str, path: str, kind: type[M], body: BaseModel | None
    ) -> M:
        target = f"{PREFIX}{path}"
        content = body.model_dump_json().encode() if body is not None else b""
        signed = self.own.sign(system, agreement.taken, asked(method, target), content, self._store.codec.now())
        headers = signed.headers() | ({"Content-Type": "application/json"} if content else {})
        status, answer_headers, answer = await self._exchange(method, agreement.address + target, headers, content)
        try:
            proof = Signed.of(answer_headers)
            keys = [Key.model_validate(key.model_dump()) for key in agreement.keys]
            if proof.from_ != system:
                raise NotSigned("somebody_else")
            about = answered(status, signed.nonce)
            check(proof, keys, self.own.system, about, answer, self._store.codec.now())
        except NotSigned as doubt:
            raise NotReached(f"status_{status}" if status >= 500 else f"answer_{doubt.why}") from doubt
        if status >= 400:
            raise NotReached(f"status_{status}")
        try:
            return kind.model_validate_json(answer)
        except ValidationError as error:
            raise NotReached("garbage") from error

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body, at most so long and in so much time. Raises NotReached."""
        try:
            async with (
                asyncio.timeout(TOTAL_SECONDS),
                self._client.stream(method, url, headers=headers, content=content) as answer,
            ):
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise NotReached("too_long")
                return answer.status_code, answer.headers, body
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NotReached("slow") from error
        except (OSError, httpx.HTTPError) as error:
            raise NotReached("unreachable") from error

    def _row(self, system: str, event: Event) -> Condition:
        look_at = getattr(event, "look_at")  # noqa: B009 - the caller saw that it is there
        id_ = ids.derived(SYSTEM_DUE, system, type(event).__name__, str(to_micros(look_at)))
        return self._deadlines.row(Deadline(id_, SYSTEM_DUE, system, look_at))
