"""One of the systems of 北京, 广东 and 福建, as far as the exchange sees it (docs/exchange.md).

It keeps its state in memory, decides by a rule or when told, and misbehaves when told: a real peer over real HTTP.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
import orjson
from pydantic import BaseModel

from services.transfer.exchange.protocol import (
    NATIONAL,
    PREFIX,
    Decision,
    Directory,
    Held,
    Key,
    Keys,
    KeysTaken,
    Listed,
    Offer,
    Outcome,
    Person,
    Receipt,
    Reconciled,
    Reconciliation,
    Standing,
)
from services.transfer.exchange.signing import NotSigned, OwnKeys, Pair, Signed, answered, asked, check, seal
from shared.privacy.lookup import LookupKey

M = TypeVar("M", bound=BaseModel)

RETRIES = 40
PAGE = 100


class Behaviour(BaseModel):
    """What it does wrong, if anything. `rule`: accept, refuse or wait (until told).

    `down`: every request is answered 503. `slow_seconds` before each answer's last byte. `late_seconds` before it
    decides. `twice`: every message is sent twice. `wrong_signature`: answers and messages are signed with a key that
    nobody knows. `other_decision`: each decision is followed by its opposite. `wrong_receipt`: receipts are about
    something else. `garbage`: answers are no JSON. `silent`: it never calls, so it has to be asked.
    """

    rule: str = "accept"
    ground: str = "not_of_this_unit"
    down: bool = False
    slow_seconds: float = 0
    late_seconds: float = 0
    twice: bool = False
    wrong_signature: bool = False
    other_decision: bool = False
    wrong_receipt: bool = False
    garbage: bool = False
    silent: bool = False


@dataclass
class Case:
    """One transfer as this side sees it: `ours` if it offered."""

    transfer: str
    ours: bool
    number: str
    name: str
    state: str = "received"
    ground: str = ""
    organization: str = ""
    offer: Offer | None = None


@dataclass
class Province:
    """The system `name`; `now` is its clock."""

    name: str
    keys: OwnKeys
    matching: LookupKey
    now: Callable[[], datetime]
    address: str = ""
    peer_keys: tuple[Key, ...] = ()
    taken: frozenset[str] = frozenset()
    behaviour: Behaviour = field(default_factory=Behaviour)
    organizations: dict[str, Listed] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    people: dict[str, bool] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    directory: dict[str, str] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of whatever is asked."""
        if self.behaviour.down:
            return 503, {}, b"down"
        try:
            signed = Signed.of(headers)
            if signed.from_ != NATIONAL or signed.nonce in self.nonces:
                raise NotSigned("replayed")
            check(signed, self.peer_keys, self.name, asked(method, target), body, self.now())
        except NotSigned as doubt:
            return 401, {}, doubt.why.encode()
        self.nonces.add(signed.nonce)
        content = self._handled(method, target, body).model_dump_json().encode()
        if self.behaviour.garbage:
            content = b"<html>\xff"
        proof = self._signer().sign(NATIONAL, self.taken, answered(200, signed.nonce), content, self.now())
        return 200, proof.headers() | {"Content-Type": "application/json"}, content

    def _handled(self, method: str, target: str, body: bytes) -> BaseModel:
        path, _, query = target.removeprefix(PREFIX).partition("?")
        match method, path:
            case "POST", "/offers":
                return self._receipt(body, self._offered(Offer.model_validate_json(body)))
            case "POST", "/decisions":
                return self._receipt(body, self._decided(Decision.model_validate_json(body)))
            case "POST", "/outcomes":
                return self._receipt(body, self._ended(Outcome.model_validate_json(body)))
            case "POST", "/keys":
                self.peer_keys = Keys.model_validate_json(body).keys
                return KeysTaken(keys=tuple(key.kid for key in self.peer_keys))
            case "POST", "/reconciliations":
                asked_ = Reconciliation.model_validate_json(body)
                known = sorted(self.people.items())
                return Reconciled(
                    people=tuple(
                        Held(tag=tag, here=here)
                        for tag, here in known
                        if tag > asked_.after and (not asked_.until or tag <= asked_.until)
                    )
                )
            case "GET", "/directory":
                return self.listed_behind(query.removeprefix("since="))
            case _:
                transfer = path.removeprefix("/transfers/")
                case = self.cases.get(transfer)
                state = {"state": case.state, "ground": case.ground} if case else {"state": "unknown"}
                return Standing.model_validate({"transfer": transfer} | state)

    def listed_behind(self, since: str) -> Directory:
        """The version is how many entries of the list were told."""
        start = int(since) if since.isdecimal() else 0
        page = tuple(self.organizations.values())[start : start + PAGE]
        more = start + len(page) < len(self.organizations)
        return Directory(version=str(start + len(page)), more=more, organizations=page)

    def _offered(self, offer: Offer) -> Case:
        if offer.transfer not in self.cases:
            person = self.keys.unseal(offer.person)
            case = Case(offer.transfer, False, person.number, person.name, organization=offer.organization, offer=offer)
            self.cases[offer.transfer] = case
            listed = self.organizations.get(offer.organization)
            if listed is None or listed.name != offer.organization_name:
                case.state, case.ground = "refused", "organization_unknown"
            elif self.behaviour.rule != "wait":
                self._later(self.decide(offer.transfer, self.behaviour.rule))
        return self.cases[offer.transfer]

    def _decided(self, decision: Decision) -> Case:
        case = self.cases.get(decision.transfer) or Case(decision.transfer, True, "", "", "unknown")
        if case.state == "received":
            case.state, case.ground = decision.decision, decision.ground
            if decision.decision == "accepted":
                self._later(self.end(case.transfer, "completed"))
        return case

    def _ended(self, outcome: Outcome) -> Case:
        case = self.cases.get(outcome.transfer) or Case(outcome.transfer, False, "", "", "unknown")
        if case.state in ("received", "accepted"):
            accepted = case.state == "accepted"
            case.state = outcome.outcome
            if accepted and outcome.outcome == "completed":
                self.people[self.tag(case.number)] = True
        return case

    async def decide(self, transfer: str, rule: str) -> None:
        """Accepts or refuses an offer of ours, and says so until it has a receipt."""
        await asyncio.sleep(self.behaviour.late_seconds)
        case = self.cases[transfer]
        if case.state == "received":
            case.state = "accepted" if rule == "accept" else "refused"
            case.ground = self.behaviour.ground if case.state == "refused" else ""
        if self.behaviour.silent or case.state not in ("accepted", "refused"):  # it has ended meanwhile
            return
        await self._say_decision(transfer, case.state, case.ground)
        if self.behaviour.other_decision:
            other = "refused" if case.state == "accepted" else "accepted"
            await self._say_decision(transfer, other, self.behaviour.ground if other == "refused" else "")

    async def _say_decision(self, transfer: str, decision: str, ground: str) -> None:
        values = {"message": str(uuid4()), "transfer": transfer, "decision": decision, "ground": ground}
        await self.send("/decisions", Decision.model_validate(values))

    async def offer(
        self, person: Person, organization: str, name: str, *, hours: float = 240, reason: str = "further_study"
    ) -> str:
        """Offers somebody to an organization over there; answers what it is called."""
        transfer = f"{self.name}-{uuid4()}"
        self.cases[transfer] = Case(transfer, True, person.number, person.name, organization=organization)
        self.people[self.tag(person.number)] = True
        values = {
            "message": str(uuid4()),
            "transfer": transfer,
            "organization": organization,
            "organization_name": name,
            "from_name": next(iter(self.organizations.values())).name,
            "reason": reason,
            "decide_until": self.now() + timedelta(hours=hours),
            "person": seal(person, self.peer_keys),
        }
        offer = Offer.model_validate(values)
        self.cases[transfer].offer = offer
        receipt = await self.send("/offers", offer)
        if receipt is not None and receipt.state == "refused":
            self.cases[transfer].state, self.cases[transfer].ground = "refused", receipt.ground
        return transfer

    async def end(self, transfer: str, outcome: str) -> None:
        """Says how an offer of its own ended; `completed` alone takes the person out of it."""
        case = self.cases[transfer]
        case.state = outcome
        self.people[self.tag(case.number)] = outcome != "completed"
        if self.behaviour.silent:
            return
        values = {"message": str(uuid4()), "transfer": transfer, "outcome": outcome}
        await self.send("/outcomes", Outcome.model_validate(values))

    async def take_directory(self) -> int:
        """The organizations over there; answers how many it knows now."""
        version, more = "", True
        while more:
            page = await self._call("GET", f"/directory?since={quote(version)}", None, Directory)
            self.directory |= {each.organization: each.name for each in page.organizations}
            version, more = page.version, page.more
        return len(self.directory)

    async def send(self, path: str, message: BaseModel) -> Receipt | None:
        """With retries, and twice where it was told so; None if all were in vain."""
        receipt = None
        for _ in range(2 if self.behaviour.twice else 1):
            for _ in range(RETRIES):
                with contextlib.suppress(httpx.HTTPError, NotSigned, ValueError):
                    receipt = await self._call("POST", path, message, Receipt)
                    break
                await asyncio.sleep(0.05)
        return receipt

    async def rotate(self) -> None:
        """A new pair of keys, announced with the one that is known."""
        fresh = [Pair.of(use, os.urandom(32)) for use in ("sig", "enc")]
        both = OwnKeys(self.name, [*self.keys.pairs, *fresh])
        taken = await self._call("POST", "/keys", Keys(keys=both.public), KeysTaken)
        self.keys, self.taken = both, frozenset(taken.keys)

    async def _call(self, method: str, path: str, body: BaseModel | None, kind: type[M]) -> M:
        target = f"{PREFIX}{path}"
        content = body.model_dump_json().encode() if body else b""
        signed = self._signer().sign(NATIONAL, self.taken, asked(method, target), content, self.now())
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            came = await client.request(method, self.address + target, content=content, headers=signed.headers())
        if came.status_code != 200:
            raise ValueError(f"{came.status_code}: {came.text[:300]}")
        check(Signed.of(came.headers), self.peer_keys, self.name, answered(200, signed.nonce), came.content, self.now())
        return kind.model_validate_json(came.content)

    def tag(self, number: str) -> str:
        return self.matching.hash("exchange-number", number)

    async def settled(self) -> None:
        """Once nothing of its own doing is left."""
        while self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)

    def _receipt(self, body: bytes, case: Case) -> Receipt:
        digest = hashlib.sha256(b"something else" if self.behaviour.wrong_receipt else body).hexdigest()
        about = {"message": orjson.loads(body)["message"], "digest": digest, "transfer": case.transfer}
        return Receipt.model_validate(about | {"state": case.state, "ground": case.ground})

    def _signer(self) -> OwnKeys:
        if self.behaviour.wrong_signature:
            return OwnKeys(self.name, [Pair.of(use, os.urandom(32)) for use in ("sig", "enc")])
        return self.keys

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
