"""The public topics and their events as one AsyncAPI document."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deploy.contracts.catalogue import EventEntry, TopicEntry
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.wire import Position, headers_of
from shared.observability.tracing import TRACE_HEADER

_DESCRIPTION = (
    "What the services of the platform publish on Kafka. A record's key is the stream, its value JSON as described "
    "here, everything else is in CloudEvents headers (docs/decisions/0001). A reader ignores fields it does not know; "
    "what may change is in docs/decisions/0017. Topics are read from their beginning: nothing but withdrawals expires."
)


def asyncapi_of(topics: Sequence[TopicEntry]) -> dict[str, Any]:
    """The document; messages are named by the type strings of their events."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "tuan events",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": owner} for owner in sorted({topic.owner for topic in topics})],
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {name: operation for topic in topics for name, operation in _operations(topic).items()},
        "components": {
            "messages": {event.type: _message(event) for topic in topics for event in topic.events},
            "schemas": {"Headers": _headers()},
        },
    }


def messages_of(document: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Back from a document: type -> (topic, schema of the value)."""
    messages = document["components"]["messages"]
    return {
        type_: (topic, messages[type_]["payload"])
        for topic, channel in document["channels"].items()
        for type_ in channel["messages"]
    }


def _channel(topic: TopicEntry) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"{topic.en}\n\n{topic.zh}",
        "messages": {event.type: {"$ref": f"#/components/messages/{event.type}"} for event in topic.events},
        "x-owner": topic.owner,
        "x-readers": topic.readers,
    }


def _operations(topic: TopicEntry) -> dict[str, Any]:
    """Who sends and who receives which messages."""
    sends = f"{topic.owner} publishes what it has decided, through the relay."
    every = {f"{topic.owner}.sends.{topic.name}": ("send", sends, topic.events)}
    for service in topic.readers:
        loops = {r for e in topic.events for r in e.readers if r.startswith(f"{service}.")}
        heard = tuple(e for e in topic.events if loops & set(e.readers))
        every[f"{service}.receives.{topic.name}"] = ("receive", f"By {', '.join(sorted(loops))}.", heard)
    return {
        name: {
            "action": action,
            "description": description,
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "messages": [{"$ref": f"#/channels/{topic.name}/messages/{event.type}"} for event in events],
        }
        for name, (action, description, events) in every.items()
    }


def _message(event: EventEntry) -> dict[str, Any]:
    old = {"deprecated": True} if event.superseded_by else {}
    return {
        "name": event.type,
        "title": event.type.split(".")[1],
        "summary": event.en.split("\n\n")[0],
        "description": f"{event.en}\n\n{event.zh}",
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {**event.schema, **old},
        "examples": [{"payload": event.sample}],
        "bindings": {"kafka": {"key": {"type": "string", "description": "The stream."}}},
        "x-readers": list(event.readers),
        **({"x-superseded-by": event.superseded_by} if old else {}),
    }


def _headers() -> dict[str, Any]:
    """From records made for the purpose: what the barest of them has is required. Not all are traced."""
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in (*_header_names(Actor("a", "o"), "x"), TRACE_HEADER)},
        "required": _header_names(Actor("a"), ""),
    }


def _header_names(actor: Actor, cause: str) -> list[str]:
    record = Recorded("e", "org.X.v1", "s", 1, 0, datetime(2026, 1, 1, tzinfo=UTC), actor, cause, cause, {})
    return [name for name, _ in headers_of("org", record, Position(1, 1, 0), None)]
