"""What a process is told at its start, by environment variables `TUAN_*`; every setting here has a reader."""

from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PORT_OFFSETS = {"web": 0, "org": 1, "identity": 2, "member": 3, "stats": 4, "relay": 5}


class Environment(StrEnum):
    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    TEST = "test"


class Settings(BaseSettings):
    """Settings every process shares.

    `namespace` prefixes the names of databases and topics, so that several systems share one pair of servers.
    `instance` is this process's lasting name among its copies: under the same name a killed one has its partitions
    again at once, not after the session's 45 s. `clock_offset_seconds` moves the clock and is refused in production.
    Services find one another at `http://<host>:<port_base + offset>`. The last three say from which age of what is
    known of withdrawn rights one is warned, commands are refused, and reading of personal data is refused (P6).
    """

    model_config = SettingsConfigDict(env_prefix="TUAN_", extra="ignore")

    environment: Environment = Environment.PRODUCTION
    mongo_url: str
    kafka: str
    namespace: str = ""
    driver: Literal["pymongo", "motor"] = "pymongo"
    host: str = "127.0.0.1"
    port_base: int = 18000
    secrets_dir: Path = Path(".local/secrets")
    clock_offset_seconds: float = 0.0
    instance: str = ""
    partitions: int = 12
    replication: int = 1
    log_level: str = "INFO"
    authority_warn_seconds: float = 5.0
    authority_commands_seconds: float = 60.0
    authority_reading_seconds: float = 900.0

    @model_validator(mode="after")
    def _no_shortcuts_in_production(self) -> Self:
        if self.environment is Environment.PRODUCTION and self.clock_offset_seconds:
            raise ValueError("TUAN_CLOCK_OFFSET_SECONDS is for tests and demonstrations; production refuses it")
        return self

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return f"{self.namespace}{service}"

    def address(self, service: str) -> str:
        """Where a service answers."""
        return f"http://{self.host}:{self.port_base + PORT_OFFSETS[service]}"
