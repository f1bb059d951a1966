"""What a process is told at its start, by environment variables `TUAN_*`; every setting here has a reader."""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from shared.runtime import production
from shared.runtime.parts import PORT_OFFSETS

SECRETS_DIR = "TUAN_SECRETS_DIR"


class Environment(StrEnum):
    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    TEST = "test"


class Deployment(BaseSettings):
    """What even a process without servers is told. Unsaid, it is production, which refuses every shortcut.

    A process listens at `host`, port `port_base` + its offset. Others find it by `peers`, an address with `{service}`
    and `{port}` in it; without one, at `host`. `tls_dir` holds `tls.crt`, `tls.key` and `ca.crt`: with it the process
    listens, and speaks to the others and to Kafka, over TLS. `clock_offset_seconds` moves the clock.

    Traces go to `traces_endpoint`, a receiver of OTLP over HTTP (`https://…/v1/traces`); without one there are none.
    `traces_share` of all are kept, the same ones by every process that is told the same share.
    """

    model_config = SettingsConfigDict(env_prefix="TUAN_", extra="ignore", hide_input_in_errors=True)

    environment: Environment = Environment.PRODUCTION
    host: str = "127.0.0.1"
    port_base: int = 18000
    peers: str = ""
    tls_dir: Path | None = None
    clock_offset_seconds: float = 0.0
    log_level: str = "INFO"
    traces_endpoint: str = ""
    traces_share: float = Field(default=0.05, ge=0, le=1)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """A setting that is a secret may be a file of its name (`tuan_mongo_url`) in the directory of the secrets."""
        folder = Path(os.environ.get(SECRETS_DIR) or ".local/secrets")
        files = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder.is_dir() else ()
        return (init_settings, env_settings, *files)

    @model_validator(mode="after")
    def _production_refuses_shortcuts(self) -> Self:
        faults = list(self.production_faults()) if self.environment is Environment.PRODUCTION else []
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def production_faults(self) -> Iterator[str]:
        """What production refuses of these settings; a service with more settings adds its own."""
        if self.clock_offset_seconds:
            yield "TUAN_CLOCK_OFFSET_SECONDS is for tests and demonstrations; production refuses it"
        yield from production.faults_of_listener(self.host, self.tls_dir)
        yield from production.faults_of_peers(self.peers)
        yield from production.faults_of_traces(self.traces_endpoint)

    def port_of(self, service: str) -> int:
        """The port a service listens at."""
        return self.port_base + PORT_OFFSETS[service]

    def address(self, service: str) -> str:
        """Where a service answers, without a slash at the end."""
        if self.peers:
            return self.peers.format(service=service, port=self.port_of(service)).rstrip("/")
        return f"{'https' if self.tls_dir else 'http'}://{self.host}:{self.port_of(service)}"


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

    def production_faults(self) -> Iterator[str]:
        yield from super().production_faults()
        yield from production.faults_of_kafka(self.kafka, self.tls_dir)
        yield from production.faults_of_mongo(self.mongo_url)

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return f"{self.namespace}{service}"
