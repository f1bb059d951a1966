"""Every topic and published event with its schema, sample and readers, read from the code that publishes and reads."""

import asyncio
import importlib
import inspect
import json
import pkgutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.secrets import make_secrets
from deploy.roots import root_of, settings_of
from shared import contracts
from shared.contracts.base import Contract
from shared.runtime.parts import SOURCES
from shared.runtime.service import Role, Service
from shared.runtime.settings import Environment

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "contracts" / "samples"

_TEXT = {"type": "string"}
_SEALED = {
    "type": "object",
    "description": "The personal values, encrypted as one JSON document with the key of the person.",
    "properties": dict.fromkeys(("person", "alg", "kid", "nonce", "ciphertext"), _TEXT),
    "required": ["person", "alg", "kid", "nonce", "ciphertext"],
}


@dataclass(frozen=True, slots=True)
class EventEntry:
    """A published event. `schema` and `sample` are those of the record's value, `readers` the names of loops.

    `superseded_by` is the type that is read instead, if there is one.
    """

    type: str
    en: str
    zh: str
    sealed_values: tuple[str, ...]
    schema: Mapping[str, Any]
    sample: Mapping[str, Any]
    readers: tuple[str, ...]
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A public topic; its owner is the context that publishes on it."""

    name: str
    owner: str
    en: str
    zh: str
    events: tuple[EventEntry, ...]

    @property
    def readers(self) -> list[str]:
        """The services that read at least one of its events."""
        return sorted({reader.split(".")[0] for event in self.events for reader in event.readers})


def topic_classes() -> list[type[Contract]]:
    """The classes that stand for topics, by the topic's name."""
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"{contracts.__name__}.{module.name}")
    return sorted(_ours(Contract), key=lambda each: each.topic)


def event_classes(topic: type[Contract]) -> list[type[Contract]]:
    """The events of one topic, by their type string."""
    return sorted(_ours(topic), key=lambda each: each.type_name())


def _ours(base: type[Contract]) -> list[type[Contract]]:
    """Without what a test of the kernel publishes."""
    return [each for each in base.__subclasses__() if each.__module__.startswith(f"{contracts.__name__}.")]


def composed() -> dict[str, Service]:
    """Every service with data, put together as its process is; nothing is connected."""

    async def compose(secrets: Path) -> dict[str, Service]:
        make_secrets(secrets)
        found = {}
        for name in SOURCES:
            settings = settings_of(name)(
                environment=Environment.TEST,
                mongo_url="mongodb://127.0.0.1:1",
                kafka="127.0.0.1:1",
                secrets_dir=secrets,
            )
            service: Service = root_of(name).build(settings)
            for close in service.close:
                await close()
            found[name] = service
        return found

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(compose(Path(folder)))


def groups_of(services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The consumer groups of each service's consumers, without a namespace."""
    return {
        name: sorted(loop.group for loop in service.loops if loop.role is Role.CONSUMER and hasattr(loop, "group"))
        for name, service in services.items()
    }


def read_catalogue(services: Mapping[str, Service]) -> list[TopicEntry]:
    """All public topics with their events. Raises FileNotFoundError for an event without a sample."""
    loops = [loop for service in services.values() for loop in service.loops]
    return [_topic(topic, loops) for topic in topic_classes()]


def _topic(topic: type[Contract], loops: Sequence[Any]) -> TopicEntry:
    events = tuple(_event(contract, loops) for contract in event_classes(topic))
    return TopicEntry(topic.topic, topic.topic.split(".")[0], meaning(topic), topic.zh, events)


def _event(contract: type[Contract], loops: Sequence[Any]) -> EventEntry:
    name = contract.type_name()
    context, _, stem = name.partition(".")
    heard = {loop.name for loop in loops if hasattr(loop, "hears") and loop.hears(contract.topic, name)}
    return EventEntry(
        type=name,
        en=meaning(contract),
        zh=contract.zh,
        sealed_values=contract.sealed_values,
        schema=schema_of(contract),
        sample=json.loads((SAMPLES / context / "public" / f"{stem}.json").read_text("utf-8")),
        readers=tuple(sorted(heard)),
        superseded_by=contract.superseded_by,
    )


def meaning(contract: type[Contract]) -> str:
    """The class's own docstring, one line a paragraph; ValueError if it has none."""
    text = inspect.cleandoc(contract.__dict__.get("__doc__") or "")
    if not text:
        raise ValueError(f"{contract.__name__} does not say what it means")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def schema_of(contract: type[Contract]) -> dict[str, Any]:
    """The JSON schema of the record's value: fields that every record has are required, a sealed part lies beside."""
    whole = contract.model_json_schema()
    schema: dict[str, Any] = _plain(whole, whole.get("$defs", {}))
    properties = {name: field for name, field in schema["properties"].items() if name != "personal"}
    if contract.sealed_values:
        properties["sealed"] = _SEALED | {"x-sealed-values": list(contract.sealed_values)}
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}


def _plain(part: Any, definitions: Mapping[str, Any]) -> Any:
    """Without titles, and with every definition where it is used, so that a schema stands alone."""
    if isinstance(part, list):
        return [_plain(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    named = part.get("$ref", "").rpartition("/")[2]
    rest = {k: _plain(v, definitions) for k, v in part.items() if k not in {"$ref", "$defs"} and not _title(k, v)}
    return {**_plain(definitions[named], definitions), **rest} if named else rest


def _title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)


def types(topics: Sequence[TopicEntry]) -> Iterator[str]:
    yield from (event.type for topic in topics for event in topic.events)
