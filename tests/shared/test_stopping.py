"""A process ends when it is told to, whatever its loops wait for."""

import os
import signal
import subprocess
import sys
import time

import pytest

from deploy.local.ports import free_block

STUBBORN = """
import asyncio
from fastapi import FastAPI
from shared.runtime import service
from shared.runtime.settings import Settings

class Stubborn:
    name, role = "stubborn", service.Role.ALL
    def health(self): return service.Health(ready=True)
    async def run(self):
        print("runs", flush=True)
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                pass

SETTINGS = Settings(mongo_url="mongodb://127.0.0.1:1", kafka="127.0.0.1:1")
service.STOP_SECONDS = 1.0
service.serve(service.Service("org", FastAPI(), SETTINGS, [Stubborn()]))
"""


@pytest.mark.rule("P14")
def test_a_loop_that_cannot_be_ended_does_not_keep_the_process() -> None:
    """Fails if a client that waits for servers that are gone can hold the process for ever."""
    environment = os.environ | {"TUAN_ENVIRONMENT": "test", "TUAN_PORT_BASE": str(free_block().base)}
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        while "runs" not in process.stdout.readline():
            assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - began >= 1.0, "it was given its time"
