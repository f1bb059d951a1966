"""Clients of other services: one per process, with every limit written out."""

import httpx

from shared.runtime.settings import Deployment
from shared.runtime.tls import client_context

TIMEOUT = httpx.Timeout(10.0, connect=2.0, pool=2.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4.0)


def service_client(settings: Deployment) -> httpx.AsyncClient:
    """A client that follows no redirects and heeds no proxy of the environment; close it with the process."""
    verify = client_context(settings.tls_dir) if settings.tls_dir else True
    return httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False, verify=verify)
