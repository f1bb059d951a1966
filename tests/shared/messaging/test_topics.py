"""Names and durability of topics."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.consumer import connection
from shared.messaging.topics import LANE, LANE_RETENTION_MS, TopicNotMade, Topics
from tests.shared.messaging.support import LOG, System


@pytest.mark.rule("P7")
def test_a_generation_is_part_of_the_name_and_the_first_has_none() -> None:
    assert Topics("x_").physical(LOG) == "x_member.log.v1"
    assert Topics("x_", 3).physical(LOG) == "x_member.log.v1-g3"


@pytest.mark.rule("P7")
@pytest.mark.parametrize(
    ("name", "topics", "logical"),
    [
        ("member.log.v1", Topics(), LOG),
        ("x_member.log.v1", Topics("x_"), LOG),
        ("x_member.log.v1-g2", Topics("x_", 2), LOG),
        ("x_member.log.v1-g2", Topics("x_"), None),
        ("x_member.log.v1", Topics("x_", 2), None),
        ("x_member.log.v1", Topics(), None),
        ("y_member.log.v1", Topics("x_"), None),
        ("__consumer_offsets", Topics(), None),
    ],
)
def test_topics_of_other_systems_and_generations_are_nobodys(name: str, topics: Topics, logical: str | None) -> None:
    assert topics.logical(name) == logical


@pytest.mark.rule("P3")
async def test_topics_are_made_once_with_their_durability_written_out(system: System) -> None:
    """The broker's defaults delete a topic's records after a week: a new reader would begin in the middle."""
    kafka = system.settings.kafka
    await system.topics.ensure(connection(system.settings), [LOG, LANE], 3)
    await system.topics.ensure(connection(system.settings), [LOG, LANE], 7)
    assert await system.topics.there(connection(system.settings), ["member", "org"]) == {LOG: 3, LANE: 1}
    settings = {topic: await configured(kafka, system.topics.physical(topic)) for topic in (LOG, LANE)}
    for each in settings.values():
        assert each["cleanup.policy"] == "delete"
        assert each["retention.bytes"] == "-1"
        assert each["unclean.leader.election.enable"] == "false"
    assert settings[LOG]["retention.ms"] == "-1"
    assert settings[LANE]["retention.ms"] == str(LANE_RETENTION_MS)


@pytest.mark.rule("P3")
async def test_a_topic_the_broker_refuses_is_an_error_with_its_reason(system: System) -> None:
    with pytest.raises(TopicNotMade, match="replication factor"):
        await system.topics.ensure(connection(system.settings), [LOG], 1, replication=9)


async def configured(kafka: str, name: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        [resource] = answer.to_object()["resources"]
        return {entry["config_names"]: entry["config_value"] for entry in resource["config_entries"]}
    finally:
        await admin.close()
