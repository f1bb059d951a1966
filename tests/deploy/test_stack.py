"""The stack as its operator sees it, before anything runs and while a service is up but not well."""

import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import machine
from deploy.cli.doctor import examine
from deploy.cli.main import app
from deploy.local.ports import Ports, free_block
from deploy.local.problems import SetUpProblem
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from shared.runtime.service import Health


@pytest.fixture
def idle(tmp_path: Path) -> Stack:
    return Stack(tmp_path, free_block())


@pytest.fixture
def lagging(idle: Stack) -> Iterator[Stack]:
    """A stack in whose place of member something answers that one of its loops has stopped."""
    loops = {"roster": {"ready": True, "detail": ""}, "import": {"ready": False, "detail": "stopped: gap in 3"}}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"service": "member", "ready": False, "loops": loops}).encode()
            self.send_response(503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", idle.ports.of("member")), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield idle
    server.shutdown()
    thread.join()
    server.server_close()


def test_given_servers_are_used_and_not_listed_as_our_own(tmp_path: Path) -> None:
    given = {"TUAN_MONGO_URL": "mongodb://db:27017/?replicaSet=x", "TUAN_KAFKA": "broker:9092", "HOME": "/"}
    stack = Stack(tmp_path, Ports(), environment=given)
    assert stack.addresses == Addresses("mongodb://db:27017/?replicaSet=x", "broker:9092")
    assert stack.names() == stack.services()
    assert "HOME" not in stack.settings()


def test_the_database_s_address_may_be_a_secret(tmp_path: Path) -> None:
    """As in a deployment, where an operator's command finds what the services find."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "tuan_mongo_url").write_text("mongodb://tuan:secret@db:27017/\n")
    assert Stack(tmp_path, Ports()).addresses.mongo_url == "mongodb://tuan:secret@db:27017/"


def test_settings_name_the_block_of_ports_whatever_the_environment_says(tmp_path: Path) -> None:
    stack = Stack(tmp_path, Ports(19500), environment={"TUAN_PORT_BASE": "1", "TUAN_NAMESPACE": "x_"})
    assert stack.settings()["TUAN_PORT_BASE"] == "19500"
    assert stack.settings()["TUAN_NAMESPACE"] == "x_"


def test_a_loop_that_stopped_is_what_one_waits_for(lagging: Stack) -> None:
    assert lagging.health("member") == {"roster": Health(True), "import": Health(False, "stopped: gap in 3")}
    assert lagging.ready("member") == (False, "import: stopped: gap in 3")
    assert lagging.ready("org") == (False, "no answer")


def test_a_service_that_does_not_run_is_reported_at_once(lagging: Stack) -> None:
    with pytest.raises(SetUpProblem, match="member ended while starting"):
        lagging.wait_ready(["member"])


def test_of_a_part_that_waits_and_one_that_ended_the_one_that_ended_is_told_of(lagging: Stack, tmp_path: Path) -> None:
    member, relay = lagging.process("member"), lagging.process("relay")
    member.start([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), cwd=tmp_path)
    relay.start([sys.executable, "-c", "print('restore the database')"], dict(os.environ), cwd=tmp_path)
    try:
        with pytest.raises(SetUpProblem, match=r"relay ended while starting[\s\S]*restore the database"):
            lagging.wait_ready(["member", "relay"], seconds=30)
        with pytest.raises(SetUpProblem, match=r"member is not ready \(import: stopped: gap in 3\)"):
            lagging.wait_ready(["member"], seconds=0.3)
    finally:
        member.stop()


def test_a_part_that_ended_after_it_was_ready_is_told_of(idle: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "ready", lambda _name: (True, ""))
    with pytest.raises(SetUpProblem, match="relay ended while starting"):
        idle.wait_ready(["relay"])


def test_commands_go_to_the_block_of_ports_that_runs_here(idle: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "HOME", idle.directory)
    monkeypatch.delenv("TUAN_PORT_BASE", raising=False)
    relay = idle.process("relay")
    relay.start([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), cwd=idle.directory)
    (idle.directory / "run" / "port-base").write_text("21460")
    try:
        for given, expected in (("", "21460"), ("19000", "19000")):
            if given:
                monkeypatch.setenv("TUAN_PORT_BASE", given)
            CliRunner().invoke(app, ["status"])
            assert machine.this_stack().ports.base == int(expected)
            monkeypatch.delenv("TUAN_PORT_BASE")
    finally:
        relay.stop()
    CliRunner().invoke(app, ["status"])
    assert machine.this_stack().ports == Ports()


def test_stopping_what_never_ran_stops_nothing(idle: Stack) -> None:
    assert idle.stop() == []


def test_a_port_of_a_stranger_is_not_taken_for_a_service(lagging: Stack) -> None:
    found = {finding.what: finding.advice for finding in examine(lagging) if not finding.well}
    stranger = [what for what in found if what.startswith("member: not ours; port")]
    assert len(stranger) == 1
    assert found["org: not running"] == "make up"
    assert any(what.startswith("Kafka does not answer") for what in found)
    assert any(what.startswith("MongoDB does not answer") for what in found)


def test_doctor_ends_with_status_one_when_something_is_not_well(idle: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.cli.doctor.this_stack", lambda: idle)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "-> make up" in result.stdout


def test_doctor_finds_running_servers_well(tmp_path: Path, servers: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(tmp_path, free_block(), environment=servers.environment())
    well = [finding.what for finding in examine(stack) if finding.well]
    assert "MongoDB: a primary that takes writes" in well
    assert any(what.startswith("Kafka: answers") for what in well)


def test_status_shows_the_last_words_of_what_died(idle: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "this_stack", lambda: idle)
    process = idle.process("stats")
    process.start(["/bin/echo", "out of figures"], {}, cwd=idle.directory)
    running = process.running()
    if running is not None:
        running.wait(5)
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 0
    assert "stats      died" in result.stdout
    assert "out of figures" in result.stdout
    assert "member     not running" in result.stdout


def test_reset_forgets_the_data_but_not_what_was_downloaded(idle: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "this_stack", lambda: idle)
    monkeypatch.setattr(machine, "HOME", idle.directory)
    for name in ("jars", "mongodb", "kafka", "secrets"):
        (idle.directory / name).mkdir()
    asked = CliRunner().invoke(app, ["reset"], input="n\n")
    assert asked.exit_code == 1
    assert (idle.directory / "mongodb").exists()
    assert CliRunner().invoke(app, ["reset", "--yes"]).exit_code == 0
    assert [path.name for path in idle.directory.iterdir()] == ["jars"]


@pytest.mark.parametrize("name", ["nothing", "../etc", "member"])
def test_logs_of_what_is_not_there_are_explained(idle: Stack, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(machine, "this_stack", lambda: idle)
    result = CliRunner().invoke(app, ["logs", name])
    assert result.exit_code == 1
    assert "there are" in result.stderr or "no log yet" in result.stderr


def test_run_names_the_parts_there_are() -> None:
    result = CliRunner().invoke(app, ["run", "everything"])
    assert result.exit_code == 2
    assert "relay" in result.stderr
