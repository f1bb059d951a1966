"""A small context to append in: parcels, which have nothing to do with the platform's domain."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from deploy.local.servers import Addresses
from shared.contracts.base import Contract
from shared.eventstore.commits import Codec, Commit
from shared.eventstore.conditions import Condition
from shared.eventstore.driver import Driver
from shared.eventstore.store import EventStore
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import Actor, Event, Request
from shared.kernel.registry import Registry


class ParcelSent(Event):
    weight: int


class ParcelArrived(Event):
    pass


class Announced(Contract):
    topic: ClassVar[str] = "parcels.events.v1"
    weight: int


def publish(event: Event, _stream: str, _version: int) -> Sequence[Contract]:
    if isinstance(event, ParcelSent):
        return [Announced(weight=event.weight, personal=event.personal)]
    return []


def request(key: str, body: str = "h") -> Request:
    return Request(Actor("person-1", "organization-1"), key, body)


def commit(
    stream: str,
    version: int = 1,
    *,
    key: str = "k",
    events: Sequence[Event] | None = None,
    conditions: Sequence[Condition] = (),
) -> Commit:
    return Commit(
        stream=stream,
        version=version,
        commit_id=f"{stream}/{key}",
        request=request(key),
        events=tuple(events or [ParcelSent(weight=1)]),
        conditions=tuple(conditions),
    )


@pytest.fixture(params=["pymongo", "motor"])
async def store(request: pytest.FixtureRequest, servers: Addresses, namespace: str) -> AsyncIterator[EventStore]:
    """The whole suite runs on both drivers."""
    driver = Driver(servers.mongo_url, request.param)
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    registry = Registry("parcels", [ParcelSent, ParcelArrived])
    opened = EventStore(driver, f"{namespace}parcels", Codec("parcels", registry, publish, clock))
    await opened.prepare()
    yield opened
    await driver.close()
