"""Loops are begun again whatever ends them; only who was told to end ends."""

import asyncio

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from shared.messaging.topics import TopicNotMade
from shared.runtime import service
from shared.runtime.service import Health, Role, Service, running


class Reading:
    """As a client of Kafka that was cut off: what it waits for is cancelled, not who waits."""

    name, role = "things.reading", Role.ALL

    def __init__(self) -> None:
        self.begun = 0
        self.again = asyncio.Event()

    def health(self) -> Health:
        return Health(ready=False, detail="no partition assigned yet")

    async def run(self) -> None:
        self.begun += 1
        if self.begun == 2:
            self.again.set()
            await asyncio.Event().wait()
        cut_off: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        cut_off.cancel()
        await cut_off


@pytest.mark.rule("P14")
async def test_a_loop_whose_client_was_cut_off_is_begun_again_and_one_that_is_told_to_end_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails if a read model stands still for ever after Kafka and MongoDB were away together, with nothing in the log."""
    monkeypatch.setattr(service, "RESTART_SECONDS", 0.0)
    loop = Reading()
    supervised = asyncio.create_task(Service("things", FastAPI(), settings=None, loops=[loop]).supervise(loop))
    await asyncio.wait_for(loop.again.wait(), timeout=5)
    supervised.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(supervised, timeout=5)
    assert loop.begun == 2


@pytest.mark.rule("OPS-08")
async def test_why_a_process_did_not_start_stands_in_its_log() -> None:
    """Fails if an operator who forgot a step sees a process begin again and again with nothing but `Traceback`."""

    async def make_topics() -> None:
        raise TopicNotMade("Kafka did not make the topic things.log.v1: refused")

    with capture_logs() as lines, pytest.raises(TopicNotMade):
        async with running(Service("things", FastAPI(), settings=None, loops=[], prepare=[make_topics])):
            pytest.fail("it runs without its topics")
    assert [(line["event"], line["exc_info"]) for line in lines] == [("service.not_started", True)]
