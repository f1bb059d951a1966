"""Both systems' decisions under random schedules (exchange_schedules.py). A failure names its seed; SEED=7 runs that one
alone. EXCHANGE_SCHEDULES=5000 runs so many instead of those of every build.
"""

import os
from collections import Counter

import pytest

from services.transfer.domain.exchange_states import Incoming, Outgoing
from tests.transfer.exchange_schedules import Between

USUAL, MANY = 60, 1_000
SCHEDULES = int(os.environ.get("EXCHANGE_SCHEDULES") or USUAL)
SEEDS = [int(os.environ["SEED"])] if os.environ.get("SEED") else range(SCHEDULES)


@pytest.mark.rule("TRF-17", "TRF-22", "BEY-08", "P1", "P2", "P8")
@pytest.mark.timeout(120 + 4 * SCHEDULES)
async def test_whatever_is_lost_late_twice_or_killed_both_systems_agree_and_nobody_is_in_two_or_in_none() -> None:
    """Without derived message ids, the deadline in each commit, or the outcome of who offered, one of them is."""
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        world = Between(seed)
        try:
            for _ in range(world.random.randint(30, 160)):
                await world.act()
                world.check()
            await world.rest()
            world.check_agreement()
        except AssertionError as error:
            error.add_note(f"SEED={seed}")
            raise
        seen["deaths"] += world.deaths
        for system in world.both:
            for state in system.exchanges().values():
                seen.update(_kinds(state))
    if len(SEEDS) >= USUAL:
        assert {"deaths", "completed", "withdrawn", "timed_out", "refused", "newcomer", "matched"} <= set(seen), seen
    if len(SEEDS) >= MANY:
        assert {"lost", "other_decision", "other_outcome", "late_decision"} <= set(seen), seen


def _kinds(state: Outgoing | Incoming) -> list[str]:
    found = [state.outcome or "", *state.findings]
    if state.decision is not None:
        found.append(state.decision.decision)
    if isinstance(state, Incoming):
        newcomer = state.decision is not None and state.decision.newcomer
        found += ["newcomer"] * newcomer + ["matched"] * (state.transfer is not None) + ["lost"] * state.lost
    return found
