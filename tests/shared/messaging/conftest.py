"""A system of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Addresses
from tests.shared.messaging.support import System, settings_for


@pytest.fixture
async def system(servers: Addresses, namespace: str) -> AsyncIterator[System]:
    made = System(settings_for(servers, namespace))
    yield made
    await made.close()
