"""P15: an operator backs up a running system and rehearses the restore, with the two commands of the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local.servers import CHECKOUT
from deploy.local.stack import Stack
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e


def tuan(stack: Stack, *words: str) -> str:
    """The exit code and what the command says."""
    command = [sys.executable, "-m", "deploy.cli.main", *words]
    environment = {**os.environ, **stack.settings()}
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return f"{done.returncode}: {done.stdout}{done.stderr}"


@pytest.mark.timeout(300)
@pytest.mark.rule("P15", "OPS-02")
def test_a_restore_is_rehearsed_by_one_command_beside_the_running_system(
    stack: Stack, town: Town, tmp_path: Path
) -> None:
    backup = str(tmp_path / "backup")
    assert tuan(stack, "restore", "--rehearse", backup).startswith(f"1: {backup} holds no finished backup")
    assert tuan(stack, "backup", backup).startswith("0: ")
    said = tuan(stack, "restore", "--rehearse", backup)
    for text in (
        r"^0: restored in [\d.]+ s$",
        r"^sent in [\d.]+ s$",
        r"^filled in [\d.]+ s$",
        r"^verified in [\d.]+ s$",
        r"^\d+ documents of 20.*, rehearsed in [\d.]+ s\.$",
        r"^Every document as in the backup, every event sent, all read models filled, no drift\.$",
    ):
        assert re.search(text, said, re.MULTILINE), said
    settings = stack.settings()
    client: MongoClient[dict[str, object]]
    with MongoClient(settings["TUAN_MONGO_URL"]) as client:
        left = [name for name in client.list_database_names() if name.startswith(settings["TUAN_NAMESPACE"])]
    assert [name for name in left if "rehearsal" in name] == []
    assert [part for part in stack.services() if not stack.ready(part)[0]] == []
