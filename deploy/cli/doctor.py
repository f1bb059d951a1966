"""`tuan doctor`: what is wrong, and which command to run next."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import typer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.cli.acls import examined
from deploy.cli.finding import Finding
from deploy.cli.ills import found_in
from deploy.cli.machine import HOME, this_stack, told_in_one_sentence
from deploy.cli.stored import stand_still
from deploy.local.ports import Ports, is_taken, owner_of
from deploy.local.processes import LocalProcess
from deploy.local.stack import Stack
from shared.messaging.consumer import connection
from shared.runtime.parts import PARTS
from shared.runtime.service import Health
from shared.runtime.settings import Settings
from shared.runtime.tls import client_context

_DISK_FREE_MIN = 2 * 2**30
_LOCK_SECONDS_MAX = 5
_ASK_SECONDS = 2.0


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(doctor)


def doctor() -> None:
    """Look at servers, processes, what each measures, parked records and deadlines; say what to run next (OPS-08)."""
    with told_in_one_sentence():
        findings = list(Elsewhere(Settings()).examine() if os.environ.get("TUAN_PEERS") else examine(this_stack()))
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
        yield from _measures(stack, name)
    yield from stand_still(stack.settings())
    yield _disk()
    yield _sandbox()


@dataclass(frozen=True)
class Elsewhere:
    """The parts of a compose file seen from inside one of its containers: each by its address, none by its pid."""

    told: Settings

    def settings(self) -> dict[str, str]:
        """What the stores are found by, as a stack says it."""
        told = self.told
        environment = told.environment.value
        return {"TUAN_MONGO_URL": told.mongo_url, "TUAN_NAMESPACE": told.namespace, "TUAN_ENVIRONMENT": environment}

    def examine(self) -> Iterator[Finding]:
        """As `examine`, without what only the machine itself can tell."""
        yield _mongodb(self.told.mongo_url)
        yield (kafka := _kafka(self.told.kafka, connection(self.told)))
        if kafka.well and self.told.tls_dir:
            yield examined(self.told)
        verify = client_context(self.told.tls_dir) if self.told.tls_dir else True
        with httpx.Client(timeout=_ASK_SECONDS, trust_env=False, verify=verify) as http:
            for part in PARTS:
                yield from self._part(http, part)
        yield from stand_still(self.settings())

    def _part(self, http: httpx.Client, part: str) -> Iterator[Finding]:
        ports = Ports(self.told.port_base)
        shown = ports.of("web-metrics" if part == "web" else part)
        try:
            loops = http.get(f"{self.told.address(part)}/health/ready").json().get("loops", {})
            text = http.get(f"{self.told.peers.format(service=part, port=shown)}/metrics").text
        except (httpx.HTTPError, ValueError) as problem:
            what = f"{part}: does not answer ({type(problem).__name__})"
            yield Finding(well=False, what=what, advice=f"tuan logs {part}")
            return
        yield from _loops(part, {name: Health(state["ready"], state["detail"]) for name, state in loops.items()})
        yield from _ills(part, text)


def _mongodb(url: str) -> Finding:
    client: MongoClient[dict[str, Any]]
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


def _kafka(address: str, how: Mapping[str, Any] | None = None) -> Finding:
    """`how` it is reached where that is not in clear."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say, the finding says
    try:
        topics = asyncio.run(_topics(how or {"bootstrap_servers": address}))
    except (KafkaError, OSError) as problem:
        what = f"Kafka does not answer at {address} ({type(problem).__name__})"
        return Finding(well=False, what=what, advice="make up")
    return Finding(well=True, what=f"Kafka: answers, {topics} topics")


async def _topics(how: Mapping[str, Any]) -> int:
    admin = AIOKafkaAdminClient(**how, request_timeout_ms=3000)
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
        what = f"{name}: died{_last_word(process)}" if process.died() else f"{name}: not running"
        advice = f"tuan logs {name}, then make up" if process.died() else "make up"
        yield Finding(well=False, what=what, advice=advice)
        return
    health = stack.health(name)
    if health is None:
        yield Finding(well=False, what=f"{name}: runs but does not answer", advice=f"tuan logs {name}")
        return
    yield from _loops(name, health)


def _loops(name: str, health: Mapping[str, Health]) -> Iterator[Finding]:
    for loop, state in health.items():
        detail = f" ({state.detail})" if state.detail else ""
        advice = "" if state.ready else f"tuan logs {name}"
        yield Finding(well=state.ready, what=f"{name}: {loop}{detail}", advice=advice)
    if not health:
        yield Finding(well=True, what=f"{name}: answers")


def _last_word(process: LocalProcess) -> str:
    """The sentence with which a process that must not go on ended; a line of its log is none."""
    last = next((line.strip() for line in reversed(process.log_tail()) if line.strip()), "")
    return "" if last.startswith("{") or not last.endswith(".") else f": {last}"


def _measures(stack: Stack, name: str) -> Iterator[Finding]:
    """By what the process measures itself; one that is not ours or does not answer was named already."""
    if stack.process(name).running() is None:
        return
    address = stack.url("web-metrics" if name == "web" else name)
    try:
        text = httpx.get(f"{address}/metrics", timeout=_ASK_SECONDS, trust_env=False).text
    except httpx.HTTPError:
        return
    yield from _ills(name, text)


def _ills(name: str, text: str) -> Iterator[Finding]:
    ills = list(found_in(name, text))
    for what, advice in ills:
        yield Finding(well=False, what=f"{name}: {what}", advice=advice)
    if not ills:
        yield Finding(well=True, what=f"{name}: what it measures is within its limits")


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
