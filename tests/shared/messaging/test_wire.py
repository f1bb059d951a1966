"""The form of records on Kafka, frozen."""

import base64
import json
import random
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from aiokafka.partitioner import DefaultPartitioner
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat

from deploy.local.servers import CHECKOUT
from shared.kernel import ids
from shared.kernel.envelope import Actor, Recorded, Sealed
from shared.messaging import wire
from shared.messaging.wire import Position, decode, headers_of, partition_of, records_of, value_of

SAMPLES = CHECKOUT / "tests" / "contracts" / "samples" / "wire"

PLAIN = Recorded(
    event_id="0a4b51a6-6f0c-5dd0-94a8-0c7a4a2c8d1e",
    type="member.MemberEntered.v1",
    stream="person-6f9b0a52-4a0e-5d0f-8f3e-0f5b7c1d2e3f",
    version=7,
    index=2,
    at=datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC),
    actor=Actor("person-1", "organization-2"),
    correlation="c-1",
    causation="e-0",
    data={"branch": "organization-9", "name": "团支部"},
)
SEALED = Recorded(
    event_id="1b5c62b7-7f1d-5ee1-a5b9-1d8b5b3d9e2f",
    type="member.PersonIdentified.v1",
    stream="person-1",
    version=1,
    index=0,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    actor=Actor("service:member"),
    correlation="",
    causation="",
    data={"person": "person-1"},
    sealed=Sealed("person-1", "A256GCM", "k1", b"\x00\x01nonce", b"\xff\xfecipher"),
)


def test_a_derived_id_is_the_uuid_of_version_5_of_its_parts() -> None:
    """Every stored id is one: another answer would make every repeated command a new one."""
    for parts in (("a",), ("member", "person-1", "键", ""), ("x" * 200, "0")):
        assert ids.derived(*parts) == str(uuid.uuid5(ids._NAMESPACE, "\x1f".join(parts)))


def as_read(recorded: Recorded, position: Position, after: Position | None) -> SimpleNamespace:
    return SimpleNamespace(value=value_of(recorded), headers=headers_of("member", recorded, position, after))


@pytest.mark.rule("P9")
@pytest.mark.parametrize(
    ("name", "recorded", "position", "after"),
    [
        ("plain.v1", PLAIN, Position(1, 12, 2), Position(1, 11, 0)),
        ("sealed.v1", SEALED, Position(2, 1, 0), None),
    ],
)
def test_a_record_has_the_form_of_its_golden_sample_for_ever(
    name: str, recorded: Recorded, position: Position, after: Position | None
) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text())
    record = as_read(recorded, position, after)
    assert {k: v.decode() for k, v in record.headers} == sample["headers"]
    assert record.value.decode() == sample["value"]
    old = SimpleNamespace(
        value=sample["value"].encode(), headers=[(k, v.encode()) for k, v in sample["headers"].items()]
    )
    received = decode(old)
    assert (received.position, received.after) == (position, after)
    assert received.event == recorded


@pytest.mark.rule("P9")
def test_a_record_is_a_cloudevent_in_binary_mode() -> None:
    record = as_read(PLAIN, Position(1, 12, 2), None)
    message = KafkaMessage(headers=dict(record.headers), key=b"k", value=record.value)
    event = from_binary_event(message, JSONFormat())
    assert event.get_id() == PLAIN.event_id
    assert event.get_type() == PLAIN.type
    assert event.get_source() == "/tuan/member"
    assert event.get_subject() == PLAIN.stream
    assert event.get_time() == PLAIN.at
    assert event.get_data() == dict(PLAIN.data)
    assert event.get_extension("position") == "1.12.2"
    assert event.get_extension("streamversion") == "7"


@pytest.mark.rule("P9")
def test_the_partition_of_a_key_is_the_one_every_kafka_client_finds() -> None:
    chance = random.Random(7)
    keys = [f"person-{uuid.UUID(int=chance.getrandbits(128))}" for _ in range(300)]
    keys += ["", "a", "ab", "abc", "abcd", "beat", "团支部"]
    for key in keys:
        for count in (1, 12, 48):
            parts = list(range(count))
            assert partition_of(key, count) == DefaultPartitioner()(key.encode(), parts, parts)


@pytest.mark.rule("P3")
def test_records_of_a_commit_come_in_order_with_ids_that_never_depend_on_the_version() -> None:
    commit = {
        "_id": "person-1:0000000003",
        "stream": "person-1",
        "version": 3,
        "commit_id": "c-9",
        "request_hash": "",
        "causation": "",
        "correlation": "c-9",
        "actor": {"principal": "p", "organization": None},
        "at": 1_795_382_400_000_001,
        "events": [
            {"type": "member.A.v1", "data": {}, "sealed": None},
            {"type": "member.B.v1", "data": {}, "sealed": None},
        ],
        "public": [{"topic": "member.events.v1", "type": "member.C.v1", "data": {}, "sealed": None, "key": "branch-1"}],
    }
    records = records_of(commit, "member")
    assert [(r.topic, r.key, r.recorded.type, r.recorded.index) for r in records] == [
        ("member.log.v1", "person-1", "member.A.v1", 0),
        ("member.log.v1", "person-1", "member.B.v1", 1),
        ("member.events.v1", "branch-1", "member.C.v1", 2),
    ]
    assert [r.recorded.event_id for r in records] == [ids.event_id("c-9", r.topic, i) for i, r in enumerate(records)]
    assert records[0].recorded.at.microsecond == 1


@pytest.mark.rule("P3")
def test_positions_compare_as_numbers_not_as_text() -> None:
    texts = [b"1.2.10", b"1.10.0", b"1.9.3", b"2.0.0", b"1.2.9"]
    assert [str(p) for p in sorted(map(Position.parse, texts))] == ["1.2.9", "1.2.10", "1.9.3", "1.10.0", "2.0.0"]
    for text in (b"1.2", b"", b"1.2.3.4", b"a.b.c"):
        with pytest.raises(ValueError):
            Position.parse(text)


@pytest.mark.rule("P11")
def test_a_sealed_part_is_sent_as_ciphertext_and_never_meets_a_field_of_its_name() -> None:
    value = json.loads(value_of(SEALED))
    assert base64.b64decode(value["sealed"]["ciphertext"]) == b"\xff\xfecipher"
    clash = SEALED._replace(data={"sealed": True})
    with pytest.raises(ValueError, match="no field named sealed"):
        value_of(clash)


@pytest.mark.rule("P3")
def test_the_marker_of_an_epoch_carries_nothing_but_its_place() -> None:
    record = SimpleNamespace(value=b"", headers=[("ce_position", b"3.0.0"), ("ce_after", b"-"), ("ce_id", b"m-3")])
    received = decode(record)
    assert received.position.is_marker
    assert received.event is None


@pytest.mark.rule("P5")
def test_a_record_of_somebody_else_is_no_record_of_ours() -> None:
    for headers in ([], [("ce_position", b"nonsense"), ("ce_after", b"-")]):
        with pytest.raises((KeyError, ValueError)):
            decode(SimpleNamespace(value=b"{}", headers=headers))


@pytest.mark.rule("P3")
def test_a_beat_carries_its_stamp_and_an_id_that_depends_on_it_alone() -> None:
    first, again = (wire.beat(17, "org", "org.withdrawals.v1", index) for index in (1_000_000, 1_000_005))
    assert first.recorded.data == {"at": 17}
    assert (first.key, first.recorded.type) == ("beat", "org.Beat.v1")
    assert first.recorded.event_id == again.recorded.event_id


@pytest.mark.rule("P9")
def test_the_marker_of_an_epoch_has_the_form_of_its_golden_sample() -> None:
    sample = json.loads((SAMPLES / "marker.v1.json").read_text())
    recorded = wire.marker(2, "member.events.v1", 1)
    headers = headers_of("relay", recorded, Position(2, 0, 0), None)
    assert {k: v.decode() for k, v in headers} == sample["headers"]
    assert value_of(recorded).decode() == sample["value"]
    old = SimpleNamespace(value=b"", headers=[(k, v.encode()) for k, v in sample["headers"].items()])
    assert decode(old).position.is_marker


def test_a_record_nobody_wants_keeps_its_place_and_is_not_taken_apart() -> None:
    record = as_read(PLAIN, Position(1, 12, 2), Position(1, 11, 0))
    record.value = b"no json at all"
    passed = decode(record, lambda type_, stream: (type_, stream) != (PLAIN.type, PLAIN.stream))
    assert (passed.position, passed.after, passed.event_id) == (Position(1, 12, 2), Position(1, 11, 0), PLAIN.event_id)
    assert passed.event is None
    with pytest.raises(ValueError, match=r"JSON|literal|character"):
        decode(record)
