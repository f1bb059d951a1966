"""The services are put together once; every test looks at the same catalogue."""

import json
from typing import Any

import pytest

from deploy.contracts.__main__ import ASYNCAPI, documents
from deploy.contracts.catalogue import TopicEntry, composed, read_catalogue
from shared.runtime.service import Service


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    return composed()


@pytest.fixture(scope="session")
def catalogue(services: dict[str, Service]) -> list[TopicEntry]:
    return read_catalogue(services)


@pytest.fixture(scope="session")
def generated() -> dict[str, str]:
    return documents()


@pytest.fixture
def asyncapi(generated: dict[str, str]) -> dict[str, Any]:
    """A copy of today's document that a test may spoil."""
    return json.loads(generated[ASYNCAPI])
