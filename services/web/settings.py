"""What the console is told at its start. It has no data, so it knows neither MongoDB nor Kafka."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.settings import PORT_OFFSETS, Environment

SERVICES = ("identity", "org", "member", "stats")


class WebSettings(BaseSettings):
    """Environment variables ``TUAN_*``.

    ``console_origin`` is the one origin (``https://host``) that forms may come from; production needs it, elsewhere
    the address of the request itself counts. ``*_url`` replace the addresses derived from ``port_base``.
    """

    model_config = SettingsConfigDict(env_prefix="TUAN_", extra="ignore")

    environment: Environment = Environment.PRODUCTION
    host: str = "127.0.0.1"
    port_base: int = 18000
    console_origin: str = ""
    identity_url: str = ""
    org_url: str = ""
    member_url: str = ""
    stats_url: str = ""
    clock_offset_seconds: float = 0.0
    log_level: str = "INFO"

    def address(self, service: str) -> str:
        """Where a service of SERVICES answers, without a slash at the end."""
        given = str(getattr(self, f"{service}_url"))
        return given.rstrip("/") or f"http://{self.host}:{self.port_base + PORT_OFFSETS[service]}"

    @property
    def port(self) -> int:
        return self.port_base + PORT_OFFSETS["web"]
