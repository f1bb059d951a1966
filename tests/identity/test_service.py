"""The composed service on the real Kafka: whom member identified is found, whose number is free again is not."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Addresses
from services.identity.app import Parts, compose
from services.identity.domain.account import account_of
from services.identity.domain.events import AccountReleased
from shared.authority.authority import Authority
from shared.contracts.member import IDENTITY, PersonReleased
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Recorded
from shared.messaging.topics import Topics
from shared.messaging.wire import Position, headers_of, partition_of, value_of
from shared.privacy.vault import Vault
from shared.runtime.service import running
from tests.identity.conftest import Identity, Person, settings_for, uid

PARTITIONS = 3


async def publish(kafka: str, topic: str, facts: Sequence[Recorded]) -> None:
    """As the relay does: numbered, and chained in each partition."""
    last: dict[int, Position] = {}
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for ordinal, fact in enumerate(facts, start=1):
            partition, position = partition_of(fact.stream, PARTITIONS), Position(1, ordinal, fact.index)
            headers = headers_of("member", fact, position, last.get(partition))
            last[partition] = position
            key = fact.stream.encode()
            await producer.send_and_wait(topic, value_of(fact), key=key, partition=partition, headers=headers)
    finally:
        await producer.stop()


@pytest.mark.rule("IDN-02", "MEM-27")
async def test_people_whom_member_identified_are_found_by_their_number_until_it_is_released(
    servers: Addresses, namespace: str, tmp_path: Path
) -> None:
    settings = settings_for(servers, namespace, tmp_path, partitions=PARTITIONS)
    driver = Driver(settings.mongo_url)
    clock = SystemClock()
    parts = Parts(settings, driver, clock)
    vault = Vault.from_directory(driver, settings.database("vault"), settings.secrets_dir)
    service = compose(settings, parts, Authority.of(driver, "identity", settings, clock))
    service.close = [driver.close]
    people = [Person(uid("person", f"p{i}"), f"1101012002030{i:05}") for i in range(30)]
    async with running(service):
        world = Identity(parts, vault, driver, clock, http=None)
        facts = await world.identified(people)
        gone = people[3]
        facts.append(world.fact(PersonReleased(person=gone.id, number_hash=world.number_hash(gone)), gone.id))
        await publish(settings.kafka, Topics(settings.namespace).physical(IDENTITY), facts)
        async with asyncio.timeout(60):
            while not (ended := await parts.store.load(account_of(gone.id))):
                await asyncio.sleep(0.2)
            while await parts.people.collection.count_documents({}) != 29:
                await asyncio.sleep(0.2)
            while await parts.people.by_number(world.number_hash(gone)):
                await asyncio.sleep(0.2)
        found = await parts.people.by_number(world.number_hash(people[7]))
        assert (found.person, found.name) == (people[7].id, people[7].name)
        assert (await parts.people.opened(found))["mobile"] == people[7].mobile
        assert [type(e) for e in ended[0].events] == [AccountReleased]
        assert await parts.people.by_number(world.number_hash(gone)) is None
        assert await parts.store.commits.count_documents({}) == 1, "being entered writes nothing here"
