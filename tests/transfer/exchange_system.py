"""One of two systems that run this very exchange, in memory: its dialogue, its transfers, its members and its clock are
those of the services, and it can die between any two steps (TRF-17, BEY-08).
"""

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from services.member.domain import policies as of_member
from services.member.domain import transfers as holding
from services.member.domain.events import MembershipBegan, PersonRecorded
from services.member.domain.person_state import PERSON
from services.member.published import publish as member_says
from services.transfer.domain import policies as of_transfer
from services.transfer.domain.exchange_states import EXCHANGE, Incoming, NoExchange, Outgoing
from services.transfer.exchange.applying import Applying
from services.transfer.exchange.dialogue import EXCHANGE_DUE, EXCHANGE_FORGET, Dialogue
from services.transfer.exchange.gate import Admitted
from services.transfer.exchange.peers import NotReached
from services.transfer.exchange.protocol import Decision, Offer, Outcome, Person
from services.transfer.exchange.receiving import Receiving
from services.transfer.exchange.telling import PATHS, Telling
from services.transfer.published import publish as transfer_says
from services.transfer.use_cases.due import TransferDeadlines
from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.waits import ANSWER_DUE, EXCHANGE_NEWS, TRANSFER_DUE, TRANSFER_LOOK, Waits
from shared.contracts import member, transfer
from shared.contracts.org import Category
from shared.deadlines.rows import Deadline
from shared.eventstore.commits import Commit, Stored
from shared.eventstore.conditions import Claim, Lost, Release
from shared.eventstore.store import ConditionLost
from shared.kernel.clock import to_micros
from shared.kernel.envelope import Actor, Request
from shared.kernel.refusals import Refusal
from tests.transfer.schedules import MEMBER_HEARS
from tests.transfer.tree_changes import WEEKDAYS

BRANCHES, COMMITTEE, BELOW, REGISTER, NOWHERE = ("branch-0", "branch-1"), "committee", "below", "register", "nowhere"
KINDS = dict.fromkeys((*BRANCHES, BELOW, REGISTER), Category.BRANCH) | {COMMITTEE: Category.COMMITTEE}
HOUR = timedelta(hours=1)


class Died(Exception):
    """The process was killed; what it had written stays."""


class Memory:
    """The store, the claims and the deadlines of one system: a commit goes in whole, or not at all."""

    def __init__(self, system: "System") -> None:
        self._system = system
        self.codec: Any = SimpleNamespace(service="transfer", now=system.now)
        self.commits: dict[str, list[Stored]] = {}
        self.claims: dict[str, str] = {}
        self.rows: dict[str, Deadline] = {}

    def row(self, deadline: Deadline) -> Any:
        return deadline

    async def load(self, stream: str) -> tuple[Stored, ...]:
        return tuple(self.commits.get(stream, ()))

    async def append(self, commit: Commit) -> None:
        self._system.may_die()
        conditions: Sequence[Any] = commit.conditions
        for condition in conditions:
            owner = self.claims.get(condition.id) if isinstance(condition, Claim) else None
            if owner is not None:
                raise ConditionLost(Lost("claim", condition, owner))
            if isinstance(condition, Release):
                assert self.claims[condition.id] == commit.stream
        for condition in conditions:
            if isinstance(condition, Claim):
                self.claims[condition.id] = commit.stream
            if isinstance(condition, Release):
                del self.claims[condition.id]
            if isinstance(condition, Deadline):
                self.rows[condition.id] = condition
        at = max(to_micros(self._system.now()), commit.previous_at + 1)
        stored = Stored(commit.stream, commit.version, commit.commit_id, commit.request.body_hash, at, commit.events)
        self.commits.setdefault(commit.stream, []).append(stored)
        self._system.says(commit.stream, commit.events)
        self._system.may_die()


class Network:
    """What a system asks of the other one: lost on the way there or back, and coming once more, late."""

    def __init__(self, system: "System") -> None:
        self._system = system
        self.own: Any = SimpleNamespace(unseal=Person.model_validate_json, ready=True)

    async def agreement(self, _system: str) -> Any:
        return SimpleNamespace(address="memory", keys=())

    async def ask(self, _system: str, _method: str, path: str, kind: type[Any], body: Any = None) -> Any:
        here, chance = self._system, self._system.random
        here.may_die()
        if here.troubled and chance.random() < 0.15:
            raise NotReached("unreachable")
        if here.troubled and body is not None and chance.random() < 0.2:
            here.other.late.append((path, body))
        try:
            answer = await here.other.handle(path, body)
        except (Died, Refusal) as no:
            raise NotReached("unreachable") from no
        if here.troubled and chance.random() < 0.15:
            raise NotReached("slow")
        here.may_die()
        return kind.model_validate(answer.model_dump())


class Words(Telling):
    """The messages of this side; who is offered is named by a number and sealed by nobody."""

    def __init__(self, system: "System") -> None:
        self._system = system
        self._store, self._peers = system.store, system.network  # type: ignore[assignment]

    def new_key(self, exchange: str) -> tuple[bytes, Any]:
        return b"", exchange

    async def destroy(self, exchange: str, _now: datetime) -> None:
        self._system.forgotten.add(exchange)

    async def _offer(self, about: Mapping[str, str], state: Outgoing) -> Offer:
        asked = self._system.store.commits[state.offer.transfer][0].events[0]
        number = {"name": "n", "number": asked.person, "document_kind": "d"}  # type: ignore[attr-defined]
        about = {"organization": state.offer.organization, "organization_name": state.offer.organization_name, **about}
        more = {"from_name": "f", "reason": "r", "decide_until": state.offer.decide_until}
        return Offer.model_validate(about | more | {"person": Person.model_validate(number).model_dump_json()})


class System:
    """`has` and `had`: whom it has at first, and who is in its register branch; `other` is set by the world. People are
    named by their number.
    """

    other: "System"

    def __init__(self, name: str, chance: random.Random, clock: Callable[[], datetime], has: str, had: str) -> None:
        self.name, self.random, self._clock = name, chance, clock
        self.skew, self.troubled = timedelta(), True
        self.people: dict[str, list[Any]] = {}
        self.lines: dict[str, deque[Any]] = {}
        self.late: list[tuple[str, Any]] = []
        self.closing: set[str] = set()
        self.forgotten: set[str] = set()
        self.store: Any = Memory(self)
        self.network: Any = Network(self)
        rules: Any = SimpleNamespace(calendar=self.calendar)
        kinds, nothing = SimpleNamespace(kind=self.calendar), None
        own: tuple[Any, ...] = (nothing, nothing, nothing, nothing, HOUR, kinds, nothing)
        self.commands = TransferCommands(self.store, Waits(self.store), rules, *own)
        words = Words(self)
        applying = Applying(self.store, self.commands, rules, lambda: frozenset({"g"}))
        self.dialogue = Dialogue(self.store, self.store, applying, words)
        tree: Any = SimpleNamespace(line=self.line)
        clocked: Any = SimpleNamespace(now=self.now)
        self.receiving = Receiving(self.dialogue, words, self.network, tree, clocked)
        due = TransferDeadlines(self.commands, rules)
        self.due = {
            TRANSFER_DUE: due.time_out,
            TRANSFER_LOOK: due.remind,
            ANSWER_DUE: due.ask_member_again,
            EXCHANGE_NEWS: self.dialogue.news,
            EXCHANGE_DUE: self.dialogue.look,
            EXCHANGE_FORGET: self.dialogue.forget,
        }
        for numbers, branch in ((has, BRANCHES[0]), (had, REGISTER)):
            for number in numbers:
                self.enter(number, branch)

    def now(self) -> datetime:
        return self._clock() + self.skew

    def may_die(self) -> None:
        if self.troubled and self.random.random() < 0.05:
            raise Died

    async def calendar(self, *_about: str) -> Any:
        return "" if _about else WEEKDAYS

    async def line(self, scope: str) -> Any:
        scopes = [SimpleNamespace(category=KINDS.get(scope), name=scope)]
        return SimpleNamespace(lives=scope in KINDS, scopes=scopes, ids=[scope])

    def request(self) -> Request:
        key = f"{self.name}-{self.random.getrandbits(60)}"
        return Request(Actor("somebody"), key, key)

    def enter(self, number: str, branch: str) -> None:
        self.people[number] = [PersonRecorded(number_hash=number), MembershipBegan(branch=branch)]

    def branch(self, number: str) -> str | None:
        return PERSON.fold(self.people[number]).branch if number in self.people else None

    def has(self, number: str) -> bool:
        """As a member, which who is in the register branch is not."""
        return self.branch(number) not in (None, REGISTER)

    def exchanges(self) -> dict[str, Outgoing | Incoming]:
        found = {name: EXCHANGE.fold(e for c in cs for e in c.events) for name, cs in self.store.commits.items()
                 if name.startswith("exchange-")}  # fmt: skip
        return {name: state for name, state in found.items() if not isinstance(state, NoExchange)}

    def says(self, stream: str, events: Sequence[Any]) -> None:
        for event in events:
            facts = [f for f in transfer_says(event, stream, 1) if isinstance(f, MEMBER_HEARS)]
            self.lines.setdefault(stream, deque()).extend(facts)

    async def handle(self, path: str, body: Any) -> Any:
        """A message of the other system, as the routes hand it over."""
        if body is None:
            return await self.receiving.standing(Admitted(self.other.name, "", b""), path.rpartition("/")[2])
        came = Admitted(self.other.name, str(self.random.getrandbits(60)), body.model_dump_json().encode())
        match body:
            case Offer():
                return await self.receiving.offer(came, body)
            case Decision():
                return await self.receiving.decision(came, body)
            case Outcome():
                return await self.receiving.outcome(came, body)
        raise AssertionError(PATHS)

    async def works(self) -> None:
        """The worker on what is due; one that dies leaves the row, and now and then one that was settled comes back."""
        for row in sorted((r for r in self.store.rows.values() if r.due_at <= self.now()), key=lambda r: r.due_at):
            await self.due[row.kind](row, self.now())
            if not self.troubled or self.random.random() < 0.9:
                self.store.rows.pop(row.id, None)

    async def arrives(self) -> None:
        """The first fact of some line, between transfer and member; it may come again."""
        waiting = [line for line in self.lines.values() if line]
        if waiting:
            line = self.random.choice(waiting)
            await self.hears(line[0])
            if not self.troubled or self.random.random() < 0.8:
                line.popleft()

    async def hears(self, fact: Any) -> None:
        match fact:
            case member.TransferHoldPlaced():
                await self.commands.open(self.request(), fact.transfer, of_transfer.on_transfer_hold_placed(fact))
            case member.TransferHoldRefused() | member.MemberMoveRefused():
                await self.commands.fail(self.request(), fact.transfer, of_transfer.on_member_refused(fact))
            case member.TransferCarriedOut():
                await self.commands.complete(self.request(), fact.transfer, of_transfer.on_transfer_carried_out(fact))
            case member.TransferHoldReleased():
                await self.commands.close(self.request(), fact.transfer, of_transfer.on_transfer_hold_released(fact))
            case _:
                self.decides(fact)

    def decides(self, fact: Any) -> None:
        """member, of a fact of transfer's."""
        state = PERSON.fold(self.people[fact.person])
        match fact:
            case transfer.TransferRequested():
                events = holding.place_hold(of_member.on_transfer_requested(fact), state)
            case transfer.TransferApproved(to_branch=to) if to in self.closing:
                events = holding.refuse_move(holding.RefuseMove(transfer=fact.transfer, cause="branch_closing"), state)
            case transfer.TransferApproved():
                events = holding.move_member(of_member.on_transfer_approved(fact), state)
            case transfer.TransferAnswerAwaited():
                events = holding.answer_transfer(of_member.on_transfer_answer_awaited(fact), state)
            case _:
                events = holding.release_hold(of_member.on_transfer_over(fact), state)
        for event in events:
            self.people[fact.person].append(event)
            facts = [f for f in member_says(event, fact.person, 1) if f.topic == member.TRANSFERS]
            self.lines.setdefault(fact.person, deque()).extend(facts)
