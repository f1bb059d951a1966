"""What stands still by the rows that services store: for `tuan doctor`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deploy.backup.notes import LATE_AFTER, age_of_last
from deploy.cli.copies import unfinished
from deploy.cli.finding import Finding
from services.relay.checkpoint import RESTORING
from shared.kernel.clock import SystemClock, to_micros
from shared.messaging.generations import CHECKPOINT, CHECKPOINTS
from shared.messaging.parked import LINES, RECORDS
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Environment

_LATE_SECONDS, _LATE_COUNTED = 60, 1_000
_PASSED_SECONDS = 60
_FULL, _OPLOG_SECONDS_MIN = 0.9, 86_400

Client = MongoClient[dict[str, Any]]


def stand_still(settings: Mapping[str, str]) -> Iterator[Finding]:
    """`settings` as a stack says them (TUAN_...). A MongoDB that is away was named before: nothing more is said."""
    namespace = settings.get("TUAN_NAMESPACE", "")
    offset = float(settings.get("TUAN_CLOCK_OFFSET_SECONDS", "0"))
    client: Client
    try:
        with MongoClient(settings["TUAN_MONGO_URL"], serverSelectionTimeoutMS=2000) as client:
            yield from _parked(client, namespace)
            yield from _late_deadlines(client, namespace, to_micros(SystemClock(offset).now()))
            yield from _never_sent(client, namespace)
            yield from oplog(client)
            yield from _backups(client[f"{namespace}relay"], settings["TUAN_ENVIRONMENT"])
            for each in unfinished(client, namespace):
                yield Finding(well=not each.fault, what=each.what, advice=each.advice)
    except PyMongoError:
        return


def _parked(client: Client, namespace: str) -> Iterator[Finding]:
    """Keys whose reactions stand still (P5), of each service that has some."""
    for name in SOURCES:
        database = client[f"{namespace}{name}"]
        if lines := database[LINES].estimated_document_count():
            records = database[RECORDS].estimated_document_count()
            what = f"{name}: {lines} keys are parked, with {records} records"
            yield Finding(well=False, what=what, advice="tuan parked list")


def _late_deadlines(client: Client, namespace: str, now: int) -> Iterator[Finding]:
    """Deadlines long past that nobody decided: the worker of that service does not work. `now` in microseconds."""
    late = {"due_at": {"$lt": now - _LATE_SECONDS * 1_000_000}}
    for name in SOURCES:
        if count := client[f"{namespace}{name}"]["deadlines"].count_documents(late, limit=_LATE_COUNTED):
            more = "or more " if count == _LATE_COUNTED else ""
            what = f"{name}: {count} {more}deadlines passed over a minute ago and were not decided"
            yield Finding(well=False, what=what, advice=f"tuan logs {name}")


def _never_sent(client: Client, namespace: str) -> Iterator[Finding]:
    """A new service under a relay that was started before it and does not know it: everything else looks well."""
    checkpoint = client[f"{namespace}relay"][CHECKPOINTS].find_one({"_id": CHECKPOINT}) or {}
    if not checkpoint or checkpoint.get("lost"):
        return
    passed = checkpoint["saved_at"] - checkpoint["lag_us"] - _PASSED_SECONDS * 1_000_000
    for name in SOURCES:
        commits = client[f"{namespace}{name}"]["commits"]
        if name not in checkpoint["ordinals"] and commits.find_one({"at": {"$lt": passed}}, {"_id": 1}):
            what = f"{name}: the relay does not send its commits: it was started before it knew of this service"
            advice = "stop the relay (tuan status shows its pid), then tuan republish and, beside it, make up"
            yield Finding(well=False, what=what, advice=advice)


def oplog(client: Client) -> Iterator[Finding]:
    """A full oplog that reaches back less than a day; a young one is short too, and no ill."""
    rows = client["local"]["oplog.rs"]
    size = client["local"].command("collStats", "oplog.rs")
    ends = [rows.find_one({}, {"ts": 1}, sort=[("$natural", way)]) for way in (1, -1)]
    if all(ends) and size["size"] > _FULL * size["maxSize"]:
        seconds = ends[1]["ts"].time - ends[0]["ts"].time  # type: ignore[index]
        what = f"MongoDB: the oplog reaches back {seconds / 3600:.0f} h; a relay that stands longer begins a new epoch"
        advice = "" if seconds >= _OPLOG_SECONDS_MIN else "start mongod with --oplogMinRetentionHours 48"
        yield Finding(well=not advice, what=what, advice=advice)


def _backups(relay: Database[dict[str, Any]], environment: str) -> Iterator[Finding]:
    """P15: a restore that was cut short, and how old the last backup is; a demonstration needs none."""
    if relay[RESTORING].find_one({}) is not None:
        yield Finding(well=False, what="a restore has begun and not ended", advice="make down, then tuan restore again")
    age = age_of_last(relay, datetime.now(UTC))
    told = "none was ever made" if age is None else f"the last one is {age.total_seconds() / 3600:.1f} h old"
    late = environment == Environment.PRODUCTION and (age is None or age > LATE_AFTER)
    yield Finding(well=not late, what=f"backup: {told}", advice="tuan backup DIRECTORY" if late else "")
