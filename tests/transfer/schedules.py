"""A world of both services' decisions as pure functions: facts come late, twice, between any two steps, or an operator
gives them up; clocks jump; the worker is away or dies; a branch is dissolved or merged (TRF-02, TRF-09, TRF-10, TRF-22,
TRF-23).
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.member.domain import policies as of_member
from services.member.domain import transfers as holding
from services.member.domain.events import MembershipBegan, PersonRecorded
from services.member.domain.person_state import PERSON
from services.member.published import publish as member_says
from services.transfer.domain import deciding, disputes, passing_time
from services.transfer.domain import policies as of_transfer
from services.transfer.domain.events import (
    Side,
    Term,
    TransferClosed,
    TransferCompleted,
    TransferFailed,
    TransferRequested,
)
from services.transfer.domain.transfer import TRANSFER, Pending, Unassigned
from services.transfer.published import publish as transfer_says
from services.transfer.use_cases.successions import LOOKED_FOR_AGAIN
from services.transfer.use_cases.waits import ANSWER_DUE, COORDINATION_DUE, TRANSFER_DUE, TRANSFER_LOOK, Waits
from shared.contracts import member, org, transfer
from shared.contracts.base import Contract
from shared.deadlines.rows import Deadline
from shared.kernel.refusals import Refusal
from tests.transfer.tree_changes import BRANCHES, WEEKDAYS, TreeChanges

MEMBER_HEARS = (
    transfer.TransferRequested,
    transfer.TransferApproved,
    transfer.TransferAnswerAwaited,
    transfer.TransferRedirected,
    transfer.TransferRefused,
    transfer.TransferWithdrawn,
    transfer.TransferTimedOut,
    transfer.TransferFailed,
)
HOUR, STEP = timedelta(hours=1), timedelta(hours=240)


class Rows:
    """The deadlines as the waits name them; the rest of their conditions is another test's affair."""

    def row(self, deadline: Deadline) -> Any:
        return deadline


WAITS = Waits(Rows())  # type: ignore[arg-type]


class World(TreeChanges):
    """Streams, the claims, the rows of deadlines, and a line of facts for each stream, which arrive in their order, each
    once or more often, and now and then never.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = datetime(2026, 11, 28, tzinfo=UTC)
        self.people: dict[str, list[Any]] = {}
        self.transfers: dict[str, list[Any]] = {}
        self.folded: dict[str, tuple[int, Any]] = {}
        self.claims: dict[str, str] = {}
        self.lines: dict[str, deque[Contract]] = {}
        self.closing: set[str] = set()
        self.gone: org.OrganizationDissolved | None = None
        self.rows: dict[str, Deadline] = {}
        self.written: set[str] = set()
        self.given_up = self.random.random() < 0.3
        for number in range(2):
            recorded = PersonRecorded(number_hash=str(number))
            self.people[f"person-{number}"] = [recorded, MembershipBegan(branch=BRANCHES[number])]

    def decide(self, stream: str, decide: Callable[[Any], Sequence[Any]]) -> None:
        """As `execute`: what a stream decides is stored, claims change with it, and what it says goes into its line."""
        own = self.transfers if stream in self.transfers else self.people
        state = self.state(stream)
        try:
            events = decide(state)
        except Refusal:
            return
        if own is self.transfers and events:
            self.wait(stream, state, events)
        for event in events:
            gone = isinstance(event, TransferCompleted | TransferClosed)
            if gone or (isinstance(event, TransferFailed) and not event.held):
                assert self.claims.pop(state.asked.person) == stream
            own[stream].append(event)
            says = transfer_says if own is self.transfers else member_says
            self.lines.setdefault(stream, deque()).extend(c for c in says(event, stream, 1) if _heard(c))
        self.state(stream)

    def state(self, stream: str) -> Any:
        """The fold of its events, which goes on from where it was: streams only grow."""
        events, decider = (
            (self.transfers[stream], TRANSFER) if stream in self.transfers else (self.people[stream], PERSON)
        )
        done, state = self.folded.get(stream, (0, decider.initial))
        for event in events[done:]:
            state = decider.evolve(state, event)
        self.folded[stream] = len(events), state
        return state

    def wait(self, stream: str, state: Any, events: Sequence[Any]) -> None:
        """The rows of the commit; one that was written before would lose it."""
        begins = isinstance(events[0], TransferRequested)
        conditions: Any = WAITS.beginning(stream, events) if begins else WAITS.going_on(stream, state, events, self.now)
        for row in (c for c in conditions if isinstance(c, Deadline)):
            assert row.id not in self.written, (stream, row)
            self.written.add(row.id)
            self.rows[row.id] = row

    def act(self) -> None:
        """One thing that somebody does, or a fact that arrives, or time that passes."""
        acts = (self.starts, self.decides, self.decides, self.arrives, self.arrives, self.arrives, self.passes)
        self.random.choice((*acts * 4, self.dissolves))()

    def starts(self) -> None:
        who = self.random.choice(list(self.people))
        if who in self.claims:
            return
        name, branch = f"transfer-{len(self.transfers)}", self.branch(who)
        self.claims[who], self.transfers[name] = name, []
        to = self.random.choice([b for b in BRANCHES if b != branch and (not self.gone or b != self.gone.organization)])
        asked: dict[str, Any] = {"person": who, "to": to, "reason": "r"}
        side, assigns = self.random.choice(list(Side)), self.random.random() < 0.3
        terms = tuple(
            Term(side=each, hours=self.random.choice((72, 240, 360)), automatic=self.random.random() < 0.2)
            for each in (Side.OUT, Side.IN)
        )
        asked |= {"from_branch": branch, "assigns": assigns, "started_by": side, "hold_life": HOUR, "terms": terms}
        asked |= {"superior": "committee", "batch": "batch"} if side is Side.ABOVE else {}
        command = deciding.RequestTransfer(**asked)
        self.decide(name, lambda state: deciding.request_transfer(command, state, self.now))

    def decides(self) -> None:
        """Anybody of the two sides, at any moment, in time or not."""
        if not self.transfers:
            return
        name = self.random.choice(list(self.transfers))
        by, to = self.random.choice(BRANCHES), self.random.choice(BRANCHES)
        state = self.state(name)
        if isinstance(state, Pending) and self.random.random() < 0.8:
            by = state.organization
        above = (to, state.asked.to)
        approve = deciding.ApproveTransfer(organization=by)
        refuse = deciding.RefuseTransfer(organization=by, ground="g")
        assign = deciding.AssignDestination(branch=to, above=above)
        acts: tuple[Callable[[Any], Sequence[Any]], ...] = (
            *[lambda state: deciding.approve_transfer(approve, state, self.now, WEEKDAYS)] * 5,
            lambda state: deciding.refuse_transfer(refuse, state, self.now),
            lambda state: deciding.withdraw_transfer(deciding.WithdrawTransfer(), state, self.now),
            lambda state: deciding.assign_destination(assign, state, self.now, WEEKDAYS),
            lambda state: self.disputes(by, state),
            lambda state: self.disputes(by, state),
        )
        self.decide(name, self.random.choice(acts))

    def disputes(self, by: str, state: Any) -> Sequence[Any]:
        """The member objects, a superior decides about it, a delay is explained, a refusal is coordinated."""
        acts: tuple[Callable[[], Sequence[Any]], ...] = (
            lambda: disputes.object_to_transfer(
                disputes.ObjectToTransfer(objection="o", withdraws=self.random.random() < 0.2), state, self.now
            ),
            lambda: disputes.decide_objection(
                disputes.DecideObjection(upheld=self.random.random() < 0.3), state, self.now
            ),
            lambda: disputes.explain_delay(disputes.ExplainDelay(organization=by, explanation="e"), state, self.now),
            lambda: disputes.request_coordination(
                disputes.RequestCoordination(organization=state.asked.from_branch), state, self.now
            ),
            lambda: disputes.answer_coordination(disputes.AnswerCoordination(answer="a"), state),
        )
        return self.random.choice(acts)()

    def passes(self) -> None:
        """Time, sometimes much of it; then the worker looks, or is away. A branch may close or open again."""
        self.now += self.random.choice((*[timedelta(minutes=1)] * 6, HOUR, timedelta(days=3), STEP))
        self.closing ^= {self.random.choice(BRANCHES)} if self.random.random() < 0.2 else set()
        if self.random.random() < 0.7:
            self.works()

    def works(self) -> None:
        """The worker, on what is due by the rows; it may die before it has settled one."""
        for row in sorted((r for r in self.rows.values() if r.due_at <= self.now), key=lambda r: r.due_at):
            if row.kind == LOOKED_FOR_AGAIN:
                self.redirects(1)
            else:
                self.decide(row.stream, lambda state, row=row: self.due(row.kind, state))
            if self.random.random() < 0.9:
                del self.rows[row.id]

    def due(self, kind: str, state: Any) -> Sequence[Any]:
        if kind == TRANSFER_DUE:
            return passing_time.time_out_transfer(passing_time.TimeOutTransfer(), state, self.now, WEEKDAYS)
        if kind == TRANSFER_LOOK:
            return passing_time.remind_transfer(passing_time.RemindTransfer(), state, self.now)
        if kind == COORDINATION_DUE:
            return passing_time.remind_coordination(passing_time.RemindCoordination(), state, self.now)
        assert kind == ANSWER_DUE
        return passing_time.ask_member_again(passing_time.AskMemberAgain(), state, self.now)

    def arrives(self) -> None:
        """The first fact of some line; it may stay there, as if its reader had died before it acknowledged, or be given
        up by an operator.
        """
        waiting = [line for line in self.lines.values() if line]
        if waiting:
            line = self.random.choice(waiting)
            if self.given_up and self.random.random() < 0.1:
                line.popleft()
                return
            self.hears(line[0])
            if self.random.random() < 0.7:
                line.popleft()

    def hears(self, fact: Any) -> None:
        match fact:
            case transfer.TransferRequested():
                hold = of_member.on_transfer_requested(fact)
                self.decide(fact.person, lambda state: holding.place_hold(hold, state))
            case transfer.TransferApproved(to_branch=to_branch) if self.takes_nobody(to_branch):
                refuse = holding.RefuseMove(transfer=fact.transfer, cause="branch_closing")
                self.decide(fact.person, lambda state: holding.refuse_move(refuse, state))
            case transfer.TransferApproved():
                move = of_member.on_transfer_approved(fact)
                self.decide(fact.person, lambda state: holding.move_member(move, state))
            case transfer.TransferAnswerAwaited():
                self.decide(fact.person, lambda state: self.answers(fact, state))
            case member.TransferHoldPlaced():
                begin = of_transfer.on_transfer_hold_placed(fact)
                self.decide(fact.transfer, lambda state: deciding.open_transfer(begin, state, self.now, WEEKDAYS))
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
                self.goes_on(fact)

    def answers(self, fact: transfer.TransferAnswerAwaited, state: Any) -> Sequence[Any]:
        """As TransferredPeople: a roster that takes nobody refuses the move."""
        events = holding.answer_transfer(of_member.on_transfer_answer_awaited(fact), state)
        if self.takes_nobody(fact.to_branch) and any(type(event).__name__ == "MemberMoved" for event in events):
            return holding.refuse_move(holding.RefuseMove(transfer=fact.transfer, cause="branch_closing"), state)
        return events

    def branch(self, who: str) -> str:
        branch = self.state(who).branch
        assert branch in BRANCHES, f"{who} is in no branch"
        return str(branch)

    def rest(self) -> None:
        """Everybody is there again: facts arrive, what waits is decided or times out."""
        self.given_up = False
        for _ in range(8):
            while any(self.lines.values()):
                self.arrives()
            self.now += STEP
            self.works()
            for name in self.transfers:
                state = self.state(name)
                if isinstance(state, Unassigned):
                    to = next(b for b in BRANCHES if b != state.asked.from_branch)
                    assign = deciding.AssignDestination(branch=to, above=(to, state.asked.to))
                    self.decide(
                        name,
                        lambda state, assign=assign: deciding.assign_destination(assign, state, self.now, WEEKDAYS),
                    )


def _heard(contract: Contract) -> bool:
    return isinstance(contract, MEMBER_HEARS) or contract.topic == member.TRANSFERS
