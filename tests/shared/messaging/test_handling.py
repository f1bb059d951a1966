"""Retry, then line by line, then a verdict: never past a record of the same key that was not handled."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from pymongo.errors import AutoReconnect

from shared.kernel.envelope import Actor, Recorded
from shared.kernel.refusals import ChangedMeanwhile, SystemBusy
from shared.messaging import handling
from shared.messaging.consumer import MAX_POLL_INTERVAL_MS
from shared.messaging.handling import TRIES, Handling, Heard, Unavailable


def record(number: int, type_: str = "org.A.v1", key: str = "s-1") -> Heard:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    event = Recorded(f"e-{number}", type_, key, number, 0, at, Actor("p"), "", "", {"n": number})
    return Heard("org.events.v1", key, 0, number, b"{}", [], event)


class Hearing:
    """A function of a table: remembers what it was given, and fails as told."""

    def __init__(self, failures: dict[str, list[Exception]] | None = None) -> None:
        self.calls: list[list[str]] = []
        self.done: list[str] = []
        self.failures = failures or {}

    async def __call__(self, records: Sequence[Recorded]) -> None:
        ids = [r.event_id for r in records]
        self.calls.append(ids)
        for each in ids:
            if self.failures.get(each):
                raise self.failures[each].pop(0)
        self.done += ids


def table(**functions: Hearing) -> Handling:
    return Handling({("org.events.v1", f"org.{name}.v1"): f for name, f in functions.items()})


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.001)


@pytest.mark.rule("P5")
async def test_consecutive_records_of_a_type_are_given_together_and_unknown_types_are_skipped() -> None:
    a, b = Hearing(), Hearing()
    batch = [record(1), record(2), record(3, "org.X.v1"), record(4, "org.B.v1"), record(5)]
    assert await table(A=a, B=b).handle(batch) == {}
    assert (a.calls, b.calls) == ([["e-1", "e-2"], ["e-5"]], [["e-4"]])


@pytest.mark.rule("P5")
async def test_a_failure_that_passes_is_tried_again() -> None:
    a = Hearing({"e-2": [RuntimeError("once"), RuntimeError("twice"), RuntimeError("once more")]})
    assert await table(A=a).handle([record(1), record(2)]) == {}
    assert a.calls == [["e-1", "e-2"], ["e-1"], ["e-2"], ["e-2"], ["e-2"]]


@pytest.mark.rule("P5")
async def test_a_record_that_never_works_is_found_alone_and_nothing_behind_it_on_its_line_is_tried() -> None:
    a = Hearing({"e-3": [ValueError("secret 110101199001011234")] * 99})
    b = Hearing()
    batch = [record(1), record(2), record(3), record(4), record(5, "org.B.v1"), record(6, "org.B.v1", "s-2")]
    stuck = await table(A=a, B=b).handle(batch)
    assert a.done == ["e-1", "e-2"]
    assert a.calls[1:] == [["e-1"], ["e-2"]] + [["e-3"]] * TRIES
    assert b.calls == [["e-6"]]
    assert {line: found.head.event.event_id for line, found in stuck.items()} == {"org.events.v1:s-1": "e-3"}


@pytest.mark.rule("P5")
async def test_one_poisoned_line_among_many_costs_a_call_for_each_halving() -> None:
    a = Hearing({"e-200": [ValueError()] * 99})
    assert len(await table(A=a).handle([record(n, key=f"s-{n}") for n in range(500)])) == 1
    assert len(a.done) == 499
    assert len(a.calls) <= 2 * 9 + TRIES


@pytest.mark.rule("P5")
async def test_other_keys_are_handled_whatever_stands_still_between_them() -> None:
    """R07: without it one poisoned key holds up its whole partition."""
    a = Hearing({"e-2": [ValueError()] * 99, "e-5": [ValueError()] * 99})
    batch = [record(n, key=f"s-{n % 3}") for n in range(1, 10)]
    stuck = await table(A=a).handle(batch)
    assert sorted(stuck) == ["org.events.v1:s-2"]
    assert sorted(a.done) == ["e-1", "e-3", "e-4", "e-6", "e-7", "e-9"]


@pytest.mark.rule("P5")
async def test_poisoned_lines_are_retried_beside_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "PAUSE_SECONDS", 0.02)
    a = Hearing({f"e-{n}": [ValueError()] * 99 for n in range(10)})
    started = asyncio.get_running_loop().time()
    assert len(await table(A=a).handle([record(n, key=f"s-{n}") for n in range(10)])) == 10
    assert asyncio.get_running_loop().time() - started < 0.02 * 15 * 4


@pytest.mark.rule("P5")
async def test_a_refusal_that_leaves_a_function_is_a_fault_of_the_function() -> None:
    a = Hearing({"e-1": [ChangedMeanwhile()] * 99})
    [found] = (await table(A=a).handle([record(1)])).values()
    assert isinstance(found.error, ChangedMeanwhile)


@pytest.mark.rule("P5")
@pytest.mark.parametrize("error", [SystemBusy(), AutoReconnect("no primary"), ConnectionRefusedError(), TimeoutError()])
async def test_servers_that_are_away_poison_nothing(error: Exception) -> None:
    """Without the difference an outage of a minute would stop every service until somebody starts it again."""
    a = Hearing({"e-1": [error] * 99})
    with pytest.raises(Unavailable):
        await table(A=a).handle([record(1), record(2)])
    assert a.calls == [["e-1", "e-2"]] * TRIES


@pytest.mark.rule("P5")
async def test_a_function_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "CALL_SECONDS_MAX", 0.02)

    async def hang(_: Sequence[Recorded]) -> None:
        await asyncio.sleep(60)

    with pytest.raises(Unavailable):
        await Handling({("org.events.v1", "org.A.v1"): hang}).handle([record(1)])


@pytest.mark.rule("P5")
async def test_a_batch_is_given_up_before_the_group_gives_up_its_member(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handling.BATCH_SECONDS_MAX + handling.CALL_SECONDS_MAX < MAX_POLL_INTERVAL_MS / 1000
    monkeypatch.setattr(handling, "BATCH_SECONDS_MAX", 0.0)

    async def slow(_: Sequence[Recorded]) -> None:
        await asyncio.sleep(0.01)

    with pytest.raises(Unavailable):
        await Handling({("org.events.v1", "org.A.v1"): slow}).handle([record(1)])
