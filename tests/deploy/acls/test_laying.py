"""A real broker with TLS that refuses what nobody was given: all pairs of who and what, the compose file's settings."""

import asyncio
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaClient, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest
from aiokafka.protocol.fetch import FetchRequest

from deploy.acls.laying import NotForThisCertificate, difference, lay
from deploy.acls.table import ALLOW, Acl, Kind, Operation, Pattern, meant
from deploy.cli.acls import NO_AUTHORIZER, examined
from deploy.cli.deployment import KAFKA, OPERATOR
from deploy.cli.finding import Finding
from deploy.contracts.catalogue import composed
from deploy.local.certificates import make_certificates
from deploy.local.kafka import start_kafka
from deploy.local.ports import Ports, free_block
from deploy.local.servers import JARS
from services.relay.sending import make_producer
from shared.contracts import identity, member, org
from shared.messaging.consumer import connection
from shared.messaging.topics import TopicNotMade, Topics
from shared.messaging.wire import log_topic
from shared.runtime.parts import PARTS, SOURCES
from shared.runtime.service import Role, Service
from shared.runtime.settings import Environment, Settings
from tests.conftest import end
from tests.deploy.acls.test_table import EVERYTHING
from tests.deploy.packaging.production import start_broker

pytestmark = pytest.mark.rule("X30")

STALE = Acl(Kind.TOPIC, member.IDENTITY, Pattern.LITERAL, "User:stats", "*", Operation.READ, ALLOW)
AUDITOR = "auditor"
AUDITORS = STALE._replace(principal=f"User:{AUDITOR}", name=org.EVENTS)
EVERYBODYS = STALE._replace(principal="User:*")
_FETCHED = 64 * 1024
KNOWN_SECONDS = 10.0
"""What the controller has taken, brokers know a moment later."""


class Broker:
    """Where it listens, and what each certificate is told."""

    def __init__(self, ports: Ports, address: str, certificates: Path) -> None:
        self.ports = ports
        self.address = address
        self._certificates = certificates
        self.services: dict[str, Service] = composed()
        self.wanted = meant(self.services, "")

    def told(self, who: str) -> Settings:
        return Settings(
            environment=Environment.TEST,
            mongo_url="mongodb://127.0.0.1:1",
            kafka=self.address,
            tls_dir=self._certificates / who,
        )

    def reads(self, who: str) -> set[str]:
        """What the loops of a part read; the relay, for its tails, reads all."""
        if who == "relay":
            return EVERYTHING
        loops = self.services[who].loops if who in self.services else ()
        return {topic for loop in loops for topic in getattr(loop, "reads", ())}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("acls")


@pytest.fixture(scope="module")
def broker(directory: Path) -> Iterator[Broker]:
    """With rights laid, and topics that the parts made with their own certificates, one record in each."""
    certificates = directory / "tls"
    make_certificates(certificates, {name: (name, "localhost") for name in (*PARTS, KAFKA, OPERATOR, AUDITOR)})
    try:
        ports = free_block()
        made = Broker(ports, start_broker(directory, ports, certificates / KAFKA), certificates)
        asyncio.run(_begun(made))
        yield made
    finally:
        end(directory, KAFKA)


async def _begun(broker: Broker) -> None:
    operator = connection(broker.told(OPERATOR))
    assert len((await lay(operator, broker.wanted)).missing) == len(broker.wanted)
    await _until_laid(broker, broker.wanted)
    for generation in (1, 2):
        topics = Topics("", generation)
        for part in SOURCES:
            own = {topic for topic in EVERYTHING if topic.startswith(f"{part}.")}
            await topics.ensure(connection(broker.told(part)), own | broker.reads(part), 1)
        producer = make_producer(broker.told("relay"))
        await producer.start()
        try:
            for topic in EVERYTHING:
                await producer.send_and_wait(topics.physical(topic), b"{}")
        finally:
            await producer.stop()


async def _until_laid(broker: Broker, rows: frozenset[Acl]) -> None:
    async with asyncio.timeout(KNOWN_SECONDS):
        while await difference(connection(broker.told(OPERATOR)), rows):
            await asyncio.sleep(0.05)


async def _readable(told: Settings, topics: Topics) -> set[str]:
    """The topics of which records are handed out: the broker is asked as by one who does not look whether they exist."""
    names = {topics.physical(topic): topic for topic in EVERYTHING}
    client = AIOKafkaClient(**connection(told))
    try:
        await client.bootstrap()
        wanted = [(name, [(0, 0, _FETCHED)]) for name in names]
        answer = await client.send(client.get_random_node(), FetchRequest(0, 1, 2 * len(names) * _FETCHED, 0, wanted))
    finally:
        await client.close()
    found = {}
    for name, [(_, code, *_rest, records)] in answer.topics:
        assert bool(records) == (code == 0)
        found[names[name]] = code
    assert set(found) == EVERYTHING
    assert set(found.values()) <= {0, TopicAuthorizationFailedError.errno}
    return {topic for topic, code in found.items() if code == 0}


async def _writable(told: Settings, topics: Topics) -> set[str]:
    """The topics that take a record from this certificate, in the simplest way there is."""
    found = set()
    producer = AIOKafkaProducer(**connection(told), acks=1, request_timeout_ms=5_000)
    await producer.start()
    try:
        for topic in EVERYTHING:
            try:
                await producer.send_and_wait(topics.physical(topic), b"{}")
                found.add(topic)
            except TopicAuthorizationFailedError:
                pass
    finally:
        await producer.stop()
    return found


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("who", PARTS)
async def test_each_certificate_reads_and_writes_exactly_what_its_part_declares(
    broker: Broker, who: str, generation: int
) -> None:
    topics = Topics("", generation)
    readable = await _readable(broker.told(who), topics)
    assert readable == broker.reads(who)
    if who == "stats":
        assert not readable & {member.IDENTITY, identity.REGISTRATIONS, log_topic("member"), log_topic("org")}
    assert await _writable(broker.told(who), topics) == (EVERYTHING if who == "relay" else set())


@pytest.mark.parametrize("who", PARTS)
async def test_each_certificate_joins_the_groups_of_its_part_and_no_others(broker: Broker, who: str) -> None:
    groups = {
        loop.group: name
        for name, service in broker.services.items()
        for loop in service.loops
        if loop.role is Role.CONSUMER and hasattr(loop, "group")
    }
    joined = set()
    admin = AIOKafkaAdminClient(**connection(broker.told(who)))
    await admin.start()
    try:
        for group in [f"{group}{suffix}" for group in groups for suffix in ("", "-g2")]:
            if await _joins(admin, group):
                joined.add(group.removesuffix("-g2"))
    finally:
        await admin.close()
    assert joined == {group for group, name in groups.items() if name == who}


async def _joins(admin: AIOKafkaAdminClient, group: str) -> bool:
    """Whether the broker tells this certificate of the group; the first who asks waits until there is a coordinator."""
    async with asyncio.timeout(30):
        while True:
            try:
                await admin.list_consumer_group_offsets(group)
            except GroupCoordinatorNotAvailableError:
                await asyncio.sleep(0.1)
            except GroupAuthorizationFailedError:
                return False
            else:
                return True


async def test_laid_again_nothing_changes_and_what_is_meant_no_more_is_removed(broker: Broker) -> None:
    operator = connection(broker.told(OPERATOR))
    assert not await lay(operator, broker.wanted)
    await lay(operator, {*broker.wanted, STALE, AUDITORS})
    await _until_laid(broker, broker.wanted | {STALE})
    assert await _readable(broker.told("stats"), Topics()) == broker.reads("stats") | {member.IDENTITY}
    assert (await lay(operator, broker.wanted, keep_old=True)).unmeant == (STALE,)
    assert (await lay(operator, broker.wanted)).unmeant == (STALE,)
    await _until_laid(broker, broker.wanted)
    assert await _readable(broker.told("stats"), Topics()) == broker.reads("stats")
    assert await _readable(broker.told(AUDITOR), Topics()) == {org.EVENTS}, "what others were given is theirs"


async def test_only_the_operators_certificate_lays_rights(broker: Broker) -> None:
    for who in PARTS:
        with pytest.raises(NotForThisCertificate):
            await lay(connection(broker.told(who)), broker.wanted)


@pytest.mark.rule("OPS-08")
async def test_a_part_that_was_given_nothing_says_which_command_gives_it(broker: Broker) -> None:
    with pytest.raises(TopicNotMade, match=r"the topic new\.org\.log\.v1: .*\. Lay this part's rights: tuan acls\."):
        await Topics("new.").ensure(connection(broker.told("org")), [log_topic("org")], 1)


@pytest.mark.rule("OPS-08")
def test_doctor_names_what_is_given_too_much_what_lacks_and_what_everybody_may(broker: Broker) -> None:
    operator = broker.told(OPERATOR)
    kafka = connection(operator)
    assert examined(operator).well
    assert examined(broker.told("org")).well, "it is told of no row, and so of none too many"

    def stand(rows: Collection[Acl]) -> Finding:
        asyncio.run(lay(kafka, rows))
        asyncio.run(_until_laid(broker, frozenset(rows)))
        return examined(operator)

    ill = stand([*sorted(broker.wanted)[1:], STALE])
    assert (ill.well, ill.advice) == (False, "tuan acls")
    assert ill.what == "Kafka: 1 rights are missing, 1 are given that should not be"
    assert stand(broker.wanted).well
    asyncio.run(_everybody(kafka, given=True))
    try:
        open_to_all = examined(operator)
        assert (open_to_all.well, open_to_all.advice) == (False, "remove it with kafka-acls.sh")
        assert "*: read topic member.identity.v1" in open_to_all.what
    finally:
        asyncio.run(_everybody(kafka, given=False))
    assert examined(operator).well


async def _everybody(kafka: dict[str, Any], *, given: bool) -> None:
    """Somebody gives a right to all principals, or takes it back, by other means than ours."""
    client = AIOKafkaClient(**kafka)
    try:
        await client.bootstrap()
        request = (CreateAclsRequest if given else DeleteAclsRequest)(*EVERYBODYS)
        await client.send(client.get_random_node(), request)
    finally:
        await client.close()
    await asyncio.sleep(1)  # until the broker knows what the controller has taken


@pytest.mark.rule("OPS-08")
def test_a_broker_without_an_authorizer_is_named(directory: Path, broker: Broker) -> None:
    """The brokers of before, and whoever forgets a line: every certificate of ours would read everything."""
    other, ports = directory / "open", free_block()
    properties = (directory / "kafka.properties").read_text().splitlines()
    told = broker.told("stats")
    moved = "\n".join(line for line in properties if not line.startswith(("authorizer", "super.users", "allow")))
    for here, there in (
        (told.kafka.rpartition(":")[2], str(ports.of("kafka"))),
        (str(broker.ports.of("kafka-controller")), str(ports.of("kafka-controller"))),
        (str(directory / "kafka"), str(other / "kafka")),
    ):
        moved = moved.replace(here, there)
    try:
        start_kafka(other, ports, JARS, moved)
        found = examined(told.model_copy(update={"kafka": f"localhost:{ports.of('kafka')}"}))
        assert (found.well, found.what) == (False, NO_AUTHORIZER)
        assert "kafka.properties" in found.advice
    finally:
        end(other, KAFKA)
