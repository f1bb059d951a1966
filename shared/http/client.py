"""Clients of other services: one per process, with every limit written out."""

import httpx

TIMEOUT = httpx.Timeout(10.0, connect=2.0, pool=2.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=4.0)


def service_client(timeout: httpx.Timeout = TIMEOUT) -> httpx.AsyncClient:
    """A client that follows no redirects and heeds no proxy of the environment; close it with the process."""
    return httpx.AsyncClient(timeout=timeout, limits=LIMITS, follow_redirects=False, trust_env=False)
