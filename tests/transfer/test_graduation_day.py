"""A graduation day as pure functions: whole classes leave school at once, each to somebody else's branch.

GRADUATES=1000000 for the day of a nation; it takes some minutes for each hundred thousand.
"""

import os
from collections import Counter
from typing import Any

import pytest

from services.member.domain.events import MembershipBegan, PersonRecorded
from services.member.domain.person_state import PERSON
from services.transfer.domain import deciding
from services.transfer.domain.events import Side, Term
from services.transfer.domain.transfer import TRANSFER, Ended
from tests.transfer.schedules import BRANCHES, HOUR, WEEKDAYS, World

GRADUATES = int(os.environ.get("GRADUATES") or 4_000)
CLASS = 40
SCHOOL, *ELSEWHERE = BRANCHES
TERMS = (Term(side=Side.OUT), Term(side=Side.IN))


class Day(World):
    """One class of graduates, all members of the school's branch. Facts arrive once or twice, in any order of lines."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.given_up = False
        self.people = {
            f"person-{number}": [PersonRecorded(number_hash=str(number)), MembershipBegan(branch=SCHOOL)]
            for number in range(CLASS)
        }

    def leave(self) -> None:
        for number, who in enumerate(self.people):
            name, to = f"transfer-{number}", self.random.choice(ELSEWHERE)
            self.claims[who], self.transfers[name] = name, []
            command = deciding.RequestTransfer(
                person=who,
                from_branch=SCHOOL,
                to=to,
                assigns=False,
                started_by=Side.OUT,
                reason="employment",
                hold_life=HOUR,
                terms=TERMS,
            )
            self.decide(name, lambda _, command=command: deciding.request_transfer(command, _, self.now))

    def hear(self) -> None:
        while waiting := [line for line in self.lines.values() if line]:
            self.random.shuffle(waiting)
            for line in waiting:
                for _ in range(self.random.choice((1, 1, 2))):
                    self.hears(line[0])
                line.popleft()

    def approve(self) -> None:
        """The other branch, some of whose clicks come twice."""
        for name in self.random.choices(list(self.transfers), k=CLASS // 4) + list(self.transfers):
            to = self.transfers[name][0].to
            agreed = deciding.ApproveTransfer(organization=to)
            self.decide(name, lambda state, agreed=agreed: deciding.approve_transfer(agreed, state, self.now, WEEKDAYS))


@pytest.mark.rule("TRF-22", "TRF-05", "P2")
@pytest.mark.timeout(60 + GRADUATES // 100)
def test_of_all_who_leave_school_on_one_day_nobody_is_lost_and_nobody_is_in_two_branches() -> None:
    arrived: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for seed in range(GRADUATES // CLASS):
        day = Day(seed)
        day.leave()
        day.hear()
        day.approve()
        day.hear()
        assert day.claims == {}, seed
        for name, events in day.transfers.items():
            state: Any = TRANSFER.fold(events)
            assert isinstance(state, Ended), (seed, name)
            person: Any = PERSON.fold(day.people[state.asked.person])
            assert (person.branch, person.hold) == (state.asked.to, None), (seed, name)
            wanted[state.asked.to] += 1
        for events in day.people.values():
            moves = [event for event in events if type(event).__name__ == "MemberMoved"]
            arrived[moves[-1].to_branch] += len(moves)
    assert arrived == wanted
    assert arrived.total() == GRADUATES
