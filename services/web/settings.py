"""What the console is told at its start. It has no data, so it knows neither MongoDB nor Kafka."""

from shared.runtime.settings import PORT_OFFSETS, Deployment

SERVICES = ("identity", "org", "member", "stats")


class WebSettings(Deployment):
    """Environment variables ``TUAN_*``.

    ``console_origin`` is the one origin (``https://host``) that forms may come from; production needs it, elsewhere
    the address of the request itself counts. ``*_url`` replace the addresses derived from ``port_base``.
    """

    console_origin: str = ""
    identity_url: str = ""
    org_url: str = ""
    member_url: str = ""
    stats_url: str = ""

    def address(self, service: str) -> str:
        """Where a service of SERVICES answers, without a slash at the end."""
        given = str(getattr(self, f"{service}_url"))
        return given.rstrip("/") or super().address(service)

    @property
    def port(self) -> int:
        return self.port_base + PORT_OFFSETS["web"]
