"""A receiver of OTLP over HTTP, as small as can be: it keeps what was posted and reads it by the public schema."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """A span as received; ids in hex, `parent` empty for a root."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str | int]
    failed: bool


@dataclass
class Receiver:
    """`status` is what it answers; `bodies` are the messages as they came, unpacked."""

    address: str
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        return [span for body in list(self.bodies) for span in _spans(body)]

    def until(self, holds: Callable[[list[Span]], bool], seconds: float = 20.0) -> list[Span]:
        """Waits until what was received is as wished, and gives it."""
        deadline = time.monotonic() + seconds
        while not holds(spans := self.spans()):
            if time.monotonic() > deadline:
                raise TimeoutError(sorted({f"{span.service} {span.name}" for span in spans}))
            time.sleep(0.05)
        return spans


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if receiver.status == 200:
                receiver.bodies.append(body)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/v1/traces")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def _spans(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service,
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    {a.key: a.value.string_value or a.value.int_value for a in span.attributes},
                    span.status.code == 2,
                )
