"""`tuan doctor`: what is wrong, and which command to run next."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import typer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deploy.backup.notes import LATE_AFTER, age_of_last
from deploy.cli.copies import unfinished
from deploy.cli.machine import HOME, this_stack, told_in_one_sentence
from deploy.local.ports import is_taken, owner_of
from deploy.local.stack import Stack
from shared.messaging.checkpoint import RESTORING
from shared.messaging.parked import LINES, RECORDS
from shared.messaging.relay_process import SOURCES
from shared.runtime.settings import Environment

_DISK_FREE_MIN = 2 * 2**30
_LOCK_SECONDS_MAX = 5


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `advice` is the command to run next where it is not well."""

    well: bool
    what: str
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(doctor)


def doctor() -> None:
    """Look at servers, processes, relay, read models, authority and imports; say what to run next."""
    with told_in_one_sentence():
        stack = this_stack()
        findings = list(examine(stack))
    for finding in findings:
        print(f"{'ok  ' if finding.well else 'BAD '} {finding.what}")
        if finding.advice:
            print(f"     -> {finding.advice}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def examine(stack: Stack) -> Iterator[Finding]:
    """Everything doctor looks at, from the servers upward."""
    yield _mongodb(stack.addresses.mongo_url)
    yield _kafka(stack.addresses.kafka)
    for name in stack.services():
        yield from _service(stack, name)
    yield from _stored(stack)
    yield _disk()
    yield _sandbox()


def _mongodb(url: str) -> Finding:
    client: MongoClient[dict[str, object]]
    try:
        with MongoClient(url, serverSelectionTimeoutMS=2000) as client:
            hello = client.admin.command("hello")
            limit = client.admin.command({"getParameter": 1, "transactionLifetimeLimitSeconds": 1})
    except PyMongoError as problem:
        return Finding(well=False, what=f"MongoDB does not answer ({type(problem).__name__})", advice="make up")
    if not hello.get("isWritablePrimary"):
        return Finding(well=False, what="MongoDB has no primary", advice="tuan logs mongodb")
    seconds = limit["transactionLifetimeLimitSeconds"]
    if seconds > _LOCK_SECONDS_MAX:
        what = f"MongoDB keeps the locks of a dead client for {seconds} s"
        return Finding(well=False, what=what, advice="start it with --setParameter transactionLifetimeLimitSeconds=5")
    return Finding(well=True, what="MongoDB: a primary that takes writes")


def _kafka(address: str) -> Finding:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say, the finding says
    try:
        topics = asyncio.run(_topics(address))
    except (KafkaError, OSError) as problem:
        what = f"Kafka does not answer at {address} ({type(problem).__name__})"
        return Finding(well=False, what=what, advice="make up")
    return Finding(well=True, what=f"Kafka: answers, {topics} topics")


async def _topics(address: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=3000)
    try:
        await admin.start()
        return len(await admin.list_topics())
    finally:
        await admin.close()


def _service(stack: Stack, name: str) -> Iterator[Finding]:
    process = stack.process(name)
    if process.running() is None:
        port = stack.ports.of(name)
        if is_taken(port):
            what = f"{name}: not ours; port {port} is taken by {owner_of(port)}"
            yield Finding(well=False, what=what, advice="stop that process, then make up")
            return
        what = f"{name}: died" if process.died() else f"{name}: not running"
        advice = f"tuan logs {name}, then make up" if process.died() else "make up"
        yield Finding(well=False, what=what, advice=advice)
        return
    health = stack.health(name)
    if health is None:
        yield Finding(well=False, what=f"{name}: runs but does not answer", advice=f"tuan logs {name}")
        return
    for loop, state in health.items():
        detail = f" ({state.detail})" if state.detail else ""
        advice = "" if state.ready else f"tuan logs {name}"
        yield Finding(well=state.ready, what=f"{name}: {loop}{detail}", advice=advice)
    if not health:
        yield Finding(well=True, what=f"{name}: answers")


def _stored(stack: Stack) -> Iterator[Finding]:
    """What stands still by the services' own rows. Without a MongoDB that is said above."""
    settings = stack.settings()
    namespace = settings.get("TUAN_NAMESPACE", "")
    client: MongoClient[dict[str, object]]
    try:
        with MongoClient(settings["TUAN_MONGO_URL"], serverSelectionTimeoutMS=2000) as client:
            yield from _parked(client, namespace)
            yield from _backups(client[f"{namespace}relay"], settings["TUAN_ENVIRONMENT"])
            for each in unfinished(client, namespace):
                yield Finding(well=not each.fault, what=each.what, advice=each.advice)
    except PyMongoError:
        return


def _parked(client: MongoClient[dict[str, object]], namespace: str) -> Iterator[Finding]:
    """Keys whose reactions stand still (P5), of each service that has some."""
    for name in SOURCES:
        database: Database[dict[str, object]] = client[f"{namespace}{name}"]
        if lines := database[LINES].estimated_document_count():
            records = database[RECORDS].estimated_document_count()
            what = f"{name}: {lines} keys are parked, with {records} records"
            yield Finding(well=False, what=what, advice="tuan parked list")


def _backups(relay: Database[dict[str, object]], environment: str) -> Iterator[Finding]:
    """P15: a restore that was cut short, and how old the last backup is; a demonstration needs none."""
    if relay[RESTORING].find_one({}) is not None:
        yield Finding(well=False, what="a restore has begun and not ended", advice="make down, then tuan restore again")
    age = age_of_last(relay, datetime.now(UTC))
    told = "none was ever made" if age is None else f"the last one is {age.total_seconds() / 3600:.1f} h old"
    late = environment == Environment.PRODUCTION and (age is None or age > LATE_AFTER)
    yield Finding(well=not late, what=f"backup: {told}", advice="tuan backup DIRECTORY" if late else "")


def _disk() -> Finding:
    free = shutil.disk_usage(HOME.parent).free
    what = f"disk: {free / 2**30:.1f} GiB free"
    return Finding(well=free >= _DISK_FREE_MIN, what=what, advice="" if free >= _DISK_FREE_MIN else "make room")


def _sandbox() -> Finding:
    """Not a fault where it is missing: the reader of workbooks then has its other limits only."""
    unshare = shutil.which("unshare")
    allowed = unshare is not None and (
        subprocess.run([unshare, "-n", "true"], env=dict(os.environ), capture_output=True, check=False).returncode == 0
    )
    network = "without network (unshare -n)" if allowed else "with network: this user may not use unshare -n"
    return Finding(well=True, what=f"workbooks are read in a child process with bounded memory and time, {network}")
