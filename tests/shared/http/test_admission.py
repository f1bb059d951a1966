"""OPS-08: a flood is told where it stands, what was let in is done in bounded time, and afterwards all is well."""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI

from deploy.local.ports import free_block
from deploy.local.servers import CHECKOUT
from shared.http.admission import Admission
from shared.testing.measured import measured

WORKING, WAITING, WORK_SECONDS = 8, 16, 0.05
RATE, SECONDS = 300, 4.0
PROGRAM = f"""
import asyncio, sys
import structlog, uvicorn
from shared.http import edge
from shared.http.admission import Admission
from shared.http.routes import Access, Router, access
from shared.observability.exposition import metrics
from shared.testing.tokens import Issuer
from shared.kernel.clock import SystemClock
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("CRITICAL"))
router = Router()
@router.post("/work")
@access(Access.PUBLIC, "a flood")
async def work() -> dict[str, str]:
    await asyncio.sleep({WORK_SECONDS})
    return {{"done": "yes"}}
class Narrow(Admission):
    def __init__(self, app): super().__init__(app, working={WORKING}, waiting={WAITING})
edge.Admission = Narrow
app = edge.new_app("flooded", Issuer(SystemClock()).verifier(), [router])
app.add_api_route("/metrics", metrics)
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", loop="uvloop", http="httptools")
"""
REQUEST = b"POST %b HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
FLOOR = "/health/live"
"""Answered without a turn: what the machine itself costs at that moment."""


@dataclass
class Answers:
    """Seconds of each answer, by status; what the refused were told."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    retry_after: list[int] = field(default_factory=list)
    ahead: list[int] = field(default_factory=list)

    async def ask(self, port: int, path: str = "/work") -> None:
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST % path.encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        status = int(head.split()[1])
        self.seconds.setdefault(status, []).append(time.perf_counter() - began)
        if status == 503:
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            self.retry_after.append(int(headers[b"retry-after"]))
            problem = httpx.Response(503, content=body).json()
            assert (problem["code"], problem["rule"]) == ("system_full", "OPS-08")
            self.ahead.append(problem["params"]["ahead"])


@pytest.fixture
async def flooded() -> AsyncIterator[tuple[int, psutil.Process]]:
    """A service by the real edge and server on loopback, with room for few."""
    port = free_block().base
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, str(port), cwd=CHECKOUT)
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/metrics")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _flood(port: int, seconds: float) -> Answers:
    """As many as come by themselves: nobody waits for an answer to another."""
    answers, began = Answers(), time.perf_counter()
    async with asyncio.TaskGroup() as asking:
        for n in range(int(RATE * seconds)):
            asking.create_task(answers.ask(port, FLOOR if n % 10 == 0 else "/work"))
            await asyncio.sleep(max(0.0, began + n / RATE - time.perf_counter()))
    return answers


@pytest.mark.rule("OPS-08")
async def test_a_flood_is_refused_at_once_and_what_was_let_in_is_done_in_time(
    flooded: tuple[int, psutil.Process],
) -> None:
    port, process = flooded
    await _flood(port, 1.0)
    before = process.memory_info().rss
    answers = await _flood(port, SECONDS)
    done, refused = sorted(answers.seconds[200]), sorted(answers.seconds[503])
    floor = sorted(answers.seconds[404])
    assert answers.seconds.keys() == {200, 404, 503}
    assert min(len(refused), len(done)) > RATE * SECONDS / 5
    assert done[int(len(done) * 0.99)] < floor[-1] + 1.0, "without a bound the last would wait three seconds"
    assert statistics.median(refused) < statistics.median(floor) * 1.2 + 0.05
    assert refused[int(len(refused) * 0.99)] < floor[-1] + 0.1
    assert {0 < seconds <= 60 for seconds in answers.retry_after} == {True}
    assert len(set(answers.retry_after)) > 1, "they would all come again at the same moment"
    assert set(answers.ahead) == {WAITING}
    assert process.memory_info().rss - before < 8 * 2**20
    after = Answers()
    await asyncio.gather(*(after.ask(port) for _ in range(WORKING)))
    assert after.seconds.keys() == {200}
    assert max(after.seconds[200]) < floor[-1] + 0.5


def _narrow(started: list[str], go_on: asyncio.Event) -> FastAPI:
    app = FastAPI()

    @app.get("/task/{name}")
    async def work(name: str) -> str:
        started.append(name)
        await go_on.wait()
        return name

    @app.get("/health/live")
    async def live() -> str:
        return "yes"

    app.add_middleware(Admission, working=1, waiting=2, free=("/static/",))
    return app


async def _until(holds: Any) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.mark.rule("OPS-08")
async def test_whoever_waits_comes_in_order_and_machines_are_always_answered() -> None:
    started: list[str] = []
    go_on = asyncio.Event()
    before = measured("tuan_http_turned_away_total")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_narrow(started, go_on)), base_url="http://t") as client:
        tasks = []
        for name in "abc":
            tasks.append(asyncio.create_task(client.get(f"/task/{name}")))
            await _until(lambda: measured("tuan_http_working") + measured("tuan_http_waiting") == len(tasks))
        assert started == ["a"]
        assert (await client.get("/task/d")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/static/none.css")).status_code == 404
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        go_on.set()
        assert [(await tasks[n]).status_code for n in (0, 2)] == [200, 200]
        assert started == ["a", "c"]
        assert (await client.get("/task/e")).status_code == 200
    assert measured("tuan_http_turned_away_total") - before == 1
    assert measured("tuan_http_working") + measured("tuan_http_waiting") == 0


@pytest.mark.rule("OPS-08")
async def test_who_has_gone_away_while_waiting_is_not_worked_for() -> None:
    started: list[str] = []
    go_on = asyncio.Event()
    app = _narrow(started, go_on)

    def scope(name: str) -> dict[str, Any]:
        return {"type": "http", "method": "GET", "path": f"/task/{name}", "query_string": b"", "headers": []}

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def there() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def sent(_: Any) -> None:
        return

    tasks = [asyncio.create_task(app(scope("a"), there, sent)), asyncio.create_task(app(scope("b"), gone, sent))]
    tasks.append(asyncio.create_task(app(scope("c"), there, sent)))
    await _until(lambda: measured("tuan_http_waiting") == 2)
    go_on.set()
    await asyncio.gather(*tasks)
    assert started == ["a", "c"]
