"""What a process shows of itself: `/metrics`, and by how much its event loop is late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest, start_http_server

from shared.observability.metric_names import gauge, histogram
from shared.runtime.ending import ended
from shared.runtime.tls import CERTIFICATE, KEY

PULSE_SECONDS = 0.25

_LATE = histogram("tuan_event_loop_lag_seconds")
_EXPIRES = gauge("tuan_certificate_expires_timestamp_seconds")


async def metrics() -> Response:
    """The handler of `/metrics`."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def metrics_beside(host: str, port: int, tls_dir: Path | None = None) -> None:
    """`/metrics` on a port of its own, for a process whose own port is open to everybody; over TLS like that one."""
    certificate, key = (str(tls_dir / CERTIFICATE), str(tls_dir / KEY)) if tls_dir else (None, None)
    start_http_server(port, host, certfile=certificate, keyfile=key)


@asynccontextmanager
async def pulse(certificate: Path | None = None) -> AsyncIterator[None]:
    """While it is open, measures four times a second how late the event loop is; first says when `certificate` ends."""
    if certificate is not None:
        _EXPIRES.set(expires_at(certificate))
    task = asyncio.create_task(_beat(), name="pulse")
    try:
        yield
    finally:
        await ended(task)


def expires_at(certificate: Path) -> float:
    """When the certificate in a PEM file ends, in seconds since 1970."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc.timestamp()


async def _beat() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + PULSE_SECONDS
        await asyncio.sleep(PULSE_SECONDS)
        _LATE.observe(max(0.0, loop.time() - due))
