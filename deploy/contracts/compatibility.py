"""What may become of a published form: nothing but growing (docs/decisions/0017)."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.contracts.asyncapi import messages_of

_WORDS_FOR_PEOPLE = {"description", "title"}


def breaks(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """A sentence for each promise of an earlier AsyncAPI document that today's no longer keeps."""
    today = messages_of(now)
    found = []
    for type_, (topic, schema) in messages_of(before).items():
        if type_ not in today:
            found.append(f"{type_} is gone; it lies in its topic for ever, so its form stays")
            continue
        topic_now, schema_now = today[type_]
        if topic_now != topic:
            found.append(f"{type_} moved from {topic} to {topic_now}; its readers stayed")
        found += [f"{type_}: {what}" for what in _field_breaks(schema, schema_now)]
    return found


def _field_breaks(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    fields, fields_now = before["properties"], now["properties"]
    for name, field in fields.items():
        if name not in fields_now:
            yield f"the field {name} is gone"
        elif _bare(field) != _bare(fields_now[name]):
            yield f"the field {name} was {_bare(field)} and is {_bare(fields_now[name])}"
        elif name in before["required"] and name not in now["required"]:
            yield f"the field {name} was always there and may be missing now"
    for name in now["required"]:
        if name not in before["required"]:
            yield f"the field {name} is required now; old records do not have it"


def _bare(field: Any) -> Any:
    """Without what only people read; an enumeration's order says nothing."""
    if isinstance(field, dict):
        kept = {key: _bare(value) for key, value in field.items() if key not in _WORDS_FOR_PEOPLE}
        return kept | {"enum": sorted(kept["enum"])} if "enum" in kept else kept
    return [_bare(each) for each in field] if isinstance(field, list) else field


def published_before(root: Path, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(where, document) of every version that the history at hand holds, the checked-in file first.

    A copy without a history, or a shallow one, has what it has.
    """
    if (root / path).exists():
        yield path, json.loads((root / path).read_text("utf-8"))
    for commit in _git(root, "log", "--format=%h", "--diff-filter=AM", "--", path).split():
        yield f"{path} of {commit}", json.loads(_git(root, "show", f"{commit}:./{path}"))


def _git(root: Path, *arguments: str) -> str:
    """What git says; nothing where there is no git or no history."""
    try:
        result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return result.stdout if result.returncode == 0 else ""
