"""The two servers are what the stores and topics rely on."""

from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient

from deploy.local.servers import Addresses


def test_mongodb_is_a_replica_set_that_frees_a_killed_clients_locks_soon(servers: Addresses) -> None:
    client: MongoClient[dict[str, Any]]
    with MongoClient(servers.mongo_url) as client:
        assert client.admin.command("hello")["setName"]
        lifetime = client.admin.command("getParameter", 1, transactionLifetimeLimitSeconds=1)
        assert lifetime["transactionLifetimeLimitSeconds"] == 5


async def test_kafka_makes_no_topic_that_nobody_asked_for(servers: Addresses, namespace: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, request_timeout_ms=2000)
    await admin.start()
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            await producer.send(f"{namespace}nobody", b"x")
        assert f"{namespace}nobody" not in await admin.list_topics()
    finally:
        await producer.stop()
        await admin.close()
