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


class Deployment(BaseSettings):
    """What even a process without servers is told. Unsaid, it is production, which refuses every shortcut.

    `clock_offset_seconds` moves the clock. Parts find one another at `http://<host>:<port_base + offset>`.
    """

    model_config = SettingsConfigDict(env_prefix="TUAN_", extra="ignore")

    environment: Environment = Environment.PRODUCTION
    host: str = "127.0.0.1"
    port_base: int = 18000
    clock_offset_seconds: float = 0.0
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _the_clock_is_real_in_production(self) -> Self:
        if self.environment is Environment.PRODUCTION and self.clock_offset_seconds:
            raise ValueError("TUAN_CLOCK_OFFSET_SECONDS is for tests and demonstrations; production refuses it")
        return self

    def address(self, service: str) -> str:
        """Where a service answers."""
        return f"http://{self.host}:{self.port_base + PORT_OFFSETS[service]}"


class Settings(Deployment):
    """Settings of every process with MongoDB and Kafka.

    `namespace` prefixes the names of databases and topics, so that several systems share one pair of servers.
    `instance` is this process's lasting name among its copies: under the same name a killed one has its partitions
    again at once, not after the session's 45 s. The last three say from which age of what is known of withdrawn
    rights one is warned, commands are refused, and reading of personal data is refused (P6).
    """

    mongo_url: str
    kafka: str
    namespace: str = ""
    driver: Literal["pymongo", "motor"] = "pymongo"
    secrets_dir: Path = Path(".local/secrets")
    instance: str = ""
    partitions: int = 12
    replication: int = 1
    authority_warn_seconds: float = 5.0
    authority_commands_seconds: float = 60.0
    authority_reading_seconds: float = 900.0

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return f"{self.namespace}{service}"
