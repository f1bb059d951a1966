"""Logs: one JSON object a line on standard output, with the correlation of the request or event at work."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

from shared.observability.redaction import described, redact


def configure_logging(level: str = "INFO", part: str = "tuan") -> None:
    """Sets up this process's logs, those of libraries included. Call it once, before anything is logged.

    `part` is in every line: where the lines of all processes come together, it says whose one is.
    """

    def with_part(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**line, "part": part}

    structlog.configure(
        processors=[*_shared(), with_part, redact, structlog.processors.JSONRenderer(serializer=_bytes)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_shared(), with_part, _first_line],
            processors=[redact, structlog.processors.JSONRenderer(serializer=_text)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def bind(**values: str) -> None:
    """Adds values to every line of the present task: `correlation`, `principal`."""
    structlog.contextvars.bind_contextvars(**values)


def unbind() -> None:
    """Forgets what was bound, at the beginning of every request and batch."""
    structlog.contextvars.clear_contextvars()


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception,
    ]


def _exception(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = line.pop("exc_info", None)
    if isinstance(info, tuple):
        info = info[1]
    if info is True:
        info = sys.exc_info()[1]
    if isinstance(info, BaseException):
        line["exception"] = described(info)
    return line


def _first_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Of a library's message the first line: further ones quote objects with their contents."""
    return {**line, "event": str(line["event"]).partition("\n")[0]}


def _bytes(line: Any, **_options: Any) -> bytes:
    return orjson.dumps(line)


def _text(line: Any, **_options: Any) -> str:
    return orjson.dumps(line).decode()
