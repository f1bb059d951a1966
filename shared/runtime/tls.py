"""Encrypted connections between processes: one folder with `tls.crt`, `tls.key` and `ca.crt`, as issuers write it."""

import ssl
from pathlib import Path
from typing import Any

CERTIFICATE, KEY, AUTHORITY = "tls.crt", "tls.key", "ca.crt"


def client_context(folder: Path) -> ssl.SSLContext:
    """For connections to others: they are verified by the folder's authority, and see this process's certificate.

    Raises OSError or ssl.SSLError where the folder does not hold the three files.
    """
    context = ssl.create_default_context(cafile=str(folder / AUTHORITY))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    return context


def certificate_of(folder: Path | None) -> Path | None:
    """The file of this process's own certificate."""
    return folder / CERTIFICATE if folder else None


def listening(folder: Path | None) -> dict[str, Any]:
    """What uvicorn is told; without a folder it listens in clear, which production allows on loopback only."""
    if folder is None:
        return {}
    return {"ssl_certfile": str(folder / CERTIFICATE), "ssl_keyfile": str(folder / KEY)}
