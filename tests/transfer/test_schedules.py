"""Both services' decisions under random schedules (schedules.py). A failure names its seed; run that one alone to see it
again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from services.member.domain.person_state import PERSON
from services.member.reactions import OVER
from services.transfer.domain.events import (
    DestinationAssigned,
    TransferBecameLate,
    TransferCompleted,
    TransferOpened,
    TransferReminded,
    TransferStepApproved,
)
from services.transfer.domain.events_of_successions import TransferRedirected
from services.transfer.domain.transfer import TRANSFER, Ended
from tests.transfer.schedules import World

SCHEDULES = 5_000
ENDS = {"TransferCompleted", "TransferRefused", "TransferWithdrawn", "TransferTimedOut", "TransferFailed"}


def check(world: World, seed: int) -> None:
    for who in world.people:
        world.branch(who)
    for name in world.transfers:
        state = world.state(name)
        if not isinstance(state, Ended):
            assert any(row.stream == name for row in world.rows.values()), (seed, name, state)
        if not isinstance(state, Ended):
            assert world.claims[state.asked.person] == name, (seed, name)
    open_ones = [name for name in world.transfers if not isinstance(world.state(name), Ended)]
    assert len(open_ones) == len(world.claims), seed


def check_reminders(events: Sequence[Any], seed: int) -> int:
    """TRF-10: of one wait each reminder comes once and in its order, and it becomes late once."""
    given, late, reminders = 0, False, 0
    for event in events:
        match event:
            case TransferOpened() | TransferStepApproved():
                given, late = 0, False
            case DestinationAssigned(due_at=datetime()):
                given, late = 0, False
            case TransferRedirected() if event.due_at or event.unassigned_from:
                given, late = 0, False
            case TransferReminded(number=number):
                assert number > given, (seed, events)
                given, reminders = number, reminders + 1
            case TransferBecameLate():
                assert not late, (seed, events)
                late = True
            case _:
                pass
    return reminders


@pytest.mark.rule("TRF-22", "TRF-23", "TRF-02", "TRF-09", "TRF-10", "P2", "P8")
def test_whatever_comes_when_and_how_often_everybody_is_in_one_branch_and_nothing_is_stuck() -> None:
    """Fails if a person could be in no branch, held for ever or in two transfers, or a transfer wait without an end."""
    ends: dict[str, int] = {}
    reminders = redirected = 0
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
            assert world.state(name) == TRANSFER.fold(events), (seed, name)
            reminders += check_reminders(events, seed)
            redirected += any(isinstance(event, TransferRedirected) for event in events)
            completed = any(isinstance(event, TransferCompleted) for event in events)
            assert moves[name] == completed, (seed, name)
            last = [name for e in events if (name := type(e).__name__) in ENDS][-1]
            ends[last] = ends.get(last, 0) + 1
    assert ends.keys() == ENDS, ends
    assert reminders > 1_000
    assert redirected > 300
    assert min(ends.values()) > 100, ends
