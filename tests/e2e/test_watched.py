"""A real Prometheus over the whole stack: it reads every process, its dashboards answer, its alerts fire and say what to do.

The rules are those of production with their minutes of patience shortened to seconds.
"""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.local.outside_tools import prometheus
from deploy.local.seeding.client import Door, Refused
from deploy.local.seeding.play import XLSX, until_settled, workbook
from deploy.local.stack import Stack
from deploy.observability.dashboards import DASHBOARDS
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.handling import Heard, Stuck
from shared.messaging.parking import Parking
from shared.messaging.wire import Position, headers_of, value_of
from shared.observability.metric_names import TABLE
from shared.runtime.parts import SOURCES
from tests.e2e.town import Town

pytestmark = pytest.mark.e2e
SETTINGS = Path(__file__).parents[2] / "deploy" / "observability"
PANELS = {f"{name}: {p.title}": p.expr for name, (_, panels) in DASHBOARDS.items() for p in panels}
EMPTY_WHEN_WELL = {
    "events: Read models that are being filled",
    "processes: Loops that do not work",
    "processes: Loops that stopped",
}
NOT_HERE = {
    "processes: Certificates end in": "tuan_certificate_expires_timestamp_seconds",
    "processes: Spans lost": "tuan_traces_lost_total",
    "processes: People that two systems have, or neither": "tuan_exchange_differences_records",
    "processes: Messages to other systems in vain": "tuan_exchange_failures_total",
}
"""Only where processes speak TLS, where there is a receiver of traces, and where other systems are agreed on."""
ROWS = "processes: Rows of imports a second"
MOVED = {
    "requests: Requests a second", "requests: 99 of 100 are done within", "requests: The ten slowest routes (95 of 100)",
    "requests: Refused by kind", "events: Commits a second", "events: Durable within (99 of 100)",
    "events: Relay: records a second", "events: Parked lines", "events: Parked records",
    ROWS, "processes: Cores in use", "processes: Memory",
}  # fmt: skip
"""Above nought after the traffic of this test alone."""
OF_THE_MACHINE = {"DiskFillsUp", "MongoSlow", "EventLoopHeld", "RequestsSlow"}
"""What a full disk or other work on the machine may well bring about."""
ADDED = {"__name__", "job", "instance", "part", "le"}
PARKED = "record-watched"
LINE_MAX = 2_000


class Prometheus:
    """Asks a running one."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=f"{address}/api/v1", trust_env=False)

    def ask(self, path: str, **parameters: str) -> Any:
        """Raises httpx.HTTPError: while it starts it says 503."""
        return self._http.get(path, params=parameters).raise_for_status().json()["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        return [(row["metric"], float(row["value"][1])) for row in self.ask("query", query=expression)["result"]]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def firing(self) -> dict[str, dict[str, Any]]:
        """Alert -> its labels and annotations."""
        return {a["labels"]["alertname"]: a for a in self.ask("alerts")["alerts"] if a["state"] == "firing"}

    def well(self) -> bool:
        try:
            targets = self.ask("targets")["activeTargets"]
        except httpx.HTTPError:
            return False
        return bool(targets) and {target["health"] for target in targets} == {"up"}


def until(what: Callable[[], Any], seconds: float = 20, said: str = "") -> Any:
    """What it answers once that is something; `said` stands in the failure."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, said
        time.sleep(0.25)
    return found


def written(stack: Stack, folder: Path) -> Path:
    """The settings of the compose file's profile, for the ports and the patience of a test."""
    settings = yaml.safe_load((SETTINGS / "prometheus.yaml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    rules = (SETTINGS / "alerts.yaml").read_text()
    (folder / "alerts.yaml").write_text(re.sub(r"for: (\d+)m", r"for: \1s", rules))
    settings["rule_files"] = [str(folder / "alerts.yaml")]
    [job] = settings["scrape_configs"]
    del job["scheme"], job["tls_config"]
    for each in job["static_configs"]:
        part = each["labels"]["part"]
        each["targets"] = [f"127.0.0.1:{stack.ports.of('web-metrics' if part == 'web' else part)}"]
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(settings))
    return file


@pytest.fixture(scope="module")
def watch(stack: Stack, town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus, once every process of the stack is seen."""
    folder = tmp_path_factory.mktemp("prometheus")
    address = f"127.0.0.1:{stack.ports.base + 19}"
    command = [prometheus(), f"--config.file={written(stack, folder)}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        watch = Prometheus(f"http://{address}")
        until(watch.well)
        yield watch
    finally:
        process.terminate()
        process.wait(10)


def parking_of_identity(stack: Stack, park: bool) -> None:
    """Parks one record of nobody's, or drops it."""

    async def done() -> None:
        settings = stack.settings()
        driver = Driver(settings["TUAN_MONGO_URL"])
        parking = Parking(driver, f"{settings['TUAN_NAMESPACE']}identity", SystemClock())
        try:
            if not park:
                await parking.parked.drop(PARKED, "test", "of nobody")
                return
            event = Recorded(
                PARKED, "member.PersonReleased.v1", PARKED, 1, 0, datetime.now(UTC), Actor("p"), "", "", {}
            )
            headers = headers_of("member", event, Position(1, 1, 0), None)
            heard = Heard("member.identity.v1", PARKED, 0, 1, value_of(event), headers, event)
            await parking.park({heard.line: Stuck(heard, ValueError())}, [heard])
        finally:
            await driver.close()

    in_a_thread(done)


def in_a_thread(work: Callable[[], Any]) -> Any:
    """A browser of the journeys may keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def some_traffic(stack: Stack, town: Town) -> None:
    """Signs in, rightly and wrongly; uploads rows that are all refused; opens a page; asks for what is not there."""

    async def done() -> None:
        door = Door({name: stack.url(name) for name in SOURCES}, town.captcha)
        try:
            who, county = town.people["county"], town.ids["county"]
            for _ in range(2):
                with pytest.raises(Refused):
                    await door.sign_in(who.number, "not-the-password-1")
                await door.http.get(f"{stack.url('web')}/sign-in")
                await door.http.get(f"{stack.url('web')}/nothing-here")
                await asyncio.sleep(2)  # read once in between: what begins with its first value has not risen
            user = await door.sign_in(who.number, who.password)
            rows = [row | {"number": "1"} for row in town.rows("hour", 3)]
            file = {"file": ("x.xlsx", workbook(rows), XLSX)}
            form = {"organization": county, "template": "members"}
            sent = await user.do("member", "POST", "/v1/imports", acting=county, data=form, files=file)
            assert (await until_settled(user, sent["stream"], county))["failed"] == 3
        finally:
            await door.http.aclose()

    in_a_thread(done)


def test_every_line_of_the_logs_says_whose_it_is_and_what_was_refused_by_which_request(
    stack: Stack, town: Town
) -> None:
    """Somebody names the number on a page: it leads to the lines of all parts, and from there to the route."""
    some_traffic(stack, town)
    found: list[str] = []
    for part in stack.services():
        for text in stack.process(part).log_file.read_text("utf-8").splitlines():
            line = json.loads(text)
            assert (line["part"], len(text) < LINE_MAX, "withheld" in line) == (part, True, False), text[:LINE_MAX]
            if line["event"] == "request.refused":
                assert {"correlation", "method"} <= line.keys(), text
                found.append(line["route"])
    assert "/v1/sign-ins" in found


@pytest.mark.rule("OPS-08", "P5")
def test_prometheus_sees_all_processes_draws_every_panel_and_says_what_to_do(
    watch: Prometheus, stack: Stack, town: Town
) -> None:
    """Fails if a panel or an alert asks for a name or a label that no process shows, or misses a thing's first time."""
    parking_of_identity(stack, park=True)
    some_traffic(stack, town)
    until(lambda: "RecordsParked" in watch.firing())
    assert [rule["name"] for rule in watch.rules() if rule["health"] != "ok"] == []
    assert watch.firing().keys() - OF_THE_MACHINE == {"RecordsParked"}
    parked = watch.firing()["RecordsParked"]["annotations"]
    assert (parked["summary"], parked["next"]) == (
        "Records of identity could not be handled and are parked.",
        "tuan parked list",
    )
    assert {panel for panel, e in PANELS.items() if not watch.query(e)} == EMPTY_WHEN_WELL | NOT_HERE.keys()
    for panel in sorted(MOVED):
        until(lambda panel=panel: any(value > 0 for _, value in watch.query(PANELS[panel])), said=panel)
    assert {verdict["verdict"] for verdict, rows in watch.query(PANELS[ROWS]) if rows > 0} == {"failed"}

    parking_of_identity(stack, park=False)
    stack.stop_one("web")
    try:
        down = until(lambda: watch.firing().get("ProcessDown"))
        assert (down["labels"]["part"], down["annotations"]["summary"]) == ("web", "web does not answer.")
        assert down["annotations"]["next"].startswith("tuan logs web")
    finally:
        stack.restart("web")
    until(lambda: not watch.firing().keys() - OF_THE_MACHINE)


def test_prometheus_finds_every_metric_of_the_table_with_its_labels(watch: Prometheus) -> None:
    """And none of ours that is not in it."""
    names = {name for name in watch.ask("label/__name__/values") if name.startswith("tuan_")}
    bare = {re.sub("_(bucket|sum|count)$", "", n) if n not in TABLE else n for n in names}
    assert TABLE.keys() - bare == set(NOT_HERE.values())
    assert bare - TABLE.keys() == set()
    for name, metric in TABLE.items():
        shown = f"{name}_count" if metric.buckets else name
        labels = [frozenset(row.keys() - ADDED) for row, _ in watch.query(shown)]
        assert set(labels) <= {frozenset(metric.labels)}, name
