"""Parts begun as copies of one process are told what a process of their own would be, and outlive it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local.fork_server import ForkServer, process_environment
from deploy.local.ports import free_block
from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess
from deploy.local.servers import CHECKOUT

BEGUN_BY = """
import json, sys
from pathlib import Path
from deploy.local.fork_server import FORK_SERVER, process_environment
from deploy.local.processes import LocalProcess
settings = process_environment() | json.loads(sys.argv[2])
process = LocalProcess("web", Path(sys.argv[1]))
process.start(["run", "web"], settings, cwd=Path.cwd(), begin=FORK_SERVER.begin)
"""


def told(process: LocalProcess) -> list[str]:
    """What a process said before it ended."""
    deadline = time.monotonic() + 20
    while process.running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.running() is None
    return process.log_tail()


def test_each_is_told_exactly_what_was_given_and_writes_to_its_own_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUAN_KAFKA", "of whoever begins it")
    server = ForkServer()
    settings = {"org": {}, "stats": {"TUAN_MONGO_URL": "mongodb://127.0.0.1:1"}, "nothing": {}}
    begun = {part: LocalProcess(part, tmp_path) for part in settings}
    for part, process in begun.items():
        process.start(["run", part], process_environment() | settings[part], cwd=CHECKOUT, begin=server.begin)
    assert told(begun["org"]) == ["TUAN_MONGO_URL: Field required", "TUAN_KAFKA: Field required"]
    assert told(begun["stats"]) == ["TUAN_KAFKA: Field required"]
    assert "there are relay, org, identity" in " ".join(told(begun["nothing"]))


def test_it_goes_with_whoever_asked_and_the_part_stays_in_a_session_of_its_own(tmp_path: Path) -> None:
    settings = {"TUAN_ENVIRONMENT": "test", "TUAN_PORT_BASE": str(free_block().base)}
    subprocess.run([sys.executable, "-c", BEGUN_BY, tmp_path, json.dumps(settings)], cwd=CHECKOUT, check=True)
    process = LocalProcess("web", tmp_path)
    running = process.running()
    assert running is not None, process.log_tail()
    try:
        deadline = time.monotonic() + 20
        while running.ppid() != 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        parent = psutil.Process(running.ppid())
        assert "fork_server" not in " ".join(parent.cmdline())
        assert os.getsid(running.pid) == running.pid
        assert running.name() == "tuan web"
    finally:
        assert process.stop()


def test_it_is_begun_anew_after_it_died_and_says_so_where_nothing_can_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ForkServer()
    first = LocalProcess("first", tmp_path)
    first.start(["run", "org"], process_environment(), cwd=CHECKOUT, begin=server.begin)
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    again = LocalProcess("again", tmp_path)
    again.start(["run", "org"], process_environment(), cwd=CHECKOUT, begin=server.begin)
    assert told(again) == told(first) != []
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SetUpProblem, match="could not be loaded"):
        ForkServer().begin(["run", "org"], {}, CHECKOUT, tmp_path / "log")
