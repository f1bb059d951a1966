"""What a process shows of itself at /metrics."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import httpx
from fastapi import FastAPI
from prometheus_client import REGISTRY

from deploy.local.certificates import make_certificates
from deploy.local.ports import free_block
from deploy.local.servers import CHECKOUT
from services.web.settings import WebSettings
from shared.eventstore import batcher, driver  # noqa: F401 - what they say at their start is looked at
from shared.observability.exposition import expires_at, metrics_beside, pulse
from shared.observability.metric_names import TABLE
from shared.runtime.service import Health, Role, Service, Stopped, add_health_routes
from shared.runtime.tls import certificate_of, client_context
from shared.testing.measured import measured


class Waiting:
    name, role = "things.waiting", Role.WORKER

    async def run(self) -> None:
        raise Stopped("somebody has to look")

    def health(self) -> Health:
        return Health(ready=False, detail="lag 7")


class Mended(Waiting):
    name = "things.mended"

    def __init__(self) -> None:
        self.began = 0

    async def run(self) -> None:
        self.began += 1
        if self.began == 1:
            raise Stopped("somebody has to look")
        await asyncio.Event().wait()

    async def mended(self) -> None:
        """Somebody has looked."""


async def test_a_loop_that_was_mended_no_longer_counts_as_stopped() -> None:
    """Fails if the alert on stopped loops goes on until the process is started again."""
    loop = Mended()
    running = asyncio.create_task(Service("things", FastAPI(), settings=None, loops=[loop]).supervise(loop))
    while loop.began < 2:
        await asyncio.sleep(0)
    assert REGISTRY.get_sample_value("tuan_loop_stopped", {"loop": loop.name}) == 0
    running.cancel()


def test_what_has_not_happened_yet_is_shown_as_nought_so_that_its_first_time_is_a_rise() -> None:
    for name, labels in (
        ("tuan_transaction_seconds_count", {"outcome": "busy"}),
        ("tuan_append_commits_count", {"kind": "chunk"}),
    ):
        assert REGISTRY.get_sample_value(name, labels) is not None


async def test_a_process_tells_its_loops_memory_and_files() -> None:
    app = FastAPI()
    service = Service("things", app, settings=None, loops=[Waiting()])
    add_health_routes(service, Role.ALL)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        text = (await client.get("/metrics")).text
        assert 'tuan_loop_ready{loop="things.waiting"} 0.0' in text
        assert "process_resident_memory_bytes" in text
        assert "process_open_fds" in text
        await service.supervise(service.loops[0])
        assert 'tuan_loop_stopped{loop="things.waiting"} 1.0' in (await client.get("/metrics")).text


def test_a_figure_that_a_process_does_not_have_is_not_shown_as_nought() -> None:
    """An alert on the disk of MongoDB would come from every process that has nothing to do with it."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import deploy.cli.main, services.org.app, prometheus_client as p; print(p.generate_latest().decode())",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    ).stdout
    shown = {line.split()[0] for line in told.splitlines() if line.startswith("tuan_")}
    gauges = {
        name
        for name, metric in TABLE.items()
        if not metric.labels and not metric.buckets and not name.endswith("_total")
    }
    assert len(gauges) > 10
    assert shown & gauges == set()


async def test_whoever_holds_the_event_loop_is_seen() -> None:
    late = "tuan_event_loop_lag_seconds_sum"
    async with pulse():
        before = measured(late)
        await asyncio.sleep(0.05)
        time.sleep(0.6)  # noqa: ASYNC251 - the fault that shall be seen
        await asyncio.sleep(0.05)
    assert 0.2 < measured(late) - before < 2


def test_the_console_tells_its_metrics_at_a_port_of_its_own_over_tls(tmp_path: Path) -> None:
    """At its own port everybody could read them."""
    make_certificates(tmp_path, {"web": ("web", "localhost")})
    folder = tmp_path / "web"
    settings = WebSettings(environment="test", port_base=free_block().base, tls_dir=folder)
    metrics_beside(settings.host, settings.metrics_port, settings.tls_dir)
    address = f"https://localhost:{settings.metrics_port}/metrics"
    assert "tuan_event_loop_lag_seconds" in httpx.get(address, verify=client_context(folder), trust_env=False).text


async def test_the_end_of_the_certificate_is_told(tmp_path: Path) -> None:
    make_certificates(tmp_path, {"org": ("org", "localhost")})
    certificate = certificate_of(tmp_path / "org")
    assert certificate is not None
    async with pulse(certificate):
        told = measured("tuan_certificate_expires_timestamp_seconds")
    assert told == expires_at(certificate) > time.time()
