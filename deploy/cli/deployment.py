"""Commands inside a deployment of containers: secrets, health."""

import os
import secrets as random
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.data import asked, seeded
from deploy.cli.health import why_not
from deploy.cli.machine import told_in_one_sentence
from deploy.local.certificates import make_certificates
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD, make_secrets
from shared.runtime.parts import PARTS
from shared.runtime.settings import Settings

MONGODB, KAFKA, PROMETHEUS, GRAFANA = "mongodb", "kafka", "prometheus", "grafana"
OWNERS = {MONGODB: 999, KAFKA: 1000, PROMETHEUS: 65534}
"""The users of the images of servers; everything else is for the user of our own."""
_GRAFANA_USER = 472
OWN_USER = 10001
OPERATOR = "operator"
"""Whose certificate may do everything in Kafka: its `super.users` name it, and no part runs with it."""
_OUR_OWN = (*PARTS, OPERATOR)
_KEYS, _TLS = "keys", "tls"
_PASSWORD, _KEYFILE, _URL = "password", "keyfile", "tuan_mongo_url"


def register(app: typer.Typer) -> None:
    """Adds these commands to `tuan`."""
    for command in (secrets, begin, health):
        app.command()(command)


def secrets(
    directory: Annotated[Path, typer.Argument(help="where they shall lie; what is there stays")],
    backups: Annotated[Path | None, typer.Option(help="made for the user of the containers, who writes there")] = None,
) -> None:
    """Make all secrets of a deployment on one machine: keys, servers' passwords, an authority and its certificates."""
    os.umask(0o077)
    make_secrets(directory / _KEYS)
    make_certificates(directory / _TLS, {name: (name, "localhost") for name in (*_OUR_OWN, *OWNERS)})
    server = directory / MONGODB
    server.mkdir(mode=0o700, exist_ok=True)
    password = _made_once(server / _PASSWORD, random.token_urlsafe(32))
    _made_once(server / _KEYFILE, b64encode(random.token_bytes(512)).decode())
    url = f"mongodb://tuan:{password}@{MONGODB}:27017/?replicaSet=rs0&tls=true&tlsCAFile=/run/tuan/tls/ca.crt"
    _made_once(directory / _KEYS / _URL, url)
    looking = directory / GRAFANA
    looking.mkdir(mode=0o700, exist_ok=True)
    _made_once(looking / _PASSWORD, random.token_urlsafe(32))
    hand_over(looking, _GRAFANA_USER)
    hand_over(server, OWNERS[MONGODB])
    for name, owner in OWNERS.items():
        hand_over(directory / _TLS / name, owner)
    for folder in (directory / _KEYS, *(directory / _TLS / name for name in _OUR_OWN)):
        hand_over(folder, OWN_USER)
    if backups:
        backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        hand_over(backups, OWN_USER)
    print(f"The secrets are in {directory}. Keep a copy elsewhere: without {_KEYS} no name can ever be read again.")


def begin() -> None:
    """Make what a deployment begins with (see seed) in the stores that the settings of this process name."""
    with told_in_one_sentence():
        secret = Settings().secrets_dir / OPERATOR_PASSWORD
        bodies, made = asked(seeded(secret.read_text("ascii").strip()))
        print(f"The root and {bodies} provincial-level bodies are there.")
        print(f"Central operator: {OPERATOR_LOGIN}{f', password in {secret}' if made else ' (was there)'}")


def health(
    service: Annotated[str, typer.Argument(help="which part of the system runs here")],
) -> None:
    """Ask the process that runs here whether it is ready; status 1 and what it waits for if not."""
    if reason := why_not(service):
        print(reason)
        raise typer.Exit(1)


def _made_once(path: Path, text: str) -> str:
    if not path.exists():
        path.write_text(text)
    return path.read_text()


def hand_over(folder: Path, user: int) -> None:
    """To the user of the container that reads it; without root they stay ours, for who runs everything as one user."""
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, user, user)
