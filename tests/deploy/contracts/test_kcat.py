"""An outside reader that knows nothing of us reads every public topic of the real Kafka."""

import asyncio
import json
import subprocess
from typing import Any

import jsonschema
import pytest

from deploy.contracts.catalogue import EventEntry, TopicEntry
from deploy.local.outside_tools import kcat
from deploy.local.servers import Addresses
from tests.shared.messaging.support import System, commit, settings_for

SEALED = {"person": "person-1", "alg": "A256GCM", "kid": "k1", "nonce": b"123456789012", "ciphertext": b"sealed"}


def _stored(topic: TopicEntry, event: EventEntry) -> dict[str, Any]:
    row = {"topic": topic.name, "type": event.type, "data": event.sample}
    made = commit(f"{topic.owner}-{event.type}", 1, service=topic.owner)
    return made | {"public": [row | {"sealed": SEALED if event.sealed_values else None}]}


def _read(kafka: str, topic: str) -> list[dict[str, Any]]:
    """Headers and value of each record, as kcat prints them."""
    command = [kcat(), "-b", kafka, "-t", topic, "-C", "-o", "beginning", "-e", "-q", "-J"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    records = map(json.loads, done.stdout.splitlines())
    return [{"headers": _pairs(r["headers"]), "key": r["key"], "value": r["payload"]} for r in records]


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


@pytest.mark.rule("BEY-14")
async def test_kcat_reads_every_public_topic_and_finds_what_is_written_down(
    servers: Addresses, namespace: str, catalogue: list[TopicEntry], asyncapi: dict[str, Any]
) -> None:
    owners = tuple(dict.fromkeys(topic.owner for topic in catalogue))
    system = System(settings_for(servers, namespace), owners)
    headers = asyncapi["components"]["schemas"]["Headers"]
    try:
        async with system.relaying() as task:
            for owner in owners:
                rows = [_stored(t, e) for t in catalogue if t.owner == owner for e in t.events]
                await system.commits(owner).insert_many(rows)
                await system.relayed(len(rows), owner, task)
        names = [system.topics.physical(topic.name) for topic in catalogue]
        read = await asyncio.gather(*(asyncio.to_thread(_read, servers.kafka, name) for name in names))
        for topic, found in zip(catalogue, read, strict=True):
            events = {r["headers"]["ce_type"]: r for r in found if r["value"] and r["key"] != "beat"}
            assert events.keys() == {event.type for event in topic.events}
            for event in topic.events:
                record = events[event.type]
                jsonschema.validate(record["headers"], headers)
                assert record["headers"].keys() <= headers["properties"].keys()
                value = json.loads(record["value"])
                jsonschema.validate(value, event.schema)
                assert ("sealed" in value) == bool(event.sealed_values)
                assert value.keys() - {"sealed"} == event.sample.keys()
    finally:
        await system.close()
