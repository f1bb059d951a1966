"""What is written down of the published events is what the code publishes and reads."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deploy.contracts.catalogue import TopicEntry, event_classes, schema_of, topic_classes
from shared.contracts import identity, member
from shared.contracts.base import Contract
from shared.messaging.topics import LANE
from shared.runtime.parts import SOURCES
from shared.runtime.service import Service
from tests.architecture.test_names import HALF_WIDTH

TOLD_FOR_OUTSIDE = {
    "TransferOpened",
    "TransferOpenedWithoutEnd",
    "TransferReminded",
    "TransferDelayExplained",
}


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
    """A contract appears with its first reader (CONTRIBUTING); only one that was superseded may lose its last.

    How a transfer goes is told whole, for analysts and for the messages to come: what nobody in here reads yet is
    named, and leaves the list with its first reader.
    """
    unread = {e.type for t in catalogue for e in t.events if not e.readers and not e.superseded_by}
    assert unread == {f"transfer.{name}.v1" for name in TOLD_FOR_OUTSIDE}


def test_what_supersedes_an_event_is_published_and_stands_for_all_that_it_says(catalogue: list[TopicEntry]) -> None:
    events = {e.type: e for t in catalogue for e in t.events}
    superseded = [e for e in events.values() if e.superseded_by]
    assert {e.type for e in superseded} >= {"member.RegistrantEntered.v1", "member.RegistrantRefused.v1"}
    for old in superseded:
        new = events[old.superseded_by]
        assert not new.superseded_by
        assert old.schema["properties"].items() <= new.schema["properties"].items()


def test_nobody_reads_an_event_that_was_never_heard_of(
    services: dict[str, Service], catalogue: list[TopicEntry]
) -> None:
    """Whoever takes all of a topic would be a reader of whatever comes, and no event would lack one."""
    loops = [loop for service in services.values() for loop in service.loops if hasattr(loop, "hears")]
    topics = [topic for topic in catalogue if topic.name != LANE]
    assert [
        each.name for topic in topics for each in loops if each.hears(topic.name, f"{topic.owner}.Unheard.v1")
    ] == []


def _named_in_published(owner: str) -> Iterator[Any]:
    """What `published.py` of a service names, as objects."""
    module = importlib.import_module(f"services.{owner}.published")
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        match node:
            case ast.Name(id=name):
                yield getattr(module, name, None)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield getattr(getattr(module, name, None), attribute, None)


def test_every_event_is_published_by_its_owner() -> None:
    """One that no stored event is mapped to is read in vain."""
    events = [event for topic in topic_classes() for event in event_classes(topic)]
    named = {owner: list(_named_in_published(owner)) for owner in {_owner(event) for event in events}}
    assert [event.type_name() for event in events if event not in named[_owner(event)]] == []


def _owner(event: type[Contract]) -> str:
    return event.type_name().partition(".")[0]


def test_every_event_stands_in_the_change_log(checkout: Path) -> None:
    told = (checkout / "shared" / "contracts" / "CHANGELOG.md").read_text("utf-8")
    names = [event.type_name().partition(".")[2] for topic in topic_classes() for event in event_classes(topic)]
    assert [name for name in names if f"`{name}`" not in told] == []


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
    restricted = {topic.topic: sorted(topic.only_for) for topic in topic_classes() if topic.only_for}
    assert restricted == {member.IDENTITY: ["identity"], identity.REGISTRATIONS: ["member", "org"]}
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
