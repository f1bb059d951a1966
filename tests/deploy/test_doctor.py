"""OPS-08: one command names every ill and the next command, by the limits of the alerts."""

import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.cli import doctor, stored
from deploy.cli.finding import Finding
from deploy.cli.ills import DAY, ILLS, MIB, Ill, found_in
from deploy.local.ports import free_block
from deploy.local.processes import LocalProcess
from deploy.local.servers import Addresses
from deploy.local.stack import Stack
from shared.messaging.generations import CHECKPOINT, CHECKPOINTS
from shared.observability.metric_names import TABLE
from shared.runtime.parts import SOURCES
from tests.deploy.observability.test_alerts import ALERTS

pytestmark = pytest.mark.rule("OPS-08")

# Alert -> a value that is ill, one that is well (of an instant: from now), and the words the command comes with.
VALUES = {
    "LoopStopped": (1, 0, "tuan logs org"),
    "RelayStands": (-100, 0, "tuan logs relay"),
    "RelayBehind": (31, 29, "tuan logs kafka"),
    "CommitsNotNumbered": (50_001, 49_999, "tuan logs relay"),
    "ReadModelBehind": (61, 59, "tuan logs org"),
    "ReactionsBehind": (10_001, 9_999, "tuan logs org"),
    "RightsOld": (float("inf"), 4, "tuan logs relay"),
    "ImportStuck": (301, 299, "tuan logs member"),
    "ImportFails": (1, 0, "tuan logs member"),
    "ExchangeDisagrees": (1, 0, "tuan logs transfer"),
    "DeadlinesLate": (61, 59, "tuan logs org"),
    "AppendsWait": (1_001, 999, "tuan logs mongodb"),
    "MongoSlow": (0.6, 0.4, "tuan logs mongodb"),
    "ClockOff": (-1.5, 0.5, "timedatectl"),
    "DiskFillsUp": (0.04, 0.2, "df -h, then make room"),
    "CertificateEnds": (13 * DAY, 15 * DAY, "tuan secrets"),
    "TracesLost": (3, 0, "tuan logs org"),
}


def shown(metric: str, value: float, **labels: str) -> str:
    """As a process shows it at /metrics."""
    inside = ",".join(f'{name}="{text}"' for name, text in labels.items())
    kind = "counter" if metric.endswith("_total") else "gauge"
    family = metric.removesuffix("_total")
    return f"# HELP {family} x\n# TYPE {family} {kind}\n{metric}{{{inside}}} {value}\n"


@pytest.mark.parametrize("ill", ILLS, ids=lambda ill: ill.alert)
def test_every_ill_is_named_with_its_next_command_and_what_is_well_is_not(ill: Ill) -> None:
    bad, good, command = VALUES[ill.alert]
    now = time.time() if ill.metric.endswith("_timestamp_seconds") else 0
    labels = {label: f"the-{label}" for label in TABLE[ill.metric].labels}
    [(what, advice)] = found_in("org", shown(ill.metric, now + bad, **labels))
    assert command in advice
    assert "{" not in what + advice
    assert list(found_in("org", shown(ill.metric, now + good, **labels))) == []


def test_doctor_and_the_alerts_speak_of_the_same_ills() -> None:
    for ill in ILLS:
        assert ill.metric in ALERTS[ill.alert]["expr"]
    assert {ill.alert for ill in ILLS} == VALUES.keys()


def test_a_missing_member_and_a_process_that_needs_too_much_memory_are_named() -> None:
    [(missing, _)] = found_in("relay", shown("tuan_mongodb_members", 1, state="missing"))
    assert missing == "1 members of MongoDB's replica set are missing"
    [(memory, advice)] = found_in("web", shown("process_resident_memory_bytes", 450 * MIB))
    assert memory == "web needs 450 MiB of memory"
    assert "make up" in advice
    assert list(found_in("org", shown("process_resident_memory_bytes", 450 * MIB))) == []


@pytest.fixture
def stack(tmp_path: Path, servers: Addresses, namespace: str) -> Stack:
    """Of which only the servers run."""
    settings = {**servers.environment(), "TUAN_NAMESPACE": namespace, "TUAN_ENVIRONMENT": "test"}
    return Stack(tmp_path, free_block(), environment=settings)


def test_deadlines_that_nobody_decides_are_named_by_their_service(stack: Stack) -> None:
    now = time.time_ns() // 1_000
    settings = stack.settings()
    with MongoClient(settings["TUAN_MONGO_URL"]) as client:
        rows = client[f"{settings['TUAN_NAMESPACE']}org"]["deadlines"]
        rows.insert_many([{"_id": "soon", "due_at": now + 10**6}, {"_id": "just", "due_at": now - 10**6}])
        assert [f for f in doctor.examine(stack) if "deadlines" in f.what] == []
        rows.insert_one({"_id": "late", "due_at": now - 120 * 10**6})
    [finding] = [f for f in doctor.examine(stack) if "deadlines" in f.what]
    assert finding == Finding(False, "org: 1 deadlines passed over a minute ago and were not decided", "tuan logs org")


def test_a_service_whose_commits_the_relay_passed_by_is_named_and_one_it_has_not_reached_is_not(stack: Stack) -> None:
    settings, second = stack.settings(), 10**6
    now = time.time_ns() // 1_000
    saved = {"saved_at": now, "lag_us": 30 * second, "ordinals": {"org": 1}}
    with MongoClient(settings["TUAN_MONGO_URL"]) as client:
        for name, age in (("org", 300), ("member", 80), ("identity", 100)):
            commits = client[f"{settings['TUAN_NAMESPACE']}{name}"]["commits"]
            commits.insert_one({"_id": f"{name}-1:1", "at": now - age * second})
        checkpoints = client[f"{settings['TUAN_NAMESPACE']}relay"][CHECKPOINTS]
        checkpoints.insert_one({"_id": CHECKPOINT} | saved | {"lost": True})
        assert [f for f in doctor.examine(stack) if "does not send" in f.what] == [], "it is about to send all anew"
        checkpoints.update_one({}, {"$set": {"lost": False}})
    [finding] = [f for f in doctor.examine(stack) if "does not send" in f.what]
    assert finding.what.startswith("identity: ")
    assert "tuan republish" in finding.advice


def test_a_full_oplog_that_reaches_back_less_than_a_day_is_named(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with MongoClient(stack.addresses.mongo_url) as client:
        assert list(stored.oplog(client)) == []
        monkeypatch.setattr(stored, "_FULL", -1.0)
        [finding] = stored.oplog(client)
    assert not finding.well
    assert finding.advice == "start mongod with --oplogMinRetentionHours 48"


def test_a_relay_that_must_not_go_on_is_shown_with_its_own_sentence(stack: Stack) -> None:
    sentence = "The relay has no checkpoint, yet Kafka holds records: restore its database."
    relay = stack.process("relay")
    relay.start(
        ["sh", "-c", f"echo '{{\"event\": \"relay.stopped\"}}'; echo '{sentence}'; exit 3"], {}, cwd=stack.directory
    )
    _until_died(relay)
    [finding] = [f for f in doctor.examine(stack) if f.what.startswith("relay")]
    assert finding == Finding(False, f"relay: died: {sentence}", "tuan logs relay, then make up")
    web = stack.process("web")
    web.start(["sh", "-c", 'echo \'{"event": "x."}\''], {}, cwd=stack.directory)
    _until_died(web)
    assert [f.what for f in doctor.examine(stack) if f.what.startswith("web")] == ["web: died"]


def _until_died(process: LocalProcess) -> None:
    deadline = time.monotonic() + 10
    while not process.died() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_without_a_mongodb_the_rest_is_examined_all_the_same(tmp_path: Path) -> None:
    nowhere = {"TUAN_MONGO_URL": "mongodb://127.0.0.1:1/?replicaSet=rs0", "TUAN_KAFKA": "127.0.0.1:1"}
    found = list(doctor.examine(Stack(tmp_path, free_block(), environment=nowhere)))
    assert [f.what.split(" ")[0] for f in found if not f.well][:2] == ["MongoDB", "Kafka"]
    assert {name for name in SOURCES if any(f.what == f"{name}: not running" for f in found)} == set(SOURCES)
    assert any(f.what.startswith("disk") for f in found)
