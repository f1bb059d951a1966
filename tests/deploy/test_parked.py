"""P5, OPS-08: an operator at the shell learns what is parked, retries it, and drops it with a reason and a name."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from deploy.cli.doctor import examine
from deploy.cli.main import app
from deploy.local.ports import free_block
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.handling import Heard, Stuck
from shared.messaging.parking import Parking
from shared.messaging.wire import Position, headers_of, value_of

T = TypeVar("T")


def heard(number: int) -> Heard:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    event = Recorded(f"record-{number}", "member.PersonReleased.v1", "person-1", number, 0, at, Actor("p"), "", "", {})
    return Heard(
        "member.identity.v1",
        "person-1",
        0,
        number,
        value_of(event),
        headers_of("member", event, Position(1, number, 0), None),
        event,
    )


@pytest.fixture
def whole(tmp_path: Path, servers: Addresses, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack of which only the servers run, with one line of two records parked in identity."""
    settings = {**servers.environment(), "TUAN_NAMESPACE": namespace, "TUAN_ENVIRONMENT": "test"}
    stack = Stack(tmp_path, free_block(), environment=settings)
    monkeypatch.setattr("deploy.cli.parked.this_stack", lambda: stack)

    async def park(parking: Parking) -> None:
        await parking.parked.prepare()
        first = heard(1)
        await parking.park({first.line: Stuck(first, ValueError("secret"))}, [first, heard(2)])

    with_identity(stack, park)
    return stack


def with_identity(stack: Stack, work: Callable[[Parking], Awaitable[T]]) -> T:
    async def done() -> T:
        settings = stack.settings()
        driver = Driver(settings["TUAN_MONGO_URL"])
        try:
            return await work(Parking(driver, f"{settings['TUAN_NAMESPACE']}identity", SystemClock()))
        finally:
            await driver.close()

    return asyncio.run(done())


def say(*words: str) -> str:
    result = CliRunner().invoke(app, ["parked", *words])
    return f"{result.exit_code}: {result.output}"


@pytest.mark.rule("P5")
def test_the_list_says_what_stands_still_why_and_which_command_comes_next(whole: Stack) -> None:
    said = say("list")
    for text in ("0: ", "record-1", "identity", "person-1 version 1", "1 behind it", "ValueError", "tuan parked retry"):
        assert text in said
    assert "secret" not in said
    assert "record-2" not in said


@pytest.mark.rule("P5", "OPS-08")
def test_doctor_counts_what_is_parked_and_names_the_command(whole: Stack) -> None:
    [finding] = [each for each in examine(whole) if "parked" in each.what]
    assert (finding.well, finding.advice) == (False, "tuan parked list")
    assert "identity: 1 keys are parked, with 2 records" in finding.what


@pytest.mark.rule("P5")
@pytest.mark.parametrize("which", ["record-1", "--all"])
def test_a_retry_is_asked_for_in_the_name_of_who_sits_at_the_shell(whole: Stack, which: str) -> None:
    assert "0: Asked for 1 retries" in say("retry", which)
    [line] = with_identity(whole, lambda parking: parking.parked.lines())
    assert line.asked_by == f"shell:{getpass.getuser()}"
    assert "has asked for a retry" in say("list")


@pytest.mark.rule("P5")
def test_a_drop_needs_a_reason_and_keeps_it_with_the_name(whole: Stack) -> None:
    assert say("drop", "record-1").startswith("2: ")
    assert say("drop", "record-2", "--reason", "not the first").startswith("1: This record is not at the head")
    assert "0: Dropped by shell:" in say("drop", "record-1", "--reason", "entered by hand")

    async def drops(parking: Parking) -> list[dict[str, str]]:
        return await parking.database.parked_drops.find({}).to_list(None)

    [kept] = with_identity(whole, drops)
    assert (kept["_id"], kept["reason"], kept["by"]) == ("record-1", "entered by hand", f"shell:{getpass.getuser()}")


@pytest.mark.rule("P5")
def test_what_is_not_parked_is_said_and_nothing_is_asked(whole: Stack) -> None:
    assert say("retry", "record-9").startswith("1: This record is not at the head")
    assert say("retry").startswith("2: ")
    assert say("retry", "record-1", "--all").startswith("2: ")
