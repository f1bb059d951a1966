"""Both services' decisions as pure functions under random schedules: facts late, twice, between any two steps, clocks
that jump (TRF-02, TRF-09, TRF-22). A failure names its seed; run that one alone to see it again.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.member.domain import policies as of_member
from services.member.domain import transfers as holding
from services.member.domain.events import MembershipBegan, PersonRecorded
from services.member.domain.person_state import PERSON
from services.member.published import publish as member_says
from services.member.reactions import OVER
from services.transfer.domain import deciding
from services.transfer.domain import policies as of_transfer
from services.transfer.domain.events import Side, TransferClosed, TransferCompleted, TransferFailed
from services.transfer.domain.transfer import TRANSFER, Ended, Pending, Requested, Unassigned
from services.transfer.published import publish as transfer_says
from shared.contracts import member, transfer
from shared.contracts.base import Contract
from shared.kernel.refusals import Refusal

SCHEDULES = 5_000
BRANCHES = ("branch-0", "branch-1", "branch-2")
HOUR, STEP = timedelta(hours=1), timedelta(hours=240)


class World:
    """Streams, the claims, and a line of facts for each stream, which arrive in their order, each once or more often."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = datetime(2026, 11, 28, tzinfo=UTC)
        self.people: dict[str, list[Any]] = {}
        self.transfers: dict[str, list[Any]] = {}
        self.claims: dict[str, str] = {}
        self.lines: dict[str, deque[Contract]] = {}
        self.closing: set[str] = set()
        for number in range(2):
            recorded = PersonRecorded(number_hash=str(number))
            self.people[f"person-{number}"] = [recorded, MembershipBegan(branch=BRANCHES[number])]

    def decide(self, stream: str, decide: Callable[[Any], Sequence[Any]]) -> None:
        """As `execute`: what a stream decides is stored, claims change with it, and what it says goes into its line."""
        own, decider = (self.transfers, TRANSFER) if stream in self.transfers else (self.people, PERSON)
        state = decider.fold(own[stream])
        try:
            events = decide(state)
        except Refusal:
            return
        for event in events:
            gone = isinstance(event, TransferCompleted | TransferClosed)
            if gone or (isinstance(event, TransferFailed) and not event.held):
                assert self.claims.pop(state.asked.person) == stream
            own[stream].append(event)
            says = transfer_says if own is self.transfers else member_says
            self.lines.setdefault(stream, deque()).extend(c for c in says(event, stream, 1) if _heard(c))
        decider.fold(own[stream])

    def act(self) -> None:
        """One thing that somebody does, or a fact that arrives, or time that passes."""
        acts = (self.starts, self.decides, self.decides, self.arrives, self.arrives, self.arrives, self.passes)
        self.random.choice(acts)()

    def starts(self) -> None:
        who = self.random.choice(list(self.people))
        if who in self.claims:
            return
        name, branch = f"transfer-{len(self.transfers)}", self.branch(who)
        self.claims[who], self.transfers[name] = name, []
        asked = {"person": who, "to": self.random.choice([b for b in BRANCHES if b != branch]), "reason": "r"}
        side, assigns = self.random.choice(list(Side)), self.random.random() < 0.3
        command = deciding.RequestTransfer(
            **asked, from_branch=branch, assigns=assigns, started_by=side, hold_life=HOUR
        )
        self.decide(name, lambda state: deciding.request_transfer(command, state, self.now))

    def decides(self) -> None:
        """Anybody of the two sides, at any moment, in time or not."""
        if not self.transfers:
            return
        name = self.random.choice(list(self.transfers))
        by, to = self.random.choice(BRANCHES), self.random.choice(BRANCHES)
        state = TRANSFER.fold(self.transfers[name])
        if isinstance(state, Pending) and self.random.random() < 0.8:
            by = state.organization
        above = (to, state.asked.to)
        approve = deciding.ApproveTransfer(organization=by, step_life=STEP)
        refuse = deciding.RefuseTransfer(organization=by, ground="g")
        assign = deciding.AssignDestination(branch=to, above=above)
        acts: tuple[Callable[[Any], Sequence[Any]], ...] = (
            *[lambda state: deciding.approve_transfer(approve, state, self.now)] * 5,
            lambda state: deciding.refuse_transfer(refuse, state, self.now),
            lambda state: deciding.withdraw_transfer(deciding.WithdrawTransfer(), state, self.now),
            lambda state: deciding.assign_destination(assign, state),
        )
        self.decide(name, self.random.choice(acts))

    def passes(self) -> None:
        """Time, sometimes much of it; then the worker looks, or is away. A branch may close or open again."""
        self.now += self.random.choice((*[timedelta(minutes=1)] * 6, HOUR, STEP))
        self.closing ^= {self.random.choice(BRANCHES)} if self.random.random() < 0.2 else set()
        if self.random.random() < 0.7:
            self.works()

    def works(self) -> None:
        for name in self.transfers:
            self.decide(name, lambda state: deciding.time_out_transfer(deciding.TimeOutTransfer(), state, self.now))

    def arrives(self) -> None:
        """The first fact of some line; it may stay there, as if its reader had died before it acknowledged."""
        waiting = [line for line in self.lines.values() if line]
        if waiting:
            line = self.random.choice(waiting)
            self.hears(line[0])
            if self.random.random() < 0.7:
                line.popleft()

    def hears(self, fact: Any) -> None:
        match fact:
            case transfer.TransferRequested():
                hold = of_member.on_transfer_requested(fact)
                self.decide(fact.person, lambda state: holding.place_hold(hold, state))
            case transfer.TransferApproved(to_branch=to_branch) if to_branch in self.closing:
                refuse = holding.RefuseMove(transfer=fact.transfer, cause="branch_closing")
                self.decide(fact.person, lambda state: holding.refuse_move(refuse, state))
            case transfer.TransferApproved():
                move = of_member.on_transfer_approved(fact)
                self.decide(fact.person, lambda state: holding.move_member(move, state))
            case member.TransferHoldPlaced():
                begin = of_transfer.on_transfer_hold_placed(fact, STEP)
                self.decide(fact.transfer, lambda state: deciding.open_transfer(begin, state, self.now))
            case member.TransferHoldRefused() | member.MemberMoveRefused():
                fail = of_transfer.on_member_refused(fact)
                self.decide(fact.transfer, lambda state: deciding.fail_transfer(fail, state))
            case member.TransferCarriedOut():
                complete = of_transfer.on_transfer_carried_out(fact)
                self.decide(fact.transfer, lambda state: deciding.complete_transfer(complete, state))
            case member.TransferHoldReleased():
                close = of_transfer.on_transfer_hold_released(fact)
                self.decide(fact.transfer, lambda state: deciding.close_transfer(close, state))
            case _:
                release = of_member.on_transfer_over(fact)
                self.decide(fact.person, lambda state: holding.release_hold(release, state))

    def branch(self, who: str) -> str:
        branch = PERSON.fold(self.people[who]).branch
        assert branch in BRANCHES, f"{who} is in no branch"
        return str(branch)

    def rest(self) -> None:
        """Everybody is there again: facts arrive, what waits is decided or times out."""
        for _ in range(6):
            while any(self.lines.values()):
                self.arrives()
            self.now += STEP
            self.works()
            for name, events in self.transfers.items():
                state = TRANSFER.fold(events)
                if isinstance(state, Unassigned):
                    to = next(b for b in BRANCHES if b != state.asked.from_branch)
                    assign = deciding.AssignDestination(branch=to, above=(to, state.asked.to))
                    self.decide(name, lambda state, assign=assign: deciding.assign_destination(assign, state))


def _heard(contract: Contract) -> bool:
    return isinstance(contract, transfer.TransferEvent) or contract.topic == member.TRANSFERS


def check(world: World, seed: int) -> None:
    for who in world.people:
        world.branch(who)
    for name, events in world.transfers.items():
        state = TRANSFER.fold(events)
        if isinstance(state, Requested | Pending):
            assert state.due_at, (seed, name)
        if not isinstance(state, Ended):
            assert world.claims[state.asked.person] == name, (seed, name)
    open_ones = [e for e in world.transfers.values() if not isinstance(TRANSFER.fold(e), Ended)]
    assert len(open_ones) == len(world.claims), seed


@pytest.mark.rule("TRF-22", "TRF-02", "TRF-09", "P2", "P8")
def test_whatever_comes_when_and_how_often_everybody_is_in_one_branch_and_nothing_is_stuck() -> None:
    """Fails if a person could be in no branch, held for ever or in two transfers, or a transfer wait without an end."""
    ends: dict[str, int] = {}
    assert len(OVER) == 4
    for seed in range(SCHEDULES):
        world = World(seed)
        for _ in range(world.random.randint(5, 40)):
            world.act()
            check(world, seed)
        world.rest()
        check(world, seed)
        assert world.claims == {}, (seed, world.claims)
        assert all(PERSON.fold(events).hold is None for events in world.people.values()), seed
        moves = dict.fromkeys(world.transfers, 0)
        for event in (e for events in world.people.values() for e in events if type(e).__name__ == "MemberMoved"):
            moves[event.transfer] += 1
        for name, events in world.transfers.items():
            completed = any(isinstance(event, TransferCompleted) for event in events)
            assert moves[name] == completed, (seed, name)
            last = [type(e).__name__ for e in events if not isinstance(e, TransferClosed)][-1]
            ends[last] = ends.get(last, 0) + 1
    reached = {"TransferCompleted", "TransferRefused", "TransferWithdrawn", "TransferTimedOut", "TransferFailed"}
    assert ends.keys() == reached, ends
    assert min(ends.values()) > 100, ends
