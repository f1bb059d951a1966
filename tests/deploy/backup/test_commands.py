"""OPS-02, OPS-08: an operator backs up, restores and rehearses with one command each, and is told what comes next."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner

from deploy.backup.notes import BACKUPS
from deploy.cli.doctor import examine
from deploy.cli.main import app
from deploy.local.ports import free_block
from deploy.local.secrets import make_secrets
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from services.relay.checkpoint import RESTORING
from tests.commands import Command
from tests.shared.messaging.support import commit

T = TypeVar("T")
pytestmark = pytest.mark.rule("OPS-02", "P15")


@pytest.fixture
def stack(tmp_path: Path, servers: Addresses, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack of which only the servers run, with a few megabytes of commits."""
    settings = {**servers.environment(), "TUAN_NAMESPACE": namespace, "TUAN_ENVIRONMENT": "test"}
    made = Stack(tmp_path, free_block(), environment=settings)
    make_secrets(made.secrets)
    monkeypatch.setattr("deploy.cli.backup.this_stack", lambda: made)
    monkeypatch.chdir(tmp_path)
    rows = [commit(f"person-{n}", 1, public=3) for n in range(3_000)]
    with_client(made, lambda client: client[f"{namespace}member"].commits.insert_many(rows))
    return made


def with_client(stack: Stack, work: Callable[[MongoClient[dict[str, object]]], T]) -> T:
    client: MongoClient[dict[str, object]]
    with MongoClient(stack.settings()["TUAN_MONGO_URL"]) as client:
        return work(client)


def count(stack: Stack, database: str, collection: str, apart: str = "") -> int:
    name = f"{apart or stack.settings()['TUAN_NAMESPACE']}{database}"
    return with_client(stack, lambda client: client[name][collection].count_documents({}))


def say(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    return f"{result.exit_code}: {result.output}"


def killed_when(command: Command, seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < until
        assert command.runs()
    command.kill()


def test_a_backup_tells_how_much_it_holds_and_what_to_keep_elsewhere(stack: Stack, namespace: str) -> None:
    said = say("backup", "made")
    for text in (
        "0: 3000 documents of 20",
        "MiB",
        "directory of the secrets elsewhere",
        "tuan erasures FILE",
        "30 days",
    ):
        assert text in said
    said = say("restore", "made", "--into", f"{namespace}b_", "--nobody-erased")
    for text in ("0: 3000 documents", "Erased again: 0", "had been published beyond", "generation 2", "tuan verify"):
        assert text in said
    assert count(stack, "member", "commits", f"{namespace}b_") == 3_000


def test_a_restore_wants_to_know_who_was_erased(stack: Stack, namespace: str) -> None:
    assert "0: " in say("backup", "made")
    assert say("restore", "made", "--into", f"{namespace}b_").startswith("2: ")
    assert say("restore", "made", "--erasures", "nothing", "--into", f"{namespace}b_").startswith("1: nothing is no")
    assert "0: register.jsonl holds 0 erasures" in say("erasures", "register.jsonl")
    assert say("restore", "made", "--erasures", "register.jsonl", "--into", f"{namespace}b_").startswith("0: ")


def test_what_is_refused_is_one_sentence(stack: Stack, namespace: str) -> None:
    assert say("restore", "nothing", "--nobody-erased").startswith("1: nothing holds no finished backup")
    assert "0: " in say("backup", "made")
    assert say("backup", "made").startswith("1: made is not empty")
    assert say("restore", "made", "--nobody-erased").startswith(f"1: The database {namespace}member is not empty")
    assert say("restore", "made", "--nobody-erased", "--into", namespace).startswith("1: --into names the present")


def test_a_backup_that_is_killed_leaves_what_no_restore_takes(stack: Stack) -> None:
    file = Path("made/member/commits.sealed")
    killed_when(Command(stack.settings(), "backup", "made"), file.exists)
    assert say("restore", "made", "--nobody-erased").startswith("1: made holds no finished backup")
    assert say("backup", "made").startswith("1: made is not empty")
    assert say("backup", "another").startswith("0: ")


def test_a_restore_that_is_killed_can_be_begun_again(stack: Stack, namespace: str) -> None:
    assert "0: " in say("backup", "made")
    apart = f"{namespace}b_"
    killed_when(
        Command(stack.settings(), "restore", "made", "--into", apart, "--nobody-erased"),
        lambda: count(stack, "member", "commits", apart) > 0,
    )
    assert count(stack, "relay", RESTORING, apart) == 1
    assert say("restore", "made", "--into", apart, "--nobody-erased").startswith("0: ")
    assert count(stack, "member", "commits", apart) == 3_000
    assert count(stack, "relay", RESTORING, apart) == 0


@pytest.mark.rule("OPS-08")
@pytest.mark.parametrize(
    ("environment", "hours", "well"),
    [("test", None, True), ("production", None, False), ("production", 25, True), ("production", 27, False)],
)
def test_doctor_tells_how_old_the_last_backup_is(
    stack: Stack, namespace: str, environment: str, hours: int | None, *, well: bool
) -> None:
    if hours is not None:
        at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        with_client(stack, lambda client: client[f"{namespace}relay"][BACKUPS].insert_one({"_id": "last", "at": at}))
    settings = {**stack.settings(), "TUAN_ENVIRONMENT": environment}
    [found] = [
        each for each in examine(Stack(stack.directory, stack.ports, environment=settings)) if "backup" in each.what
    ]
    assert (found.well, found.advice) == (well, "" if well else "tuan backup DIRECTORY")
    assert ("none was ever made" if hours is None else f"{hours}.0 h old") in found.what


@pytest.mark.rule("OPS-08")
def test_doctor_names_a_restore_that_has_not_ended(stack: Stack, namespace: str) -> None:
    with_client(stack, lambda client: client[f"{namespace}relay"][RESTORING].insert_one({"_id": "restore"}))
    [found] = [each for each in examine(stack) if "restore" in each.what]
    assert (found.well, found.advice) == (False, "make down, then tuan restore again")
    assert "0: " in say("backup", "made")
