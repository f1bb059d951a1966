"""Who may read and write which topic follows from what is declared, and what contradicts a contract is refused."""

import pytest

from deploy.acls.table import ALLOW, Acl, Kind, Operation, Pattern, ReadsWhatIsNotForIt, meant
from deploy.contracts.catalogue import composed, topic_classes
from services.relay.app import SOURCES as RELAYED
from shared.contracts import identity, member, org
from shared.messaging.topics import Topics
from shared.messaging.wire import log_topic
from shared.runtime.parts import PARTS, SOURCES
from shared.runtime.service import Role, Service

pytestmark = pytest.mark.rule("X30")

EVERYTHING = {topic.topic for topic in topic_classes()} | {log_topic(source) for source in SOURCES}
GENERATIONS = (1, 2, 17)


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return composed()


def given(rows: frozenset[Acl], kind: Kind, operation: Operation, name: str) -> set[str]:
    """Who is given that on a name, as Kafka compares names."""
    return {
        row.principal.removeprefix("User:")
        for row in rows
        if (row.kind, row.operation, row.permission) == (kind, operation, ALLOW)
        and (name.startswith(row.name) if row.pattern == Pattern.PREFIXED else name == row.name)
    }


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("namespace", ["", "x_"])
def test_the_restricted_topics_are_read_by_whom_they_name_and_the_logs_by_their_own_service(
    services: dict[str, Service], namespace: str, generation: int
) -> None:
    rows = meant(services, namespace)
    named = {member.IDENTITY: {"identity"}, identity.REGISTRATIONS: {"member", "org"}}
    named |= {log_topic(source): {source} for source in ("member", "org")}
    for topic, readers in named.items():
        physical = Topics(namespace, generation).physical(topic)
        assert given(rows, Kind.TOPIC, Operation.READ, physical) == readers | {"relay"}, topic


def test_nobody_but_the_relay_writes_and_it_writes_all(services: dict[str, Service]) -> None:
    rows = meant(services, "")
    assert set(RELAYED) == set(SOURCES)
    for topic in EVERYTHING:
        assert given(rows, Kind.TOPIC, Operation.WRITE, topic) == {"relay"}
    assert {row.principal for row in rows} <= {f"User:{part}" for part in PARTS}
    assert {row.operation for row in rows} <= set(Operation), "nothing is altered or deleted"


def test_every_part_is_given_what_its_loops_read_and_the_groups_they_read_in(services: dict[str, Service]) -> None:
    rows = meant(services, "")
    for name, service in services.items():
        reading = [loop for loop in service.loops if hasattr(loop, "hears")]
        assert [loop.name for loop in reading if not getattr(loop, "reads", ())] == []
        read = {topic for loop in reading for topic in loop.reads}
        assert {t for t in EVERYTHING if name in given(rows, Kind.TOPIC, Operation.READ, t)} == read
        for loop in reading:
            if loop.role is Role.CONSUMER:
                assert given(rows, Kind.GROUP, Operation.READ, f"{loop.group}-g2") == {name}
    assert not any(row.principal == "User:web" for row in rows), "the console has no data"


def test_a_topic_of_a_name_that_only_begins_alike_is_nobodys_but_the_relays(services: dict[str, Service]) -> None:
    assert given(meant(services, ""), Kind.TOPIC, Operation.READ, f"{member.IDENTITY}0") == {"relay"}
    assert given(meant(services, "x_"), Kind.TOPIC, Operation.READ, org.EVENTS) == set()


@pytest.mark.parametrize("topic", [member.IDENTITY, identity.REGISTRATIONS, log_topic("member")])
def test_a_loop_that_reads_what_is_not_for_its_service_lays_nothing(services: dict[str, Service], topic: str) -> None:
    class Curious:
        name = "stats.curious"
        reads = frozenset({topic})

    stats = services["stats"]
    curious = Service("stats", stats.app, stats.settings, [*stats.loops, Curious()])
    with pytest.raises(ReadsWhatIsNotForIt, match=f"stats reads {topic}, which is only for "):
        meant({**services, "stats": curious}, "")
