"""Retry, then one by one, then a verdict: never past a record that was not handled."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from pymongo.errors import AutoReconnect

from shared.kernel.envelope import Actor, Recorded
from shared.kernel.refusals import ChangedMeanwhile, SystemBusy
from shared.messaging import handling
from shared.messaging.consumer import MAX_POLL_INTERVAL_MS
from shared.messaging.handling import TRIES, Handling, Poisoned, Unavailable


def record(number: int, type_: str = "org.A.v1") -> tuple[str, Recorded]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return "org.events.v1", Recorded(f"e-{number}", type_, "s-1", number, 0, at, Actor("p"), "", "", {"n": number})


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
    assert await table(A=a, B=b).handle(batch) == 4
    assert (a.calls, b.calls) == ([["e-1", "e-2"], ["e-5"]], [["e-4"]])


@pytest.mark.rule("P5")
async def test_a_failure_that_passes_is_tried_again_with_the_whole_batch() -> None:
    a = Hearing({"e-2": [RuntimeError("once"), RuntimeError("twice")]})
    assert await table(A=a).handle([record(1), record(2)]) == 2
    assert a.calls == [["e-1", "e-2"]] * 3


@pytest.mark.rule("P5")
async def test_a_record_that_never_works_is_found_alone_and_nothing_behind_it_is_tried() -> None:
    a = Hearing({"e-3": [ValueError("secret 110101199001011234")] * 99})
    b = Hearing()
    with pytest.raises(Poisoned) as caught:
        await table(A=a, B=b).handle([record(1), record(2), record(3), record(4), record(5, "org.B.v1")])
    assert a.done == ["e-1", "e-2"]
    assert a.calls[TRIES:] == [["e-1"], ["e-2"]] + [["e-3"]] * TRIES
    assert b.calls == []
    assert "e-3" in str(caught.value)
    assert "110101" not in str(caught.value), "what a record holds never gets into a log"


@pytest.mark.rule("P5")
async def test_a_refusal_that_leaves_a_function_is_a_fault_of_the_function() -> None:
    a = Hearing({"e-1": [ChangedMeanwhile()] * 99})
    with pytest.raises(Poisoned):
        await table(A=a).handle([record(1)])


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
