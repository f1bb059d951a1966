"""P7, OPS-08: an operator learns of rebuilds that failed or were broken off, and which command comes next."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner

from deploy.cli.copies import unfinished
from deploy.cli.doctor import examine
from deploy.cli.main import app
from deploy.cli.rebuild import AT_ONCE, rebuild_all
from deploy.local.ports import free_block
from deploy.local.secrets import make_secrets
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from deploy.rebuilding.rebuild import NotRebuilt

SOUND: dict[str, Any] = {"_id": "organizations-v2", "read": 1, "fed": 1, "made": 1, "generations": {"1": 1}}
BUILT: dict[str, Any] = {"built": 2, "made": 2, "since": 1_800_000_000_000_000, "generations": {"1": 1, "2": 1}}


@pytest.fixture
def client(servers: Addresses) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](servers.mongo_url) as made:
        yield made


@pytest.mark.rule("P7")
@pytest.mark.parametrize(
    ("change", "says", "advice"),
    [
        ({**BUILT, "differ": ["organization-7"]}, "organization-7", "tuan rebuild org.organizations --accept"),
        (BUILT, "broken off", "tuan rebuild org.organizations, or with --abandon"),
        (
            {"read": 2, "fed": 2, "generations": {"1": 1, "2": 1}},
            "old copy",
            "tuan rebuild org.organizations --abandon",
        ),
        ({"generations": {"1": 4}}, "older topics", "tuan republish"),
    ],
)
def test_what_is_not_finished_is_said_with_the_command_to_run(
    client: MongoClient[dict[str, Any]], namespace: str, change: dict[str, Any], says: str, advice: str
) -> None:
    copies = client[f"{namespace}org"]["copies"]
    copies.insert_one(SOUND)
    assert list(unfinished(client, namespace)) == []
    copies.replace_one({}, SOUND | change)
    [found] = unfinished(client, namespace)
    assert found.fault
    assert says in found.what
    assert advice in found.advice


@pytest.mark.rule("P7")
def test_a_rebuild_that_runs_and_topics_that_are_being_filled_are_said(
    client: MongoClient[dict[str, Any]], namespace: str
) -> None:
    client[f"{namespace}org"]["copies"].insert_one(SOUND | BUILT)
    lease = [{"$set": {"until": {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": 60}}}}]
    client[f"{namespace}org"]["leases"].update_one({"_id": "rebuild/organizations-v2"}, lease, upsert=True)
    client[f"{namespace}relay"]["checkpoint"].insert_one({"_id": "relay", "beginning": 2})
    filling, running = unfinished(client, namespace)
    assert (running.fault, running.what) == (False, "org.organizations is being rebuilt")
    assert (filling.fault, filling.advice) == (True, "tuan republish")


@pytest.mark.rule("P7", "OPS-08")
def test_doctor_says_it_and_a_name_that_is_none_is_answered_with_those_there_are(
    client: MongoClient[dict[str, Any]],
    servers: Addresses,
    namespace: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {**servers.environment(), "TUAN_NAMESPACE": namespace, "TUAN_ENVIRONMENT": "test"}
    stack = Stack(tmp_path, free_block(), environment=settings)
    make_secrets(stack.secrets)
    monkeypatch.setattr("deploy.cli.rebuild.this_stack", lambda: stack)
    client[f"{namespace}org"]["copies"].insert_one(SOUND | BUILT)
    assert any("broken off" in finding.what and not finding.well for finding in examine(stack))
    result = CliRunner().invoke(app, ["rebuild", "org.organisations"])
    assert result.exit_code == 1
    assert "There is no read model org.organisations" in result.stderr
    assert "stats.totals" in result.stderr
    assert "never fed" in CliRunner().invoke(app, ["rebuild", "member.lists"]).stderr


@pytest.mark.rule("P7")
async def test_of_a_republish_one_read_model_that_stops_keeps_no_other_back_and_is_told() -> None:
    running, most, done = 0, 0, []

    class Rebuilding:
        def __init__(self, name: str) -> None:
            self.name = name

        async def run(self) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            if self.name == "org.cadres":
                raise NotRebuilt(self.name)
            done.append(self.name)

    names = ["org.cadres", *(f"org.model-{n}" for n in range(2 * AT_ONCE))]
    with pytest.raises(NotRebuilt, match=r"org\.cadres"):
        await rebuild_all([Rebuilding(name) for name in names])
    assert (sorted(done), most) == (sorted(names[1:]), AT_ONCE)
