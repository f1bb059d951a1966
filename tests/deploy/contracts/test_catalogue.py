"""What is written down of the published events is what the code publishes and reads."""

import re

import jsonschema
import pytest

from deploy.contracts.catalogue import TopicEntry, event_classes, schema_of, topic_classes
from shared.contracts import identity, member
from shared.messaging.topics import LANE
from shared.runtime.parts import SOURCES
from tests.architecture.test_names import HALF_WIDTH


def _texts(catalogue: list[TopicEntry]) -> list[tuple[str, str, str]]:
    return [(e.type, e.en, e.zh) for t in catalogue for e in t.events] + [(t.name, t.en, t.zh) for t in catalogue]


def test_every_topic_and_event_says_in_both_languages_what_it_means(catalogue: list[TopicEntry]) -> None:
    own = [c for topic in topic_classes() for c in (topic, *event_classes(topic)) if "zh" not in c.__dict__]
    assert not own, f"without a Chinese sentence of their own: {own}"
    wrong = [
        name
        for name, en, zh in _texts(catalogue)
        if not zh.endswith("。") or HALF_WIDTH.search(zh) or not re.search(r"[a-z].*\.$", en, re.DOTALL)
    ]
    assert not wrong


def test_every_event_is_read_by_somebody(catalogue: list[TopicEntry]) -> None:
    """A contract appears with its first reader (CONTRIBUTING)."""
    assert [e.type for t in catalogue for e in t.events if not e.readers] == []


def test_readers_come_from_the_services_own_tables(catalogue: list[TopicEntry]) -> None:
    readers = {e.type: e.readers for t in catalogue for e in t.events}
    assert "identity.reactions" in readers["member.PersonReleased.v1"]
    assert "org.cadres" in readers["member.CadreAppointed.v1"]
    assert "org.cadres" not in readers["member.MemberEntered.v1"]
    lane = next(t for t in catalogue if t.name == LANE)
    assert lane.readers == sorted(SOURCES)


@pytest.mark.rule("P11")
def test_the_restricted_topics_have_no_other_readers_than_they_name(catalogue: list[TopicEntry]) -> None:
    """Whoever reads one has, or might have, the keys to what is sealed in it."""
    readers = {topic.name: topic.readers for topic in catalogue}
    restricted = {member.IDENTITY: ["identity"], identity.REGISTRATIONS: ["member", "org"]}
    assert {name: readers[name] for name in restricted} == restricted
    assert {t.name for t in catalogue for e in t.events if e.sealed_values} == set(restricted)


def test_every_sample_fits_its_schema_and_a_spoilt_one_does_not(catalogue: list[TopicEntry]) -> None:
    for event in (e for t in catalogue for e in t.events):
        jsonschema.Draft202012Validator.check_schema(event.schema)
        jsonschema.validate(event.sample, event.schema)
        for name in event.schema["required"]:
            without = {key: value for key, value in event.sample.items() if key != name}
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(without, event.schema)


def test_a_schema_is_of_the_value_on_the_wire() -> None:
    fields = schema_of(member.PersonIdentified)["properties"]
    assert "personal" not in fields
    assert fields["sealed"]["x-sealed-values"] == ["name", "document_kind", "number", "mobile"]
    assert "sealed" not in schema_of(member.PersonReleased)["properties"]
