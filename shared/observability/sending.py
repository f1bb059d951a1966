"""How spans leave the process: in batches, from a thread of their own, over OTLP with HTTP."""

import atexit

# In a forked child handlers run in the order they were set: the library's waits for this module's lock, so that lock
# must be made anew before. Imported later, by whoever first needs a thread, it left every child hanging.
import concurrent.futures.thread  # noqa: F401
import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, Tracer

from shared.observability.metric_names import counter
from shared.runtime.settings import Deployment
from shared.runtime.tls import AUTHORITY, CERTIFICATE, KEY

WAITING_MAX = 4_096
BATCH_MAX = 512
EVERY_MS = 2_000
TIMEOUT_SECONDS = 3.0
LAST_SECONDS = 1.0

_LOST = counter("tuan_traces_lost_total")


class SentSpans:
    """The spans of one process. Which traces are kept was decided before one is made."""

    def __init__(self, service: str, settings: Deployment) -> None:
        self._ids = _Ids()
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": f"tuan.{service}"}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._exporter = _Counted(_exporter(settings))
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=WAITING_MAX,
                schedule_delay_millis=EVERY_MS,
                max_export_batch_size=BATCH_MAX,
            )
        )
        self.tracer: Tracer = self._provider.get_tracer("tuan")
        # What it would say of every try, tuan_traces_lost_total says in one figure.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        atexit.register(self.end)

    @contextmanager
    def rooted(self, root: SpanContext) -> Iterator[None]:
        """The span made within is the root of its trace."""
        self._ids.root = root
        try:
            yield
        finally:
            self._ids.root = None

    def end(self) -> None:
        """Sends what waits, within seconds: a receiver that is away keeps no process from ending."""
        atexit.unregister(self.end)
        self._exporter.last_at = time.monotonic() + LAST_SECONDS
        self._provider.shutdown()


class _Ids(RandomIdGenerator):
    """Random but for the root of a trace, whose ids follow from the correlation."""

    root: SpanContext | None = None

    def generate_trace_id(self) -> int:
        return self.root.trace_id if self.root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        return self.root.span_id if self.root else super().generate_span_id()


def _exporter(settings: Deployment) -> SpanExporter:
    session = requests.Session()
    session.trust_env = False
    if settings.tls_dir is not None:
        session.verify = str(settings.tls_dir / AUTHORITY)
        session.cert = (str(settings.tls_dir / CERTIFICATE), str(settings.tls_dir / KEY))
    return OTLPSpanExporter(
        endpoint=settings.traces_endpoint,
        headers={},
        timeout=TIMEOUT_SECONDS,
        compression=Compression.Gzip,
        session=session,
    )


class _Counted(SpanExporter):
    """A receiver that is away costs its spans and nothing else; from `last_at` on nothing is tried any more."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.last_at = math.inf

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        is_late = time.monotonic() > self.last_at
        result = SpanExportResult.FAILURE if is_late else self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            _LOST.inc(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()
