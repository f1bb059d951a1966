"""Whether the process of this container is ready.

By itself (`python -m deploy.cli.health org`) it is what containers ask every few seconds: it loads next to
nothing, where the whole `tuan` costs half a second of CPU each time.
"""

import sys

import httpx

from shared.runtime.settings import Deployment
from shared.runtime.tls import client_context

_SECONDS = 5.0


def why_not(service: str) -> str:
    """What the process that runs here waits for, or that it does not answer; empty when it is ready."""
    settings = Deployment()
    try:
        folder = settings.tls_dir
        answer = httpx.get(
            f"{settings.address(service)}/health/ready",
            timeout=_SECONDS,
            trust_env=False,
            verify=client_context(folder) if folder else True,
        )
    except httpx.HTTPError as error:
        return f"{service} does not answer: {type(error).__name__}"
    return "" if answer.status_code == httpx.codes.OK else answer.text


if __name__ == "__main__":
    sys.exit(why_not(sys.argv[1]) or None)
