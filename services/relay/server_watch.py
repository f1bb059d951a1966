"""What the relay, the one process of its kind, tells every few seconds of MongoDB and of how far it is behind itself.

Beside the relay's loop, so that it is told while that one stands still or starts again.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, NoReturn

import structlog
from pymongo.errors import OperationFailure, PyMongoError

from services.relay.checkpoint import CheckpointStore
from shared.eventstore.driver import Driver
from shared.kernel.clock import SystemClock
from shared.observability.metric_names import gauge
from shared.runtime.settings import Settings

log = structlog.get_logger()

SECONDS = 10.0
WELL = (1, 2)
"""States of a member that holds data and serves: primary, secondary."""

_BEHIND = gauge("tuan_relay_lag_commits")
_ANSWER = gauge("tuan_mongodb_answer_seconds")
_AHEAD = gauge("tuan_mongodb_clock_ahead_seconds")
_FREE = gauge("tuan_mongodb_disk_free_ratio")
_MEMBERS = gauge("tuan_mongodb_members")
_WINDOW = gauge("tuan_mongodb_oplog_window_seconds")


class ServerWatch:
    """Looks at the replica set and counts the commits of `services` that are not numbered yet.

    What the relay's user may not ask (the state of members, the oplog) is left out, so its metric is missing.
    """

    def __init__(self, driver: Driver, settings: Settings, services: Sequence[str]) -> None:
        self._client = driver.client
        self._database = driver.database(settings.database("relay"))
        self._sources = {service: driver.database(settings.database(service))["commits"] for service in services}

    async def run(self) -> NoReturn:
        while True:
            try:
                await self.look()
            except PyMongoError as error:
                log.warning("relay.server_unseen", error=type(error).__name__)
            await asyncio.sleep(SECONDS)

    async def look(self) -> None:
        """One round. Raises PyMongoError when MongoDB is away."""
        began = time.monotonic()
        await self._database["probes"].update_one({"_id": "probe"}, {"$currentDate": {"at": True}}, upsert=True)
        _ANSWER.set(time.monotonic() - began)
        await self._count()
        hello = await self._client.admin.command("hello")
        _AHEAD.set((hello["localTime"].replace(tzinfo=UTC) - SystemClock().now()).total_seconds())
        space = await self._database.command("dbStats")
        if total := space.get("fsTotalSize"):
            _FREE.set(1 - space["fsUsedSize"] / total)
        for part in (self._members, self._oplog):
            try:
                await part()
            except OperationFailure as refused:
                log.debug("relay.server_unseen", error=refused.__class__.__name__)

    async def _count(self) -> None:
        checkpoint = await CheckpointStore(self._database, "").load()
        numbered: Mapping[str, int] = checkpoint.ordinals if checkpoint else {}
        for service, commits in self._sources.items():
            there = await commits.estimated_document_count()
            _BEHIND.labels(service).set(max(0, there - numbered.get(service, 0)))

    async def _members(self) -> None:
        states = [m["state"] for m in (await self._client.admin.command("replSetGetStatus"))["members"]]
        well = sum(state in WELL for state in states)
        _MEMBERS.labels("well").set(well)
        _MEMBERS.labels("missing").set(len(states) - well)

    async def _oplog(self) -> None:
        oplog = self._client["local"]["oplog.rs"]
        ends: list[Any] = [await oplog.find_one({}, {"ts": 1}, sort=[("$natural", way)]) for way in (1, -1)]
        if all(ends):
            _WINDOW.set(ends[1]["ts"].time - ends[0]["ts"].time)
