"""The compose file is read by compose itself, keeps its promises, and its broker lets nobody in without a certificate."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.cli.deployment import OPERATOR, OWN_USER, OWNERS, secrets
from deploy.cli.env_example import asked_by_compose, main, settings
from deploy.local.certificates import make_certificates
from deploy.local.packaging_tools import tool
from deploy.local.ports import Ports, free_block
from shared.messaging.consumer import connection
from shared.messaging.topics import Topics
from shared.runtime.parts import PARTS
from shared.runtime.settings import Settings
from tests.conftest import end
from tests.deploy.packaging.production import start_broker
from tests.shared.test_settings import CONSOLE

SAID = {"TUAN_CONSOLE_ORIGIN": CONSOLE["console_origin"]}
INFRASTRUCTURE = {
    "TUAN_IMAGE", "TUAN_CONSOLE_LISTEN", "TUAN_GRAFANA_LISTEN", "TUAN_MONGODB_MEMORY", "TUAN_KAFKA_MEMORY"
}  # fmt: skip
PROFILES = ("setup", "observability")
WATCHING = {"prometheus", "grafana"}


def _config(file: Path, environment: dict[str, str], *more: Path) -> subprocess.CompletedProcess[str]:
    chosen = [word for profile in PROFILES for word in ("--profile", profile)]
    files = [word for each in (file, *more) for word in ("-f", str(each))]
    command = [tool("docker-compose"), "--env-file", "/dev/null", *files, *chosen, "config"]
    return subprocess.run([*command, "--format", "json"], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    """The services as compose understands them."""
    result = _config(Path(__file__).parents[3] / "docker-compose.yml", SAID)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["services"]


def test_every_part_is_there_once_with_servers_of_the_promised_versions(parts: dict[str, Any]) -> None:
    assert parts.keys() == {*PARTS, "mongodb", "kafka", "secrets", "begin", "operator"} | WATCHING
    assert parts["mongodb"]["image"].startswith("mongo:8.")
    assert parts["kafka"]["image"].startswith("apache/kafka:4.")
    assert [name for name, part in parts.items() if part.get("command") == ["relay"]] == ["relay"]
    assert all(parts[name]["command"] == [name] for name in PARTS)
    assert parts["web"]["depends_on"].keys() == {*PARTS} - {"web"}, "the console waits for whom it asks"


def test_every_process_is_checked_bounded_and_without_rights_it_does_not_need(parts: dict[str, Any]) -> None:
    for name in (*PARTS, "mongodb", "kafka", *WATCHING):
        assert parts[name]["healthcheck"]["test"], name
        assert int(parts[name]["mem_limit"]) > 0, name
        assert parts[name]["restart"] == "unless-stopped", name
    for name in (*PARTS, *WATCHING):
        assert parts[name]["read_only"] is True
        assert parts[name]["cap_drop"] == ["ALL"]
        assert "privileged" not in parts[name]


def test_one_part_builds_the_image_and_every_part_runs_it(parts: dict[str, Any]) -> None:
    """Several that build it do so at the same time, and fail by who comes first."""
    ours = [part for part in parts.values() if part["image"] == "tuan:latest"]
    assert len(ours) == len(PARTS) + len(("secrets", "begin", "operator"))
    assert [part["command"] for part in ours if "build" in part] == [["relay"]]


@pytest.mark.parametrize("name", PARTS)
def test_what_a_container_is_asked_every_few_seconds_costs_little(parts: dict[str, Any], name: str) -> None:
    program, *arguments = parts[name]["healthcheck"]["test"][1:]
    assert (program, arguments) == ("python", ["-m", "deploy.cli.health", name])
    loaded = "import sys, deploy.cli.health; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert {"httpx", "pydantic"} <= set(done.stdout.split())
    assert not {"typer", "fastapi", "pymongo", "aiokafka", "openpyxl", "services"} & set(done.stdout.split())


def test_no_environment_holds_a_secret_and_only_the_console_is_reached_from_outside(parts: dict[str, Any]) -> None:
    held = {key: value for part in parts.values() for key, value in (part.get("environment") or {}).items()}
    assert "TUAN_MONGO_URL" not in held
    assert [key for key in held if "PASSWORD" in key and not key.endswith("_FILE")] == []
    assert held["TUAN_ENVIRONMENT"] == "production"
    assert "TUAN_CAPTCHA_ANSWER" not in held
    open_ones = {name: part["ports"] for name, part in parts.items() if part.get("ports")}
    assert open_ones.keys() == {"web", "grafana"} == {n for n, part in parts.items() if "outside" in part["networks"]}
    assert {port["host_ip"] for ports in open_ones.values() for port in ports} == {"127.0.0.1"}
    assert [port["target"] for port in open_ones["web"]] == [18000], "its metrics are for nobody outside"
    assert not any("keys" in volume["source"] for volume in parts["web"]["volumes"])


def test_only_who_takes_part_in_the_exchange_lets_transfer_out(parts: dict[str, Any], checkout: Path) -> None:
    """BEY-08: the file beside changes transfer alone, and makes its keys without any network."""
    result = _config(checkout / "docker-compose.yml", SAID, checkout / "deploy" / "compose" / "exchange.yaml")
    assert result.returncode == 0, result.stderr
    taking_part = json.loads(result.stdout)["services"]
    assert taking_part.keys() - parts.keys() == {"exchange-keys"}
    assert [name for name in parts if taking_part[name] != parts[name]] == ["transfer"]
    [port] = taking_part["transfer"]["ports"]
    assert (port["host_ip"], port["target"]) == ("127.0.0.1", Ports(18000).of("transfer"))
    keys = taking_part["exchange-keys"]
    assert (keys["network_mode"], keys["profiles"], keys["cap_drop"]) == ("none", ["setup"], ["ALL"])


def test_only_who_wants_to_watch_starts_the_watchers_and_finds_everything_there(
    checkout: Path, parts: dict[str, Any]
) -> None:
    assert all(parts[name]["profiles"] == ["observability"] for name in WATCHING)
    mounted = {v["source"] for name in WATCHING for v in parts[name]["volumes"] if v["type"] == "bind"}
    assert [m for m in mounted if "/secrets/" not in m and not Path(m).exists()] == []
    scraped = yaml.safe_load((checkout / "deploy" / "observability" / "prometheus.yaml").read_text())
    targets = {t["labels"]["part"]: t["targets"] for t in scraped["scrape_configs"][0]["static_configs"]}
    ports = {name: Ports(18000).of(name) for name in PARTS} | {"web": Ports(18000).of("web-metrics")}
    assert targets == {name: [f"{name}:{port}"] for name, port in ports.items()}


@pytest.mark.parametrize("name", [part for part in PARTS if part != "web"])
def test_the_settings_of_every_part_are_such_as_production_takes(parts: dict[str, Any], name: str) -> None:
    """With the image's own: where it listens and where its certificate lies."""
    told = {key.removeprefix("TUAN_").lower(): value for key, value in parts[name]["environment"].items()}
    url = "mongodb://tuan:kVq3-wT9z_Lm27rXp@mongodb:27017/?replicaSet=rs0&tls=true"
    assert (
        Settings(mongo_url=url, host="0.0.0.0", tls_dir="/run/tuan/tls", **told).address("org") == "https://org:18001"
    )


def test_it_does_not_start_before_the_console_s_address_is_said(checkout: Path) -> None:
    refused = _config(checkout / "docker-compose.yml", {})
    assert refused.returncode != 0
    assert "TUAN_CONSOLE_ORIGIN is missing" in refused.stderr


def _misspell(document: dict[str, Any]) -> None:
    document["services"]["org"]["healthchek"] = {}


def _depend_on_nothing(document: dict[str, Any]) -> None:
    document["services"]["org"]["depends_on"] = {"nobody": {"condition": "service_started"}}


@pytest.mark.parametrize("spoil", [_misspell, _depend_on_nothing])
def test_compose_would_find_a_mistake(checkout: Path, tmp_path: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    document = yaml.safe_load((checkout / "docker-compose.yml").read_text())
    spoil(document)
    (tmp_path / "docker-compose.yml").write_text(yaml.safe_dump(document))
    assert _config(tmp_path / "docker-compose.yml", SAID).returncode != 0


def test_the_example_of_settings_is_current_and_every_variable_is_known(checkout: Path) -> None:
    assert main(["--check"]) == 0
    known = {name for _, _, own in settings() for name in own}
    asked = asked_by_compose((checkout / "docker-compose.yml").read_text())
    assert asked.keys() - known == INFRASTRUCTURE
    assert [name for name, (_, why) in asked.items() if why] == ["TUAN_CONSOLE_ORIGIN"]


def test_secrets_are_made_once_and_every_mount_of_the_compose_file_finds_its_own(
    checkout: Path, tmp_path: Path, parts: dict[str, Any]
) -> None:
    secrets(tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    secrets(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    assert {path.stat().st_mode & 0o077 for path in first} == {0}
    folders = {v["source"] for part in parts.values() for v in part.get("volumes", ()) if "/secrets/" in v["source"]}
    assert folders
    for folder in folders:
        assert any((tmp_path / Path(folder).relative_to(checkout / "secrets")).iterdir()), folder
    url = (tmp_path / "keys" / "tuan_mongo_url").read_text()
    assert Settings(mongo_url=url, kafka="kafka:9092", tls_dir=tmp_path / "tls" / "org").mongo_url == url
    assert OWNERS.keys() <= {path.name for path in (tmp_path / "tls").iterdir()}


def test_where_the_operator_writes_backups_is_made_with_the_secrets(tmp_path: Path, parts: dict[str, Any]) -> None:
    """What compose itself makes of a folder that is not there belongs to root, and no backup can be written."""
    secrets(tmp_path / "secrets", backups=tmp_path / "backups")
    assert (tmp_path / "backups").stat().st_uid == (OWN_USER if os.geteuid() == 0 else os.geteuid())
    sources = [
        {v["target"]: v["source"] for v in parts[name]["volumes"]}["/backups"] for name in ("secrets", "operator")
    ]
    assert sources[0] == sources[1]
    assert parts["secrets"]["entrypoint"][2:] == ["/secrets", "--backups", "/backups"]


@pytest.mark.rule("X30")
def test_every_part_shows_kafka_its_own_certificate_and_only_the_operator_the_operators(parts: dict[str, Any]) -> None:
    """Kafka gives rights to the certificate's name."""
    shown = {
        name: Path(volume["source"]).name
        for name, part in parts.items()
        for volume in part.get("volumes", ())
        if volume["target"] == "/run/tuan/tls" and part.get("image") == parts["relay"]["image"]
    }
    assert shown == {part: part for part in PARTS} | {OPERATOR: OPERATOR, "begin": "org"}


async def test_the_broker_of_the_compose_file_takes_only_who_has_a_certificate(tmp_path: Path) -> None:
    """The very properties file, with its places and ports moved to this machine's."""
    make_certificates(tmp_path, {"kafka": ("kafka", "localhost"), OPERATOR: (OPERATOR,)})
    make_certificates(tmp_path / "elsewhere", {OPERATOR: (OPERATOR,)})
    try:
        address = start_broker(tmp_path, free_block(), tmp_path / "kafka")
        ours = Settings(environment="test", mongo_url="mongodb://x", kafka=address, tls_dir=tmp_path / OPERATOR)
        await Topics().ensure(connection(ours), ["org.events.v1"], 3)
        assert await Topics().there(connection(ours), ["org"]) == {"org.events.v1": 3}
        for stranger in (ours.model_copy(update={"tls_dir": tmp_path / "elsewhere" / OPERATOR}), None):
            how = connection(stranger) if stranger else {"bootstrap_servers": address}
            admin = AIOKafkaAdminClient(**how, request_timeout_ms=3000)
            with pytest.raises(KafkaError):
                await admin.start()
            await admin.close()
    finally:
        end(tmp_path, "kafka")
