"""The whole system as processes: it becomes ready, and any part of it comes back after a crash."""

import asyncio
import time

import pytest

from deploy.cli.data import seed_stack
from deploy.cli.doctor import examine
from deploy.cli.finding import Finding
from deploy.local.stack import Stack
from services.stats.verify import Verification
from shared.eventstore.driver import Driver
from shared.runtime.parts import PARTS
from shared.runtime.settings import Settings

pytestmark = pytest.mark.faults


@pytest.fixture
def settings(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the running stack's own processes."""
    for name, value in stack.settings().items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_doctor_finds_a_fresh_stack_well(stack: Stack) -> None:
    assert [finding for finding in examine(stack) if not finding.well] == []


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_reported_and_comes_back(stack: Stack, part: str) -> None:
    stack.kill(part)
    sick = _sick_once_settled(stack)
    assert [finding.what for finding in sick] == [f"{part}: died"]
    assert sick[0].advice == f"tuan logs {part}, then make up"
    stack.restart(part)
    assert stack.ready(part) == (True, "")


def _sick_once_settled(stack: Stack) -> list[Finding]:
    """What doctor finds when nothing but the dead part is left: a part restarted before may still take its lease."""
    for _ in range(30):
        sick = [finding for finding in examine(stack) if not finding.well]
        if len(sick) == 1:
            break
        time.sleep(1)
    return sick


@pytest.mark.rule("ORG-01", "P10")
def test_a_seeded_stack_has_the_national_tree_once_and_no_drift(stack: Stack, settings: Settings) -> None:
    bodies, made = seed_stack(stack)
    assert (bodies, made) == (37, True)
    assert seed_stack(stack) == (37, False)
    counted = asyncio.run(_counted_once_there(settings, organizations=38))
    assert counted == (38, [])


async def _counted_once_there(settings: Settings, *, organizations: int) -> tuple[int, list[object]]:
    """What stats has counted, once the relay has brought it that many organizations (at most 30 s)."""
    driver = Driver(settings.mongo_url, settings.driver)
    try:
        for _ in range(300):
            recounted = await Verification(driver, settings).recount()
            if recounted.organizations == organizations:
                break
            await asyncio.sleep(0.1)
        return recounted.organizations, list(recounted.drifts)
    finally:
        await driver.close()
