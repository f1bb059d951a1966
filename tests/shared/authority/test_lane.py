"""Revoked rights on real Kafka: out at once by the lane, whatever the copy does (X12)."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from shared.authority import lane as lane_module
from shared.authority.authority import Authority
from shared.authority.projection import AuthorityGrants, AuthorityScopes
from shared.contracts import member, org
from shared.eventstore.driver import Driver
from shared.http.tokens import Principal
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import connection
from shared.messaging.topics import LANE, Topics
from shared.runtime.service import Loop, Role, roles_of
from shared.runtime.settings import Settings
from tests.shared.authority.conftest import Feed

CLOCK = SystemClock()
ADMIN = Principal("person-1", "s")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> float:
    """How long it took; fails after `seconds`."""
    started = time.monotonic()
    while not await condition():
        assert time.monotonic() - started < seconds, "not in time"
        await asyncio.sleep(0.05)
    return time.monotonic() - started


async def _kept(loop: Loop) -> None:
    """As the process's supervisor keeps it: a topic that was made a moment ago is not known to every broker yet."""
    while True:
        with contextlib.suppress(KafkaError, LookupError):
            await loop.run()
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_kept(loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(e, asyncio.CancelledError) for e in ended), ended


@contextlib.asynccontextmanager
async def beating(feed: Feed) -> AsyncIterator[None]:
    async def beats() -> None:
        while True:
            await feed.beat(CLOCK.now())
            await asyncio.sleep(0.2)

    task = asyncio.create_task(beats())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _authority(driver: Driver, settings: Settings) -> Authority:
    return Authority.of(driver, "member", settings, CLOCK)


async def _seed(feed: Feed) -> None:
    await feed.establish("root", None)
    await feed.establish("county", "root")
    await feed.establish("town", "county")
    await feed.appoint("person-1", "county", 2)


@pytest.mark.rule("P6")
async def test_a_revoked_admin_is_out_within_five_seconds_though_the_copy_stands_still(
    driver: Driver, settings: Settings, feed: Feed
) -> None:
    authority = _authority(driver, settings)
    scopes, grants, lane = authority.loops
    await _seed(feed)
    async with beating(feed), running(lane):
        async with running(scopes, grants):
            await until(lambda: authority.may_write(ADMIN, "town"))
        await feed.revoke("person-1", "county", 3)
        await feed.withdraw("person-1", "county", 3)

        async def out() -> bool:
            return not await authority.may_write(ADMIN, "town")

        assert await until(out) < 5
        assert authority.freshness().age_seconds < 5
        await feed.appoint("person-1", "county", 4)
        assert await out()
        async with running(scopes, grants):
            await until(lambda: authority.may_write(ADMIN, "town"))


@pytest.mark.rule("P6", "ORG-17")
async def test_the_former_superior_of_what_moved_is_out_within_five_seconds_though_the_copy_stands_still(
    driver: Driver, settings: Settings, feed: Feed
) -> None:
    authority, new = _authority(driver, settings), Principal("person-2", "s")
    scopes, grants, lane = authority.loops
    await _seed(feed)
    await feed.establish("city", "root")
    await feed.appoint("person-2", "city", 2)
    async with beating(feed), running(lane):
        async with running(scopes, grants):
            await until(lambda: authority.may_write(ADMIN, "town"))
            await until(lambda: authority.may_write(new, "city"))
        await feed.publish(org.PlaceWithdrawn(organization="town", superior="city", version=2), "town", 2)

        async def out() -> bool:
            return not await authority.may_write(ADMIN, "town")

        assert await until(out) < 5
        assert await authority.may_write(new, "town")


@pytest.mark.rule("P6")
async def test_without_beats_the_age_grows_and_commands_are_refused(
    driver: Driver, settings: Settings, feed: Feed
) -> None:
    settings = settings.model_copy(update={"authority_commands_seconds": 1.5})
    authority = _authority(driver, settings)
    await _seed(feed)
    async with running(*authority.loops):
        assert math.isinf(authority.freshness().age_seconds)
        async with beating(feed):
            await until(lambda: authority.may_write(ADMIN, "town"))
            assert authority.loops[-1].health().ready

        async def refused() -> bool:
            return not await authority.may_write(ADMIN, "town")

        assert await until(refused) > 0.8
        assert not authority.loops[-1].health().ready
        async with beating(feed):
            await until(lambda: authority.may_write(ADMIN, "town"))


@pytest.mark.rule("P6")
async def test_a_process_that_starts_late_reads_the_withdrawals_of_the_last_hour(
    driver: Driver, settings: Settings, feed: Feed
) -> None:
    """The copy of a service may stand still while its processes start anew."""
    first = _authority(driver, settings)
    await _seed(feed)
    async with running(*first.loops), beating(feed):
        await until(lambda: first.may_write(ADMIN, "town"))
    await feed.revoke("person-1", "county", 3)
    await feed.withdraw("person-1", "county", 3)
    late = _authority(driver, settings)
    async with running(late.loops[-1]), beating(feed):

        async def fresh() -> bool:
            return late.freshness().age_seconds < 5

        await until(fresh)
        assert not await late.may_write(ADMIN, "town")


@pytest.mark.rule("P6")
async def test_a_copy_older_than_the_lane_decides_nothing_until_it_has_caught_up(
    driver: Driver, settings: Settings, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "COVERAGE_SECONDS", 0.2)
    await _seed(feed)
    await asyncio.sleep(0.05)
    await feed.withdraw("person-9", "county", 1)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    partition = TopicPartition(Topics(settings.namespace).physical(LANE), 0)
    await admin.delete_records({partition: RecordsToDelete(before_offset=1)})
    await admin.close()
    authority = _authority(driver, settings)
    scopes, grants, lane = authority.loops
    async with beating(feed), running(lane):
        await asyncio.sleep(2)
        assert math.isinf(authority.freshness().age_seconds)
        assert "older than the lane" in authority.freshness().detail
        async with running(scopes, grants):
            await until(lambda: authority.may_write(ADMIN, "town"))


async def test_a_clock_that_is_slow_makes_the_process_unready(driver: Driver, settings: Settings, feed: Feed) -> None:
    authority = Authority.of(driver, "member", settings, SystemClock(-30))
    async with running(authority.loops[-1]), beating(feed):

        async def slow() -> bool:
            return "slow" in authority.freshness().detail

        await until(slow)
        assert not authority.loops[-1].health().ready


async def test_the_lane_goes_on_where_it_was_after_a_failure(driver: Driver, settings: Settings, feed: Feed) -> None:
    authority = _authority(driver, settings)
    lane = authority.loops[-1]

    async def fresh() -> bool:
        return authority.freshness().age_seconds < 2

    async with beating(feed):
        async with running(lane):
            await until(fresh)
        await asyncio.sleep(2.2)
        assert not await fresh()
        async with running(lane):
            await until(fresh)


async def test_a_lane_that_is_gone_is_asked_for_now_and_then_and_read_again_once_it_is_there(
    driver: Driver, settings: Settings, feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    """Else every process asks Kafka two hundred times a second, just when the topics are to be filled anew."""
    authority, topics = _authority(driver, settings), Topics(settings.namespace)

    async def fresh() -> bool:
        return authority.freshness().age_seconds < 2

    def asked() -> int:
        return sum("not found in cluster metadata" in record.getMessage() for record in caplog.records)

    async with running(authority.loops[-1]):
        async with beating(feed):
            await until(fresh)
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        await admin.delete_topics([topics.physical(LANE)])
        await admin.close()
        await asyncio.sleep(1)
        before = asked()
        await asyncio.sleep(3)
        assert asked() - before < 10
        await topics.ensure(connection(settings), [LANE], 1)
        async with beating(feed):
            await until(fresh)


def test_the_lane_is_read_in_every_role(driver: Driver, settings: Settings) -> None:
    lane = _authority(driver, settings).loops[-1]
    assert all(lane.role in roles_of(role) for role in Role)


async def test_the_copies_follow_the_public_events(
    driver: Driver, settings: Settings, feed: Feed, database: Any
) -> None:
    authority = _authority(driver, settings)
    await _seed(feed)
    cadre = {"person": "person-2", "organization": "county"}
    await feed.publish(member.PostTaken(**cadre, position="书记"), "person-2", 1)
    await feed.publish(member.PostTaken(**cadre, position="委员"), "person-2", 2)
    await feed.publish(member.PostLeft(**cadre, position="书记", cause="x"), "person-2", 3)
    await feed.publish(org.RegistrationLapsed(organization="town", registration="registration-1"), "town", 4)
    await feed.appoint("person-3", "town", 2)
    await feed.revoke("person-3", "town", 3)
    moved = {"superior": "root", "former_superior": "county", "order": 3, "cause": "migration"}
    await feed.publish(org.OrganizationMoved(organization="town", **moved), "town", 5)
    async with running(*authority.loops[:2]):
        scopes, grants = AuthorityScopes(database).collection, AuthorityGrants(database).collection

        async def there() -> bool:
            moved_there = await scopes.count_documents({"superior": "root"}) == 2
            return moved_there and await scopes.count_documents({}) == 3 and await grants.count_documents({}) == 2

        await until(there)
    assert await scopes.find_one({"_id": "town"}) == {
        "_id": "town", "superior": "root", "category": "committee", "name": "town 全称", "version": 5,
    }  # fmt: skip
    assert (await grants.find_one({"_id": "person-2"}))["grants"] == [
        {"right": "holds", "scope": "county", "post": "委员", "version": 2}
    ]
    assert (await grants.find_one({"_id": "person-1"}))["grants"] == [
        {"right": "administers", "scope": "county", "post": "", "version": 2}
    ]
