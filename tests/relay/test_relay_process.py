"""The relay's process: its health over HTTP, and how it says that it must not go on."""

import asyncio
import os
import signal
import sys

import httpx
import pytest

from deploy.local.ports import free_block
from deploy.local.servers import CHECKOUT
from tests.shared.messaging.support import System, commit

CODE = (
    "import sys; from services.relay.app import run; from shared.runtime.settings import Settings;"
    "sys.exit(run(Settings()))"
)


async def relay_process(system: System, port_base: int) -> asyncio.subprocess.Process:
    settings = system.settings
    environment = os.environ | {
        "TUAN_ENVIRONMENT": "test",
        "TUAN_MONGO_URL": settings.mongo_url,
        "TUAN_KAFKA": settings.kafka,
        "TUAN_NAMESPACE": settings.namespace,
        "TUAN_PARTITIONS": str(settings.partitions),
        "TUAN_PORT_BASE": str(port_base),
        "PYTHONPATH": str(CHECKOUT),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CODE, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


@pytest.mark.rule("P3")
async def test_it_answers_when_it_is_ready_and_goes_when_it_is_told(system: System) -> None:
    base = free_block().base
    process = await relay_process(system, base)
    address = f"http://127.0.0.1:{base + 5}"
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            try:
                answer = await client.get(f"{address}/health/ready")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200 and "lag" in answer.json()["loops"]["relay"]["detail"]:
                break
            await asyncio.sleep(0.1)
        assert (await client.get(f"{address}/health/live")).status_code == 200
        await system.commits().insert_one(commit("person-1", 1))
        await system.relayed(1)
        while 'tuan_relay_ordinal{service="member"} 1.0' not in (await client.get(f"{address}/metrics")).text:
            await asyncio.sleep(0.1)  # told after the checkpoint is saved
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        await process.wait()
    assert process.returncode in (0, -signal.SIGTERM)
    assert await system.relay_database["leases"].find_one({}) is None, "the next relay would wait for ten seconds"


@pytest.mark.rule("P3")
async def test_a_stop_is_one_sentence_and_exit_code_3(system: System) -> None:
    await system.relay_once(0)
    async with system.relaying() as task:
        await system.commits().insert_one(commit("person-1", 1))
        await system.relayed(1, task=task)
    await system.driver.client.drop_database(system.relay_database.name)
    process = await relay_process(system, free_block().base)
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode == 3
    last = output.decode().strip().splitlines()[-1]
    assert last.startswith("The relay has no checkpoint, yet Kafka holds records")
