"""The servers and parts of the compose file as processes of this machine: same files, same settings, other places."""

import os
from pathlib import Path
from typing import Any

import yaml
from pymongo import MongoClient

from deploy.local import mongodb
from deploy.local.kafka import start_kafka
from deploy.local.ports import Ports
from deploy.local.processes import LocalProcess
from deploy.local.servers import CHECKOUT, JARS

COMPOSE = CHECKOUT / "docker-compose.yml"


def start_broker(directory: Path, ports: Ports, tls: Path) -> str:
    """The broker of the compose file with the certificate of `tls`; answers `localhost:port`."""
    moved = (CHECKOUT / "deploy" / "compose" / "kafka.properties").read_text()
    for there, here in (
        ("0.0.0.0:9092", "127.0.0.1:{broker}"),
        ("kafka:9092", "localhost:{broker}"),
        ("127.0.0.1:9093", "127.0.0.1:{controller}"),
        ("localhost:9093", "localhost:{controller}"),
        ("/var/lib/kafka/data", "{data}"),
        ("/run/tuan/tls", str(tls)),
    ):
        assert there in moved
        moved = moved.replace(there, here)
    start_kafka(directory, ports, JARS, moved)
    return f"localhost:{ports.of('kafka')}"


def start_database(directory: Path, ports: Ports, secrets: Path) -> None:
    """The mongod of the compose file, its set and its user made as the image and the health check make them."""
    command = yaml.safe_load(COMPOSE.read_text())["services"]["mongodb"]["command"]
    places = {
        "/run/tuan/mongodb": str(secrets / "mongodb"),
        "/run/tuan/tls": str(secrets / "tls" / "mongodb"),
        "--bind_ip_all": "--bind_ip=127.0.0.1",
    }
    for there, here in places.items():
        command = [option.replace(there, here) for option in command]
    data = directory / "mongodb"
    data.mkdir()
    port = str(ports.of("mongodb"))
    here = [*command, "--port", port, "--dbpath", str(data), "--wiredTigerCacheSizeGB", "0.5", "--nounixsocket"]
    process = LocalProcess(mongodb.NAME, directory)
    process.start([mongodb._binary(), *here], {"LANG": "C.UTF-8"}, cwd=directory)
    client: MongoClient[dict[str, Any]]
    authority = str(secrets / "tls" / "org" / "ca.crt")
    with MongoClient(f"localhost:{port}", directConnection=True, tls=True, tlsCAFile=authority) as client:
        process.wait_until(lambda: mongodb._answers(client), seconds=60)
        members = [{"_id": 0, "host": f"localhost:{port}"}]
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        process.wait_until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]), seconds=30)
        password = (secrets / "mongodb" / "password").read_text()
        client.admin.command("createUser", "tuan", pwd=password, roles=["root"])


def told(part: str, ports: Ports, secrets: Path, kafka: str) -> dict[str, str]:
    """The environment of a part: what the compose file says, and where things are here."""
    said = yaml.safe_load(COMPOSE.read_text())["services"][part].get("environment") or {}
    compose = {name: value for name, value in said.items() if "${" not in value}
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **compose,
        "TUAN_HOST": "127.0.0.1",
        "TUAN_PORT_BASE": str(ports.base),
        "TUAN_PEERS": "https://localhost:{port}",
        "TUAN_KAFKA": kafka,
        "TUAN_CONSOLE_ORIGIN": "https://tuan.example",
        "TUAN_TRUSTED_CALLERS": '["127.0.0.0/8"]',
        "TUAN_TLS_DIR": str(secrets / "tls" / part),
        "TUAN_SECRETS_DIR": str(secrets / "keys"),
    }
