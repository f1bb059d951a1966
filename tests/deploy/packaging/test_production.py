"""The whole system in production with the compose file's own settings: everything speaks TLS, and it becomes ready."""

import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.cli.deployment import OPERATOR, secrets
from deploy.local.fork_server import FORK_SERVER
from deploy.local.ports import Ports, free_block
from deploy.local.processes import LocalProcess
from deploy.local.servers import CHECKOUT, NAMES
from shared.runtime.parts import PARTS
from tests.commands import tuan
from tests.conftest import WHOLE_SYSTEM, end
from tests.deploy.packaging.production import start_broker, start_database, told

pytestmark = pytest.mark.faults  # a second system beside others would only make both slow


class Production:
    """Where the running system is and with what it was started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports: Ports = free_block()
        self.secrets = directory / "secrets"
        self.kafka = f"localhost:{self.ports.of('kafka')}"

    def start(self) -> None:
        secrets(self.secrets)
        url = self.secrets / "keys" / "tuan_mongo_url"
        url.write_text(
            url.read_text()
            .replace("mongodb:27017", f"localhost:{self.ports.of('mongodb')}")
            .replace("/run/tuan/tls", str(self.secrets / "tls" / "org"))
        )
        start_database(self.directory, self.ports, self.secrets)
        start_broker(self.directory, self.ports, self.secrets / "tls" / "kafka")
        laid = tuan(self.told(OPERATOR), "acls")
        assert laid.returncode == 0, laid.stderr
        for part in PARTS:
            process = LocalProcess(part, self.directory)
            process.start(["run", part], self.told(part), cwd=CHECKOUT, begin=FORK_SERVER.begin)

    def told(self, part: str) -> dict[str, str]:
        few = {"TUAN_PARTITIONS": WHOLE_SYSTEM["TUAN_PARTITIONS"]}
        return told(part, self.ports, self.secrets, self.kafka) | few


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    made = Production(tmp_path_factory.mktemp("production"))
    try:
        made.start()
        yield made
    finally:
        end(made.directory, *PARTS, *NAMES)


def test_it_begins_and_every_part_becomes_ready(production: Production) -> None:
    begun = tuan(production.told("org"), "begin")
    assert begun.returncode == 0, begun.stderr
    assert "Central operator: operator, password in" in begun.stdout
    deadline = time.monotonic() + 120
    for part in PARTS:
        while (asked := tuan(production.told(part), "health", part)).returncode:
            log = "\n".join(LocalProcess(part, production.directory).log_tail())
            assert time.monotonic() < deadline, f"{part}: {asked.stdout}\n{log}"
            time.sleep(1)


@pytest.mark.rule("X30")
def test_the_operator_republishes_where_kafka_asks_for_rights(production: Production) -> None:
    """And the parts read the next generation of topics with the rights they have: doctor looks at them after it."""
    operator = production.told(OPERATOR)
    republished = tuan(operator, "republish")
    assert republished.returncode == 0, republished.stdout + republished.stderr
    assert "Everything is read from generation 2." in republished.stdout
    deleted = tuan(operator, "republish", "--delete-old")
    assert deleted.returncode == 0, deleted.stderr
    laid = tuan(operator, "acls")
    assert laid.stdout.endswith("rights stand: 0 added, 0 old ones removed.\n"), laid.stdout + laid.stderr


@pytest.mark.rule("OPS-08")
def test_doctor_in_a_container_looks_at_every_part_over_tls_and_names_the_one_that_is_away(
    production: Production,
) -> None:
    deadline, never = time.monotonic() + 30, ["BAD  backup: none was ever made"]
    while ills(well := tuan(production.told(OPERATOR), "doctor")) != never and time.monotonic() < deadline:
        time.sleep(1)  # a read model that is still behind, a beat that is on its way
    assert ills(well) == never, well.stdout + well.stderr
    for part in PARTS:
        assert f"ok   {part}: what it measures is within its limits" in well.stdout
    assert "ok   Kafka: every part may do what it needs and nothing else" in well.stdout
    LocalProcess("stats", production.directory).kill()
    sick = tuan(production.told(OPERATOR), "doctor")
    assert sick.returncode == 1
    assert "BAD  stats: does not answer (ConnectError)\n     -> tuan logs stats" in sick.stdout


def ills(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("BAD")]


def test_the_console_shows_its_first_page_over_tls_with_what_identity_answers(production: Production) -> None:
    context = ssl.create_default_context(cafile=str(production.secrets / "tls" / "web" / "ca.crt"))
    address = f"https://localhost:{production.ports.of('web')}"
    with httpx.Client(verify=context, trust_env=False, base_url=address) as client:
        page = client.get("/sign-in", headers={"Accept-Language": "zh-CN"})
        assert page.status_code == 200
        assert "验证码" in page.text


def test_the_database_lets_nobody_in_who_has_no_password(production: Production) -> None:
    authority = str(production.secrets / "tls" / "org" / "ca.crt")
    host = f"localhost:{production.ports.of('mongodb')}"
    stranger = MongoClient(host, tls=True, tlsCAFile=authority, serverSelectionTimeoutMS=3000)
    with stranger, pytest.raises(PyMongoError, match="requires authentication"):
        stranger["member"]["commits"].find_one()
    in_clear = MongoClient(host, serverSelectionTimeoutMS=1000)
    with in_clear, pytest.raises(PyMongoError):
        in_clear.admin.command("ping")


@pytest.mark.rule("P15", "OPS-02", "X30")
def test_the_operator_rehearses_a_restore_where_kafka_asks_for_rights(production: Production) -> None:
    operator, backup = production.told(OPERATOR), str(production.directory / "backup")
    nothing = tuan(operator, "restore", backup, "--nobody-erased", "--rehearse")
    assert (nothing.returncode, f"{backup} holds no finished backup" in nothing.stdout + nothing.stderr) == (1, True)
    taken = tuan(operator, "backup", backup)
    assert taken.returncode == 0, taken.stderr
    rehearsed = tuan(operator, "restore", backup, "--nobody-erased", "--rehearse")
    assert rehearsed.returncode == 0, rehearsed.stdout + rehearsed.stderr
    for text in (
        r"^restored in [\d.]+ s$",
        r"^sent in [\d.]+ s$",
        r"^filled in [\d.]+ s$",
        r"^verified in [\d.]+ s$",
        r"^\d+ documents of 20.*, rehearsed in [\d.]+ s\.$",
        r"^Every document as in the backup, every event sent, all read models filled, no drift\.$",
    ):
        assert re.search(text, rehearsed.stdout, re.MULTILINE), rehearsed.stdout
