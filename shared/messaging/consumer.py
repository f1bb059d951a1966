"""How Kafka is reached, and the one way to make a consumer, with everything that decides delivery written out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.runtime.settings import Settings
from shared.runtime.tls import client_context

SESSION_TIMEOUT_MS = 45_000
HEARTBEAT_INTERVAL_MS = 5_000
"""How soon the members of a group hear of another one; a dead one is known by the session's time."""
MAX_POLL_INTERVAL_MS = 300_000
METADATA_MAX_AGE_MS = 10_000
"""A topic made a moment ago is found within seconds, not after the default of five minutes."""

DELIVERY: dict[str, Any] = {
    # A member that holds the event loop for some seconds is not thrown out.
    "session_timeout_ms": SESSION_TIMEOUT_MS,
    "heartbeat_interval_ms": HEARTBEAT_INTERVAL_MS,
    "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
    "isolation_level": "read_uncommitted",  # nothing here is written in Kafka transactions
    "fetch_min_bytes": 1,
    "fetch_max_wait_ms": 1_000,  # a record that comes is answered with at once; this is how often an idle reader asks
    "consumer_timeout_ms": 1_000,  # how often the fetcher looks by itself; what matters wakes it
    "max_partition_fetch_bytes": 2 * 1024 * 1024,
    "check_crcs": True,
}


def connection(settings: Settings) -> dict[str, Any]:
    """How any client reaches the broker: in clear, or over TLS with this process's certificate."""
    if settings.tls_dir is None:
        return {"bootstrap_servers": settings.kafka}
    return {
        "bootstrap_servers": settings.kafka,
        "security_protocol": "SSL",
        "ssl_context": client_context(settings.tls_dir),
    }


def make_consumer(
    settings: Settings, group: str | None = None, instance: str | None = None, **options: int
) -> AIOKafkaConsumer:
    """A consumer that is not started, subscribed to nothing, and commits nothing by itself.

    Its reader seeks to positions of its own; without one, and where an offset is out of range, it fails instead of
    skipping or repeating in silence. `instance` names a lasting member of `group`, whose restart moves no partitions;
    `options` stand in place of those of DELIVERY.
    """
    return AIOKafkaConsumer(
        **connection(settings),
        group_id=group,
        group_instance_id=instance,
        enable_auto_commit=False,
        auto_offset_reset="none",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        **(DELIVERY | options),
    )


@contextmanager
def asking_nothing(consumer: AIOKafkaConsumer) -> Iterator[None]:
    """While a batch is handled nothing more is asked for.

    After a tenth of a second with records that nobody took the client would ask for all partitions but theirs, and hear
    nothing of these until Kafka answers: `fetch_max_wait_ms` later, where the others are silent.
    """
    consumer.pause(*consumer.assignment())
    try:
        yield
    finally:
        consumer.resume(*consumer.paused())


def keep_questions(consumer: AIOKafkaConsumer, milliseconds: int) -> None:
    """For how long Kafka keeps the next questions where there is nothing to answer, in place of `fetch_max_wait_ms`.

    The client has no public way to change its mind; tests/shared/projections/test_asking.py is red where this is none.
    """
    consumer._fetcher._fetch_max_wait_ms = milliseconds  # noqa: SLF001 - see above
