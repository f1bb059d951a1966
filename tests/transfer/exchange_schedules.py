"""Two systems that run this very exchange, under random schedules: what each side's people do, what time does, what the
network does, and that each dies between any two steps (TRF-17, TRF-22, BEY-08).
"""

import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from services.transfer.domain import deciding, disputes
from services.transfer.domain import exchange as domain
from services.transfer.domain.events import Side, Term
from services.transfer.domain.events_of_exchange import Outside
from services.transfer.domain.exchange_states import Incoming, Outgoing
from services.transfer.domain.transfer import TRANSFER, Ended, Pending
from services.transfer.exchange.offers import THEIR_OUTCOME, exchange_of
from services.transfer.exchange.protocol import Decision, Outcome
from services.transfer.exchange.receiving import exchange_with
from services.transfer.use_cases.waits import OPEN
from shared.kernel.refusals import Refusal
from tests.transfer.exchange_system import BELOW, BRANCHES, COMMITTEE, HOUR, NOWHERE, REGISTER, Died, System
from tests.transfer.tree_changes import WEEKDAYS

Act = Callable[[System], Coroutine[Any, Any, Any]]
JUMPS = (*[timedelta(minutes=2)] * 6, HOUR, timedelta(hours=7), timedelta(days=3), timedelta(days=11))


class Between:
    """`here` and `there`, three people, and one clock that each reads a little wrongly."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.time = datetime(2026, 11, 29, tzinfo=UTC)
        clock = lambda: self.time  # noqa: E731
        self.here = System("guangdong", self.random, clock, "12", "3")
        self.there = System("beijing", self.random, clock, "3", "1")
        self.here.other, self.there.other = self.there, self.here
        self.both = (self.here, self.there)
        self.numbers = ("1", "2", "3")
        self.deaths = 0

    async def act(self) -> None:
        """One thing that happens in one of them; a process that dies is started again."""
        system = self.random.choice(self.both)
        people: list[Act] = [self.starts, self.decides, self.decides, self.answers, self.answers, self.enters]
        itself: list[Act] = [lambda s: s.arrives()] * 4 + [lambda s: s.works()] * 4 + [self.comes_late, self.lies]
        await self.tried(self.random.choice([*people * 2, *itself * 2, self.passes, self.passes]), system)

    async def tried(self, act: Act, system: System) -> None:
        try:
            await act(system)
        except Died:
            self.deaths += 1
        except Refusal:
            pass

    async def passes(self, system: System) -> None:
        self.time += self.random.choice(JUMPS)
        system.skew = timedelta(seconds=self.random.randint(-240, 240))
        system.closing = {b for b in BRANCHES if self.random.random() < 0.15}

    async def starts(self, system: System) -> None:
        """As OutsideTransfers.start: the branch, or the member, asks to go to the other system."""
        who = self.random.choice(self.numbers)
        if not system.has(who):
            return
        request, to = system.request(), self.random.choice((*BRANCHES, COMMITTEE, NOWHERE))
        transfer = system.commands.begun_by(request)
        about = {"system": system.other.name, "organization": to, "name": to}
        outside = Outside.model_validate({"exchange": exchange_of(transfer)} | about)
        await system.commands.begin(request, transfer, self.command(system, who, REGISTER, outside))

    def command(self, system: System, who: str, to: str, outside: Outside, **more: Any) -> deciding.RequestTransfer:
        values = {"person": who, "from_branch": system.branch(who), "to": to, "assigns": False, "reason": "r"}
        by = self.random.choice((Side.OUT, Side.MEMBER))
        terms = {"terms": (Term(side=Side.OUT), Term(side=Side.IN)), "hold_life": HOUR, "started_by": by}
        return deciding.RequestTransfer.model_validate(values | terms | {"outside": outside} | more)

    async def decides(self, system: System) -> None:
        """Somebody who may: a step that is not the other system's, the branch, the end, an objection."""
        transfers = [name for name in system.store.commits if name.startswith("transfer-")]
        if not transfers:
            return
        transfer, now = self.random.choice(transfers), system.now()
        state = TRANSFER.fold(e for c in system.store.commits[transfer] for e in c.events)
        acts: list[Any] = [lambda s: deciding.assign_destination(_chosen(), s, now, WEEKDAYS)]
        if isinstance(state, Pending) and not state.asked.decided_outside(state.side):
            yes, organization = deciding.ApproveTransfer(organization=state.organization), state.organization
            no = deciding.RefuseTransfer(organization=organization, ground="g")
            acts += [lambda s: deciding.approve_transfer(yes, s, now, WEEKDAYS)] * 4
            acts += [lambda s: deciding.refuse_transfer(no, s, now)]
        if state.asked.started_by is not Side.OUTSIDE:  # type: ignore[union-attr]
            acts += [lambda s: deciding.withdraw_transfer(deciding.WithdrawTransfer(), s, now)]
            objects = disputes.ObjectToTransfer(objection="o", withdraws=False)
            decides = disputes.DecideObjection(upheld=self.random.random() < 0.3)
            acts += [lambda s: disputes.object_to_transfer(objects, s, now)]
            acts += [lambda s: disputes.decide_objection(decides, s, now)] * 2
        await system.commands.decide(system.request(), transfer, self.random.choice(acts))

    async def answers(self, system: System) -> None:
        """As OutsideTransfers: who is offered is found here or not, and taken, or refused."""
        waiting = [(n, s) for n, s in system.exchanges().items() if isinstance(s, Incoming) and s.transfer is None]
        if not waiting:
            return
        exchange, state = self.random.choice(waiting)
        number, now, dialogue = await self.offered(system, exchange), system.now(), system.dialogue
        if self.random.random() < 0.2:
            no = domain.answer_offer
            await dialogue.record(system.request(), exchange, lambda s: no("refused", "g", s, now))
        elif system.branch(number) is None:
            yes = domain.answer_offer
            await dialogue.record(system.request(), exchange, lambda s: yes("accepted", "", s, now, newcomer=True))
        elif system.branch(number) == REGISTER:
            await self.takes(system, exchange, state, number)

    async def takes(self, system: System, exchange: str, state: Incoming, number: str) -> None:
        domain.matchable(state, system.now())
        request, to = system.request(), state.offer.organization
        about = {"exchange": exchange, "system": system.other.name, "organization": "", "name": "n"}
        end = Term(side=Side.OUT, hours=int(THEIR_OUTCOME / HOUR))
        more = {"started_by": Side.OUTSIDE, "assigns": to == COMMITTEE, "terms": (Term(side=Side.IN), end)}
        transfer = system.commands.begun_by(request)
        command = self.command(system, number, to, Outside.model_validate(about), **more)
        await system.commands.begin(request, transfer, command)
        await system.dialogue.match(exchange, transfer, number)

    async def enters(self, system: System) -> None:
        """A newcomer who left over there is entered, and later that is said."""
        for exchange, state in system.exchanges().items():
            if isinstance(state, Incoming) and state.awaits_entry and not state.lost:
                number, to = await self.offered(system, exchange), state.offer.organization
                if not system.has(number):
                    system.enter(number, BELOW if to == COMMITTEE else to)
                elif self.random.random() < 0.7:
                    entered: Any = partial(domain.note_entry, number)
                    await system.dialogue.record(system.request(), exchange, entered)
                return

    async def offered(self, system: System, exchange: str) -> str:
        [received] = system.store.commits[exchange][0].events[:1]
        return str(received.personal.values["number"])

    async def comes_late(self, system: System) -> None:
        """A message that came before comes once more."""
        if system.late:
            path, body = self.random.choice(system.late)
            await system.handle(path, body)

    async def lies(self, system: System) -> None:
        """What is decided or ended is said once more, and differently, under another id."""
        theirs = [state for state in system.exchanges().values() if self.random.random() < 0.3]
        for state in theirs:
            message = {"message": str(uuid4()), "transfer": _reference(state)}
            if isinstance(state, Outgoing) and state.decision is not None:
                other = "refused" if state.decision.decision == "accepted" else "accepted"
                await system.handle("", Decision.model_validate(message | {"decision": other, "ground": ""}))
            if isinstance(state, Incoming) and state.outcome is not None:
                other = "withdrawn" if state.outcome == "completed" else "completed"
                await system.handle("", Outcome.model_validate(message | {"outcome": other}))

    async def rest(self) -> None:
        """Nobody dies any more and nothing is lost: whatever waits is decided, or comes to its end. Branches take
        everybody after a while.
        """
        for round_ in range(400):
            for system in self.both:
                system.troubled, system.skew = False, timedelta()
                system.closing = {b for b in BRANCHES if round_ < 20 and self.random.random() < 0.4}
                for _ in range(12):
                    await self.tried(lambda s: s.works(), system)
                    while any(system.lines.values()):
                        await system.arrives()
                    for act in (self.decides, self.answers, self.enters):
                        await self.tried(act, system)
            if self.settled():
                return
            self.time += self.random.choice((HOUR, timedelta(hours=6), timedelta(days=2)))

    def settled(self) -> bool:
        open_ = [s for system in self.both for s in system.exchanges().values() if not s.closed]
        return not open_ and not any(system.store.claims for system in self.both)

    # ---- what must hold

    def check(self) -> None:
        """At every moment: nobody in two systems; whatever waits is looked at again; one open transfer a person."""
        for number in self.numbers:
            assert not all(system.has(number) for system in self.both), number
        for system in self.both:
            waiting = {row.stream for row in system.store.rows.values()}
            for exchange, state in system.exchanges().items():
                transfer = state.offer.transfer if isinstance(state, Outgoing) else state.transfer
                assert state.closed or {exchange, transfer} & waiting, (system.name, exchange, state)
            for name, commits in system.store.commits.items():
                if name.startswith("transfer-"):
                    state = TRANSFER.fold(e for c in commits for e in c.events)
                    assert isinstance(state, Ended) or name in waiting, (system.name, name, state)
                    claimed = system.store.claims.get(f"{OPEN}:{state.asked.person}") == name  # type: ignore[union-attr]
                    assert claimed != isinstance(state, Ended), (system.name, name)

    def check_agreement(self) -> None:
        """At rest: everybody in one system, and both sides say the same of every offer."""
        assert self.settled(), [s.exchanges() for s in self.both]
        for number in self.numbers:
            assert sum(system.has(number) for system in self.both) == 1, number
        for system in self.both:
            theirs = system.other.exchanges()
            for state in (s for s in system.exchanges().values() if isinstance(s, Outgoing)):
                across = theirs.get(exchange_with(system.name, state.offer.transfer))
                self.check_one(state, across if isinstance(across, Incoming) else None)

    def check_one(self, offer: Outgoing, across: Incoming | None) -> None:
        said = across.decision.decision if across is not None and across.decision else None
        if offer.outcome == "completed":
            assert across is not None
            assert (across.outcome, said) == ("completed", "accepted")
        elif offer.outcome is None:
            assert (said, offer.decision and offer.decision.decision) == ("refused", "refused")
        else:
            assert across is None or said == "refused" or across.outcome == offer.outcome, (offer, across)


def _chosen() -> deciding.AssignDestination:
    return deciding.AssignDestination(branch=BELOW, above=(BELOW, COMMITTEE))


def _reference(state: Outgoing | Incoming) -> str:
    return state.offer.transfer if isinstance(state, Outgoing) else state.offer.reference
