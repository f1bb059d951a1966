"""Records on Kafka: CloudEvents in binary mode, written by hand (the SDK is the tests' oracle).

Key = stream, value = JSON of the event's data, everything else in headers. The form is frozen: every old record must
be read for ever (docs/decisions/0001, samples in tests/contracts/samples/wire).
"""

import struct
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import orjson

from shared.kernel import ids
from shared.kernel.clock import from_micros, iso
from shared.kernel.envelope import Actor, Recorded, Sealed
from shared.observability.tracing import traceparent

Headers = list[tuple[str, bytes]]
Wants = Callable[[str, str], bool]
"""Whether a reader does anything with records of this type on this stream."""

BEAT_TYPE = "org.Beat.v1"
BEAT_KEY = "beat"
MARKER_TYPE = "relay.EpochBegan.v1"
MARKER_KEY = "epoch"


class Position(NamedTuple):
    """A record's place in its source's history; compares by epoch, then ordinal, then index.

    `epoch` counts losses of the relay's token, `ordinal` the source's commits from 1 on (0: before the first),
    `index` the records of one commit. (epoch, 0, 0) is the marker of an epoch.
    """

    epoch: int
    ordinal: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks

    def __str__(self) -> str:
        return f"{self.epoch}.{self.ordinal}.{self.index}"

    @property
    def is_marker(self) -> bool:
        return self.ordinal == 0 and self.index == 0

    @staticmethod
    @lru_cache(maxsize=8_192)
    def parse(text: bytes) -> "Position":
        """Back from `epoch.ordinal.index`; ValueError for anything else.

        Remembered: every position comes again as what the next record follows, and with each reader of a topic.
        """
        epoch, ordinal, index = map(int, text.split(b"."))
        return Position(epoch, ordinal, index)


class Outgoing(NamedTuple):
    """One record of a commit before it is numbered. `topic` is the logical name."""

    topic: str
    key: str
    recorded: Recorded


class KafkaRecord(Protocol):
    """What is read of aiokafka's ConsumerRecord."""

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Any: ...


class Received(NamedTuple):
    """One record as it came from Kafka.

    `event` is None for the marker of an epoch, which carries nothing else, and where the reader wants none.
    """

    position: Position
    after: Position | None
    event_id: str
    event: Recorded | None


def log_topic(service: str) -> str:
    """The private topic of a service: all its stored events."""
    return f"{service}.log.v1"


def records_of(commit: Mapping[str, Any], service: str) -> list[Outgoing]:
    """The records of a stored commit in their order: its events on the private topic, then the public ones."""
    log = log_topic(service)
    entries = [(log, entry) for entry in commit["events"]]
    entries += [(entry["topic"], entry) for entry in commit["public"]]
    actor = Actor(commit["actor"]["principal"], commit["actor"]["organization"])
    at = from_micros(commit["at"])
    return [
        Outgoing(
            topic=topic,
            key=entry.get("key") or commit["stream"],
            recorded=Recorded(
                event_id=ids.event_id(commit["commit_id"], topic, index),
                type=entry["type"],
                stream=commit["stream"],
                version=commit["version"],
                index=index,
                at=at,
                actor=actor,
                correlation=commit["correlation"],
                causation=commit["causation"],
                data=entry["data"],
                sealed=Sealed(**entry["sealed"]) if entry["sealed"] else None,
            ),
        )
        for index, (topic, entry) in enumerate(entries)
    ]


def beat(at: int, service: str, topic: str, index: int) -> Outgoing:
    """The record of a heartbeat stamped at `at` (microseconds); its id depends on the stamp alone."""
    recorded = Recorded(
        event_id=ids.event_id(f"beat-{at}", topic, 0),
        type=BEAT_TYPE,
        stream=BEAT_KEY,
        version=0,
        index=index,
        at=from_micros(at),
        actor=Actor(f"service:{service}"),
        correlation="",
        causation="",
        data={"at": at},
    )
    return Outgoing(topic, BEAT_KEY, recorded)


def marker(epoch: int, topic: str, partition: int) -> Recorded:
    """What the marker of an epoch says; its position is (epoch, 0, 0), and every reader takes it."""
    return Recorded(
        event_id=ids.event_id(f"epoch-{epoch}", topic, partition),
        type=MARKER_TYPE,
        stream=MARKER_KEY,
        version=0,
        index=0,
        at=from_micros(0),
        actor=Actor("service:relay"),
        correlation="",
        causation="",
        data={"epoch": epoch},
    )


def value_of(recorded: Recorded) -> bytes:
    """The record's value. A sealed part travels beside the data, its bytes in base64."""
    sealed = recorded.sealed
    if sealed is None:
        return orjson.dumps(recorded.data)
    if "sealed" in recorded.data:
        raise ValueError(f"{recorded.type}: the data of an event has no field named sealed")
    part = {
        "person": sealed.person,
        "alg": sealed.alg,
        "kid": sealed.kid,
        "nonce": b2a_base64(sealed.nonce, newline=False).decode(),
        "ciphertext": b2a_base64(sealed.ciphertext, newline=False).decode(),
    }
    return orjson.dumps({**recorded.data, "sealed": part})


def headers_of(service: str, recorded: Recorded, position: Position, after: Position | None) -> Headers:
    """All headers of a record."""
    return shared_headers(service, recorded) + own_headers(recorded, position, after)


def shared_headers(service: str, recorded: Recorded) -> Headers:
    """The headers that all records of one commit have alike; what is empty is left out, as CloudEvents wants it."""
    texts = (
        ("ce_specversion", "1.0"),
        ("ce_source", f"/tuan/{service}"),
        ("ce_time", iso(recorded.at)),
        ("ce_subject", recorded.stream),
        ("content-type", "application/json"),
        ("ce_streamversion", str(recorded.version)),
        ("ce_actor", recorded.actor.principal),
        ("ce_organization", recorded.actor.organization),
        ("ce_correlation", recorded.correlation),
        ("ce_causation", recorded.causation),
        ("traceparent", traceparent(recorded.correlation)),
    )
    return [(name, text.encode()) for name, text in texts if text]


def own_headers(recorded: Recorded, position: Position, after: Position | None) -> Headers:
    """The headers of one record alone: id, type and place."""
    return [
        ("ce_id", recorded.event_id.encode()),
        ("ce_type", recorded.type.encode()),
        ("ce_position", str(position).encode()),
        ("ce_after", str(after).encode() if after else b"-"),
    ]


def everything(_type: str, _stream: str) -> bool:
    """Wants every record."""
    return True


def decode(record: KafkaRecord, wants: Wants = everything) -> Received:
    """A record of ours, read; KeyError or ValueError if it is none. What is not wanted is not taken apart."""
    headers: dict[str, bytes] = dict(record.headers)
    position = Position.parse(headers["ce_position"])
    follows = headers["ce_after"]
    after = None if follows == b"-" else Position.parse(follows)
    event_id = headers["ce_id"].decode()
    if position.is_marker or not wants(headers["ce_type"].decode(), headers["ce_subject"].decode()):
        return Received(position, after, event_id, None)
    return Received(position, after, event_id, _event(record.value or b"", headers, position, event_id))


def _event(value: bytes, headers: Mapping[str, bytes], position: Position, event_id: str) -> Recorded:
    data = orjson.loads(value)
    part = data.pop("sealed", None)
    sealed = None
    if part is not None:
        sealed = Sealed(
            person=part["person"],
            alg=part["alg"],
            kid=part["kid"],
            nonce=a2b_base64(part["nonce"]),
            ciphertext=a2b_base64(part["ciphertext"]),
        )
    return Recorded(
        event_id=event_id,
        type=headers["ce_type"].decode(),
        stream=headers["ce_subject"].decode(),
        version=int(headers["ce_streamversion"]),
        index=position.index,
        at=datetime.fromisoformat(headers["ce_time"].decode()),
        actor=_actor(headers["ce_actor"], headers.get("ce_organization")),
        correlation=headers.get("ce_correlation", b"").decode(),
        causation=headers.get("ce_causation", b"").decode(),
        data=data,
        sealed=sealed,
    )


@lru_cache(maxsize=1_024)
def _actor(principal: bytes, organization: bytes | None) -> Actor:
    """Remembered: whole batches are the work of one."""
    return Actor(principal.decode(), organization.decode() if organization else None)


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """Which partition a key belongs to: murmur2 as Java clients have it. Frozen: another answer breaks all orders."""
    return (_murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for word in struct.unpack(f"<{length >> 2}I", data[:whole]):
        k = word * m & mask
        k ^= k >> 24
        h = h * m & mask ^ k * m & mask
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
