"""What may stand in a log line: listed keys, plain values, no numbers of people, no names (P11, X29).

Two nets lie under each other: a key that is not listed loses its value, and in what is left every run of Chinese
characters (log lines are in English, so it is somebody's data) and everything shaped like an identity number or a
mobile number is replaced.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

LOG_KEYS = frozenset(
    {
        "attempt", "batch", "both", "cause", "code", "collection", "consumer", "copied", "copy", "correlation",
        "count", "database", "detail", "driver", "epoch", "error", "event", "exception", "exchange",
        "exit_code", "fields", "finding", "first", "found", "gap", "generation", "hour", "import_id", "index",
        "kid", "lag", "late", "level", "limit", "logger", "loop", "method", "migration", "model", "neither",
        "offset", "ordinal", "organization", "owner", "part", "partition", "partitions", "path", "pid", "port",
        "position", "positions", "principal", "projection", "reached", "reason", "records", "role", "route",
        "rows", "rule", "seconds", "sentence", "service", "session", "size", "source", "status", "stream",
        "system", "timestamp", "topic", "topics", "transfer", "type", "value", "version", "what", "why",
        "withheld", "worker",
    }
)  # fmt: skip
"""Keys whose values may be logged. A key is added here when a log line needs it and its values are never personal."""

_SHAPES = (
    (re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·]+"), "[text]"),
    (re.compile(r"(?<![^\W_])(?:\d{15}|\d{17}[\dXxＸｘ])(?![^\W_])"), "[number]"),
    (re.compile(r"(?<![^\W_])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![^\W_])"), "[phone]"),
)
_TELLING_FRAMES = 30
_OURS = ("shared.", "services.", "deploy.", "bench.")
# Their messages are made of code and addresses; those of ValueError and KeyError quote what they were given.
_TELLING = (OSError, RuntimeError, TypeError, AttributeError, ImportError, AssertionError)


def redact(_logger: Any, _method: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """The processor: the line with what may be shown, and the names of the keys that may not under `withheld`."""
    shown = {key: shown_value(value) for key, value in line.items() if key in LOG_KEYS}
    withheld = sorted(key for key in line if key not in LOG_KEYS and not key.startswith("_"))
    return shown | {"withheld": withheld} if withheld else shown


def shown_value(value: Any) -> Any:
    """A value as it may be logged; of an object that is no plain value only its type."""
    shown: Any = f"<{type(value).__name__}>"
    if value is None or isinstance(value, bool | float):
        shown = value
    elif isinstance(value, Enum):
        shown = shown_value(value.value)
    elif isinstance(value, int):
        text = cleaned(str(value))
        shown = value if text == str(value) else text
    elif isinstance(value, str | Path):
        shown = cleaned(str(value))
    elif isinstance(value, date):
        shown = value.isoformat()
    elif isinstance(value, Mapping):
        shown = {str(k): shown_value(v) for k, v in value.items() if str(k) in LOG_KEYS}
    elif isinstance(value, list | tuple | set | frozenset):
        shown = [shown_value(v) for v in value]
    return shown


def cleaned(text: str) -> str:
    """The text without what is shaped like a person's number or written in Chinese."""
    for shape, name in _SHAPES:
        text = shape.sub(name, text)
    return text


def described(error: BaseException) -> dict[str, Any]:
    """An exception for a log line: its types and places; its message only where that never quotes data."""
    kinds: list[str] = []
    current: BaseException | None = error
    while current is not None and len(kinds) < 10:
        kinds.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    parts = {"type": " < ".join(kinds), "position": _places(error.__traceback__)}
    return parts | {"detail": cleaned(str(error))} if _telling(error) else parts


def _telling(error: BaseException) -> bool:
    return type(error).__module__.startswith(_OURS) or isinstance(error, _TELLING)


def _places(traceback: TracebackType | None) -> list[str]:
    frames = list(walk_tb(traceback))[-_TELLING_FRAMES:]
    return [f"{Path(f.f_code.co_filename).name}:{line} {f.f_code.co_name}" for f, line in frames]
