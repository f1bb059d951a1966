"""The simulators beside a demonstration: started with it, and made known to transfer and it to them (TRF-17)."""

import asyncio
import os
import sys
from pathlib import Path

import httpx

from deploy.cli.data import use_settings_of
from deploy.local.ports import require_free
from deploy.local.servers import CHECKOUT
from deploy.local.simulators.server import SYSTEMS
from deploy.local.stack import SIMULATORS, Stack
from services.transfer.domain.events_of_exchange import PublicKey
from services.transfer.domain.outside_systems import AgreeWithSystem
from services.transfer.exchange.signing import MATCHING, OwnKeys, create_keys
from shared.kernel.envelope import Actor, Request
from shared.kernel.ids import request_hash
from shared.privacy.secrets import create_secret

READY_SECONDS = 30
_BY = Actor("service:transfer")


def make_exchange_secrets(secrets: Path) -> None:
    """Keys of ours and the secrets of the reconciliation, before transfer starts; what is there stays."""
    if not OwnKeys.from_directory(secrets).ready:
        create_keys(secrets)
    for system in SYSTEMS:
        create_secret(secrets, f"{MATCHING}.{system}")


def start_simulators(stack: Stack) -> None:
    """Starts them unless they run, and tells both sides where the other is. Raises SetUpProblem."""
    process = stack.process(SIMULATORS)
    if process.running() is None:
        require_free(stack.ports.of(SIMULATORS), SIMULATORS)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        command = [sys.executable, "-m", "deploy.local.simulators"]
        process.start(command, kept | stack.settings(), cwd=CHECKOUT)
    process.wait_until(lambda: _answers(stack), seconds=READY_SECONDS)
    use_settings_of(stack)
    asyncio.run(_agree(_connect(stack)))


def _answers(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url(SIMULATORS)}/fujian/control/state", trust_env=False).is_success
    except httpx.TransportError:
        return False


def _connect(stack: Stack) -> list[AgreeWithSystem]:
    """Tells each of them of us; what is to be agreed with each."""
    own = [key.model_dump() for key in OwnKeys.from_directory(stack.secrets).public]
    found = []
    for system in SYSTEMS:
        address = f"{stack.url(SIMULATORS)}/{system}"
        told = {"address": stack.url("transfer"), "keys": own}
        state = httpx.post(f"{address}/control/connect", json=told, trust_env=False).raise_for_status().json()
        keys = tuple(PublicKey.model_validate(key) for key in state["keys"])
        found.append(
            AgreeWithSystem.model_validate({"system": system, "address": address, "keys": keys, "insecure": True})
        )
    return found


async def _agree(commands: list[AgreeWithSystem]) -> None:
    from services.transfer.app import Parts  # noqa: PLC0415 - `tuan run` must not load every service
    from services.transfer.settings import TransferSettings  # noqa: PLC0415
    from shared.eventstore.driver import Driver  # noqa: PLC0415
    from shared.kernel.clock import SystemClock  # noqa: PLC0415

    settings = TransferSettings()
    driver = Driver(settings.mongo_url)
    parts = Parts(settings, driver, SystemClock(settings.clock_offset_seconds))
    try:
        for command in commands:
            body = request_hash(command.model_dump(mode="json"))
            await parts.exchange.peers.agree(Request(_BY, f"simulators-{body[:40]}", body), command)
    finally:
        await parts.exchange.client.aclose()
        await driver.close()
