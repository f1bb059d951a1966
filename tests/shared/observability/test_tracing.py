"""Spans: under whose trace they are, which are kept, what they say, and what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import get_args
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from deploy.local.servers import CHECKOUT
from shared.http.watch import Watch
from shared.kernel.clock import from_micros
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.wire import Position, headers_of
from shared.observability import tracing
from shared.observability.tracing import Attribute, batch, inside, is_kept, root_of, traceparent
from shared.runtime.settings import Deployment
from shared.testing.measured import measured
from tests.shared.observability.receiver import Receiver, receiving

CORRELATION = "6f0c1f0e-58c5-4a57-9d0b-1381a3456781"
TRACE = CORRELATION.replace("-", "")


def settings(endpoint: str, share: float = 1.0) -> Deployment:
    return Deployment(environment="test", traces_endpoint=endpoint, traces_share=share)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Of a process that traces everything."""
    with receiving() as started:
        tracing.configure_tracing("things", settings(started.address))
        try:
            yield started
        finally:
            tracing.end_tracing()


def app(*, outermost: bool = False) -> FastAPI:
    made = FastAPI()

    @made.get("/things/{thing}")
    async def thing(thing: str) -> dict[str, str]:
        with inside("commit", {"tuan.events": "ThingMade"}):
            return tracing.outgoing() | {"thing": thing}

    made.add_middleware(Watch, outermost=outermost)
    return made


def client(of: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(of), base_url="http://t")


async def test_a_request_goes_on_in_the_service_it_calls_under_one_trace(receiver: Receiver) -> None:
    async with client(app(outermost=True)) as console, client(app()) as service:
        said = (await console.get("/things/1")).json()
        await service.get("/things/2", headers={name: said[name] for name in ("X-Correlation-Id", "traceparent")})
    tracing.end_tracing()
    spans = {span.id: span for span in receiver.spans()}
    (root,) = [span for span in spans.values() if not span.parent]
    assert root.trace == said["X-Correlation-Id"].replace("-", "")
    assert root.attributes == {
        "http.request.method": "GET",
        "http.route": "/things/{thing}",
        "http.response.status_code": 200,
    }
    lines = {span.name: [spans[span.parent].name, span.service] for span in spans.values() if span.parent}
    assert lines == {"commit": ["GET /things/{thing}", "tuan.things"], "GET /things/{thing}": ["commit", "tuan.things"]}
    assert {span.trace for span in spans.values()} == {root.trace}


async def test_a_correlation_from_outside_is_not_believed_where_the_system_begins(receiver: Receiver) -> None:
    headers = {"X-Correlation-Id": CORRELATION, "traceparent": f"00-{TRACE}-00000000000000aa-01"}
    async with client(app(outermost=True)) as console:
        assert (await console.get("/things/1", headers=headers)).json()["X-Correlation-Id"] != CORRELATION


@pytest.mark.parametrize("parent", ["", "nonsense", f"00-{'9' * 32}-00000000000000aa-01", f"00-{TRACE}-{'0' * 16}-01"])
async def test_a_parent_of_another_trace_is_none(receiver: Receiver, parent: str) -> None:
    async with client(app()) as service:
        await service.get("/things/1", headers={"X-Correlation-Id": CORRELATION, "traceparent": parent})
    tracing.end_tracing()
    asked = next(span for span in receiver.spans() if span.name != "commit")
    assert (asked.trace, asked.parent) == (TRACE, f"{root_of(CORRELATION).span_id:016x}")


@pytest.mark.rule("P11")
async def test_nothing_of_an_address_or_of_a_correlation_that_tells_something_gets_into_a_span(
    receiver: Receiver,
) -> None:
    async with client(app()) as service:
        await service.get(
            "/things/11010119900307123X?q=13812345678", headers={"X-Correlation-Id": "11010119900307123X"}
        )
        await service.get("/none/张三")
    tracing.end_tracing()
    assert len(receiver.spans()) == 3
    everything = b"".join(receiver.bodies)
    for secret in ("11010119900307123", "13812345678", "张三", "%E5%BC%A0"):
        assert secret.encode() not in everything
    assert {key for span in receiver.spans() for key in span.attributes} <= set(get_args(Attribute))


async def test_a_batch_has_one_span_for_each_trace_in_it(receiver: Receiver) -> None:
    others = [str(uuid4()) for _ in range(3)]
    with batch("projection people", [CORRELATION] * 500 + others + ["", "import-1"]):
        pass
    with pytest.raises(ValueError, match="broken"), batch("reaction", [CORRELATION]):
        raise ValueError("broken by 张三")
    tracing.end_tracing()
    spans = receiver.spans()
    assert [span.attributes["tuan.records"] for span in spans if span.trace == TRACE] == [500, 1]
    assert len(spans) == 6
    assert [span.name for span in spans if span.failed] == ["reaction"]
    assert "张三".encode() not in b"".join(receiver.bodies)


async def test_a_share_is_kept_and_it_is_the_same_in_every_process() -> None:
    correlations = [str(uuid4()) for _ in range(4_000)]
    with receiving() as receiver:
        kept = []
        for service in ("org", "member"):
            tracing.configure_tracing(service, settings(receiver.address, share=0.1))
            kept.append([each for each in correlations if is_kept(each)])
            assert all(bool(traceparent(each)) == is_kept(each) for each in correlations[:50])
            tracing.end_tracing()
    assert kept[0] == kept[1]
    assert 300 < len(kept[0]) < 500


async def test_without_an_endpoint_nothing_is_traced_and_the_correlation_travels_all_the_same() -> None:
    async with client(app()) as service:
        said = (await service.get("/things/1", headers={"X-Correlation-Id": CORRELATION})).json()
    assert said == {"X-Correlation-Id": CORRELATION, "thing": "1"}
    assert traceparent(CORRELATION) == ""


async def test_a_receiver_that_refuses_costs_its_spans_and_nothing_else() -> None:
    with receiving() as receiver:
        receiver.status = 400
        tracing.configure_tracing("things", settings(receiver.address))
        before = measured("tuan_traces_lost_total")
        async with client(app()) as service:
            assert (await service.get("/things/1")).status_code == 200
        tracing.end_tracing()
    assert measured("tuan_traces_lost_total") - before == 2


async def test_the_records_of_a_kept_trace_name_it_for_readers_that_are_not_ours(receiver: Receiver) -> None:
    event = Recorded("e", "org.X.v1", "s-1", 1, 0, from_micros(0), Actor("person-1"), CORRELATION, "", {})
    named = dict(headers_of("org", event, Position(1, 1, 0), None))["traceparent"].decode()
    assert named == f"00-{TRACE}-{root_of(CORRELATION).span_id:016x}-01"
    tracing.end_tracing()
    assert "traceparent" not in dict(headers_of("org", event, Position(1, 1, 0), None))


def test_a_receiver_that_is_away_keeps_no_process_from_ending() -> None:
    tracing.configure_tracing("things", settings("http://127.0.0.1:9/v1/traces"))
    before = measured("tuan_traces_lost_total")
    for _ in range(3_000):
        with batch("projection people", [CORRELATION]):
            pass
    began = time.monotonic()
    tracing.end_tracing()
    assert time.monotonic() - began < 8
    assert measured("tuan_traces_lost_total") > before


FORKING = """
import asyncio
from shared.observability.tracing import configure_tracing
from shared.runtime.settings import Deployment
configure_tracing("things", Deployment(traces_endpoint="http://127.0.0.1:9/v1/traces", traces_share=1.0))
import uvloop
async def child():
    await asyncio.to_thread(int)
    return await (await asyncio.create_subprocess_exec("true")).wait()
print(uvloop.run(child()))
"""


def test_a_process_that_traces_starts_children() -> None:
    """Without it member, which reads workbooks in a child, never answers where traces are sent."""
    environment = {"PATH": os.environ["PATH"], "TUAN_ENVIRONMENT": "test", "PYTHONPATH": str(CHECKOUT)}
    run = subprocess.run(
        [sys.executable, "-c", FORKING], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "0\n"


def test_an_import_s_rows_cost_nearly_nothing(receiver: Receiver) -> None:
    """Chunks of 500 rows of one import, every one of them kept; 1 us a row is a hundredth of what a row costs."""
    rows = [CORRELATION] * 500
    began = time.process_time()
    for _ in range(100):
        with batch("projection people", rows):
            pass
    assert (time.process_time() - began) / 50_000 < 2e-6


def test_traces_leave_a_production_machine_encrypted_only() -> None:
    with pytest.raises(ValidationError, match="TUAN_TRACES_ENDPOINT is not https"):
        Deployment(traces_endpoint="http://collector:4318/v1/traces")
    Deployment(traces_endpoint="http://127.0.0.1:4318/v1/traces")
    Deployment(traces_endpoint="https://collector:4318/v1/traces")
