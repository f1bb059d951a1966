"""One whole system for all tests of this folder: each leaves it running, whatever it did to it."""

import os
import random
import shutil
from collections.abc import Iterator

import pytest

from deploy.local.ports import free_block
from deploy.local.stack import SIMULATORS, Stack
from tests.conftest import SYSTEMS, TEST_DATA, WHOLE_SYSTEM, end
from tests.faults.county import Tree, build
from tests.faults.system import System
from tests.shared.observability.receiver import receiving

COMMANDS_SECONDS = 6
"""How old rights may be for commands in these tests; 60 s in production (P6)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands on the whole system is a test of faults."""
    for item in items:
        if "system" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def seed() -> int:
    """SEED=n repeats a run's choices: who is killed when, which people there are."""
    return int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """A seeded system on its own MongoDB and Kafka; its logs stay where a test failed."""
    directory = TEST_DATA / str(os.getpid()) / "faults"
    environment = {**WHOLE_SYSTEM, "TUAN_AUTHORITY_COMMANDS_SECONDS": str(COMMANDS_SECONDS)}
    with receiving() as spans:
        environment |= {"TUAN_TRACES_ENDPOINT": spans.address, "TUAN_TRACES_SHARE": "1"}
        system = System(Stack(directory, free_block(), environment=environment), spans)
        try:
            system.stack.start()
            request.session.stash.setdefault(SYSTEMS, {})["faults"] = system.stack
            system.seed()
            yield system
        finally:
            end(directory, *system.stack.names(), SIMULATORS)
        if not request.session.testsfailed:
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
async def tree(system: System, seed: int) -> Tree:
    """The province with its first admin; every test makes the counties it needs."""
    return await build(system.stack, seed)
