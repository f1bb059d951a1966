"""What the console is told at its start. It has no data, so it knows neither MongoDB nor Kafka."""

from collections.abc import Iterator

from shared.runtime.parts import PARTS
from shared.runtime.settings import Deployment

SERVICES = tuple(part for part in PARTS if part != "web")
"""Whom the console asks; of the relay it knows nothing but how it is."""
METRICS_OFFSET = 6


class WebSettings(Deployment):
    """Environment variables ``TUAN_*``.

    ``console_origin`` is the one origin (``https://host``) that forms may come from; production needs it, elsewhere
    the address of the request itself counts.
    """

    console_origin: str = ""

    @property
    def metrics_port(self) -> int:
        """Where `/metrics` is: not at the console's own port, which everybody reaches."""
        return self.port_base + METRICS_OFFSET

    def production_faults(self) -> Iterator[str]:
        yield from super().production_faults()
        if not self.console_origin.startswith("https://"):
            yield "TUAN_CONSOLE_ORIGIN must be the https:// address that users type"
