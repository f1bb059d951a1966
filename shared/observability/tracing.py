"""Traces: what one cause led to in all services, as spans sent to a receiver of OTLP (docs/decisions/0025).

A trace's id, whether it is kept and its root are derived from the correlation, which commits and records carry anyway:
so nothing about traces is stored, and a read model hours later still knows where its work belongs. Without an endpoint
all of this is one comparison a call. A batch has one span for each trace in it, never one for each event.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from typing import Literal, Protocol
from uuid import UUID

from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from shared.runtime.settings import Deployment

Attribute = Literal[
    "http.request.method", "http.route", "http.response.status_code", "tuan.commits", "tuan.events", "tuan.records"
]
"""What a span may say beside its name: patterns, types and counts. No id, no path, nothing typed by anybody (P11)."""

CORRELATION_HEADER = "X-Correlation-Id"
TRACE_HEADER = "traceparent"

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Spans(Protocol):
    """Where spans are made. `rooted` gives the next one the ids of a root."""

    tracer: Tracer

    def rooted(self, root: SpanContext) -> AbstractContextManager[None]: ...

    def end(self) -> None: ...


class _Tracing:
    """Of this process. `bound`: of all correlations, those whose CRC-32 lies below it are kept."""

    spans: Spans | None = None
    bound = 0


_tracing = _Tracing()
_present: ContextVar[tuple[str, SpanContext | None]] = ContextVar("present", default=("", None))
"""The correlation of the request at work, and its innermost span."""


def configure_tracing(service: str, settings: Deployment) -> None:
    """Begins to trace where an endpoint is set. Call it once, before the process serves."""
    if not settings.traces_endpoint:
        return
    from shared.observability.sending import SentSpans  # noqa: PLC0415 - eight megabytes, for who traces

    _tracing.spans = SentSpans(service, settings)
    _tracing.bound = int(settings.traces_share * 2**32)


def end_tracing() -> None:
    """Sends what waits and ends; for tests that begin anew."""
    if _tracing.spans is not None:
        _tracing.spans.end()
    _tracing.spans = None


def is_kept(correlation: str) -> bool:
    """Whether the trace of this correlation is among those sent: the same answer in every process."""
    return _tracing.spans is not None and bool(correlation) and zlib.crc32(correlation.encode()) < _tracing.bound


@lru_cache(maxsize=1_024)
def root_of(correlation: str) -> SpanContext:
    """The first span of a trace, whose id is the correlation itself where that is a UUID: one finds the other."""
    digest = sha256(correlation.encode()).digest()
    try:
        trace_id = UUID(correlation).int
    except ValueError:
        trace_id = int.from_bytes(digest[:16])
    return SpanContext(trace_id or 1, int.from_bytes(digest[16:24]) or 1, is_remote=True, trace_flags=_SAMPLED)


def traceparent(correlation: str) -> str:
    """The W3C header of a trace that is kept, naming its root; else empty."""
    return _written(root_of(correlation)) if is_kept(correlation) else ""


def outgoing() -> dict[str, str]:
    """The headers of a call to another service, made within a request."""
    correlation, inner = _present.get()
    if not correlation:
        return {}
    headers = {CORRELATION_HEADER: correlation}
    return headers | {TRACE_HEADER: _written(inner)} if inner else headers


@contextmanager
def request(correlation: str, *, begins: bool, parent: str = "") -> Iterator[Span | None]:
    """The span of a request that is answered; its name is set when the route is known. None if it is not kept.

    `begins`: the correlation was made here, so this is the root. `parent` is a W3C header from whoever asked.
    """
    if not is_kept(correlation):
        token = _present.set((correlation, None))
        try:
            yield None
        finally:
            _present.reset(token)
        return
    root = root_of(correlation)
    span = _root(root) if begins else _child("request", _caller(parent, root), SpanKind.SERVER)
    token = _present.set((correlation, span.get_span_context()))
    try:
        yield span
    finally:
        _present.reset(token)
        span.end()


@contextmanager
def inside(name: str, attributes: Mapping[Attribute, str | int] | None = None) -> Iterator[None]:
    """A part of the request at work; outside of one, nothing. What fails is not shown: it will be tried again."""
    correlation, outer = _present.get()
    if outer is None:
        yield
        return
    span = _child(name, outer, SpanKind.INTERNAL, attributes)
    token = _present.set((correlation, span.get_span_context()))
    try:
        yield
        span.end()
    finally:
        _present.reset(token)


@contextmanager
def batch(name: str, correlations: Iterable[str], unit: Attribute = "tuan.records") -> Iterator[None]:
    """Work on many things at once: one span for each trace among them that is kept, with how many of them it has."""
    if _tracing.spans is None:
        yield
        return
    found = {each: count for each, count in Counter(correlations).items() if is_kept(each)}
    spans = [_child(name, root_of(each), SpanKind.CONSUMER, {unit: count}) for each, count in found.items()]
    done = False
    try:
        yield
        done = True
    finally:
        for span in spans:
            if not done:
                span.set_status(StatusCode.ERROR)
            span.end()


def _root(context: SpanContext) -> Span:
    spans = _tracing.spans
    assert spans is not None  # noqa: S101 - is_kept said so
    with spans.rooted(context):
        return spans.tracer.start_span("request", kind=SpanKind.SERVER)


def _child(
    name: str, parent: SpanContext, kind: SpanKind, attributes: Mapping[Attribute, str | int] | None = None
) -> Span:
    spans = _tracing.spans
    assert spans is not None  # noqa: S101 - is_kept said so
    within = set_span_in_context(NonRecordingSpan(parent))
    return spans.tracer.start_span(name, within, kind, dict(attributes or {}))  # type: ignore[arg-type]


def _caller(header: str, root: SpanContext) -> SpanContext:
    """Who asked, if that was in this trace; else the root."""
    found = _PARENT.fullmatch(header)
    if not found or int(found[1], 16) != root.trace_id or not int(found[2], 16):
        return root
    return SpanContext(root.trace_id, int(found[2], 16), is_remote=True, trace_flags=_SAMPLED)


def _written(span: SpanContext) -> str:
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-01"
