"""The event store: one per service, over one MongoDB database (docs/kernel.md 1 and 2)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

from pymongo.errors import BulkWriteError, ConnectionFailure

from shared.eventstore.batcher import COMMITS, SECONDS, Batcher
from shared.eventstore.chunk import ChunkWriter, written
from shared.eventstore.commits import Codec, Commit, Document, Stored, row_id
from shared.eventstore.conditions import Lost
from shared.eventstore.driver import TRANSACTION_SECONDS, Driver, ensure_collections
from shared.kernel.refusals import SystemBusy
from shared.runtime.gathered import Gathered

DUPLICATE = 11_000
VERSION_MAX = 10**10 - 1


class VersionTaken(Exception):
    """Somebody else appended this version first: load again and decide again."""


class ConditionLost(Exception):
    """A condition of a commit does not hold; `lost` says which."""

    def __init__(self, lost: Lost) -> None:
        self.lost = lost
        super().__init__(lost)


class EventStore:
    """Appends and loads commits of one service.

    Every append is durable (majority, journaled) when it returns, and one that raised left nothing. A commit that is
    there already (same commit id) counts as done, so repeating an append of unknown result is safe.
    """

    def __init__(self, driver: Driver, database: str, codec: Codec) -> None:
        self.driver = driver
        self.codec = codec
        self.database = driver.database(database)
        self.commits = self.database["commits"]
        self._chunks = ChunkWriter(driver, self.database, codec)
        self._plain = Batcher(self._flush_plain, size=500)
        # One at a time: two transactions at once on the same rosters only make one another begin again.
        self._conditional = Batcher(self._flush_conditional, size=100, flushers=1, kind="conditional")
        self._loads: Gathered[str, tuple[Stored, ...]] = Gathered(self._load_waiting)

    async def prepare(self) -> None:
        """Creates collections and indexes; run once before the service starts. Idempotent."""
        await ensure_collections(self.database, "commits", "claims")
        await self.commits.create_index("at")

    async def load(self, stream: str) -> tuple[Stored, ...]:
        """All commits of a stream in order; empty if there is none."""
        return await self._loads.get(stream) or ()

    async def _load_waiting(self, streams: Collection[str]) -> Mapping[str, tuple[Stored, ...]]:
        if len(streams) > 1:
            return await self.load_many(list(streams))
        (stream,) = streams
        span = {"$gte": row_id(stream, 0), "$lte": row_id(stream, VERSION_MAX)}
        found = await self.commits.find({"_id": span}).sort("_id", 1).to_list(None)
        return {stream: tuple(self.codec.decode(d) for d in found)}

    async def load_many(self, streams: Sequence[str]) -> dict[str, tuple[Stored, ...]]:
        """The commits of several streams by one query per 200; a stream that is not there is missing."""
        grouped: dict[str, list[Stored]] = {}
        async for document in self.documents(streams):
            grouped.setdefault(document["stream"], []).append(self.codec.decode(document))
        return {stream: tuple(commits) for stream, commits in grouped.items()}

    async def documents(self, streams: Sequence[str], after: int = 0) -> AsyncIterator[dict[str, Any]]:
        """The stored commits of streams behind the version `after`, each stream's in order.

        For who must open personal parts or ask who acted. Most of many streams have one commit or none: what is there
        at all is asked first, by exact ids.
        """
        for start in range(0, len(streams), 200):
            part = streams[start : start + 200]
            first = {"_id": {"$in": [row_id(s, after + 1) for s in part]}}
            begun = {d["stream"]: d async for d in self.commits.find(first)}
            for document in begun.values():
                yield document
            spans = [{"_id": {"$gte": row_id(s, after + 2), "$lte": row_id(s, VERSION_MAX)}} for s in begun]
            if spans:
                async for document in self.commits.find({"$or": spans}).sort("_id", 1):
                    yield document

    async def append(self, commit: Commit) -> None:
        """Appends one commit, sharing a write with others that wait.

        Raises VersionTaken, ConditionLost, SystemBusy, or CommitTooLarge.
        """
        await (self._conditional if commit.conditions else self._plain).submit(commit)

    async def append_chunk(
        self, commits: Sequence[Commit], fence: Callable[[Mapping[str, Lost]], Commit] | None = None
    ) -> dict[str, Lost]:
        """Appends up to 500 commits in one transaction; losers are set aside, the rest goes in.

        Answers commit id -> why it lost. `fence`, given the losers, makes the commit that records what the chunk did;
        it goes in first, and if its version is taken by another the whole chunk raises `Fenced` and changes nothing.
        """
        COMMITS.labels("chunk").observe(len(commits))
        with SECONDS.labels("chunk").time():
            return await self._chunks.write(commits, {c.commit_id: self.codec.encode(c) for c in commits}, fence)

    async def _flush_conditional(self, commits: Sequence[Commit]) -> dict[str, BaseException | None]:
        encoded, outcomes = self._encoded(commits)
        lost = await self._chunks.write([c for c in commits if c.commit_id in encoded], encoded, None)
        return outcomes | {commit_id: _as_error(lost.get(commit_id)) for commit_id in encoded}

    def _encoded(self, commits: Sequence[Commit]) -> tuple[dict[str, Document], dict[str, BaseException | None]]:
        """Documents by commit id, and why the others cannot be stored: one that cannot harms no neighbour."""
        documents: dict[str, Document] = {}
        failed: dict[str, BaseException | None] = {}
        for commit in commits:
            try:
                documents[commit.commit_id] = self.codec.encode(commit)
            except (ValueError, KeyError) as error:  # too large, or without the key to seal it with
                failed[commit.commit_id] = error
        return documents, failed

    async def _flush_plain(self, commits: Sequence[Commit]) -> dict[str, BaseException | None]:
        encoded, failed = self._encoded(commits)
        documents = list(encoded.values())
        outcomes = failed | dict.fromkeys(encoded, None)
        if not documents:
            return outcomes
        deadline = time.monotonic() + TRANSACTION_SECONDS
        while True:
            try:
                await self.commits.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                failed = error.details["writeErrors"]
                if any(e["code"] != DUPLICATE for e in failed) or error.details.get("writeConcernErrors"):
                    raise
                taken = await self._taken([documents[e["index"]] for e in failed])
                return outcomes | taken
            except ConnectionFailure as error:
                if time.monotonic() > deadline:
                    raise SystemBusy from error
                await asyncio.sleep(0.1)
            else:
                return outcomes

    async def _taken(self, documents: Sequence[Document]) -> dict[str, BaseException | None]:
        there = await written(self.commits, [d["_id"] for d in documents])
        return {
            d["commit_id"]: None
            if there.get(d["_id"]) == (d["commit_id"], d["request_hash"])
            else VersionTaken(d["_id"])
            for d in documents
        }


def _as_error(lost: Lost | None) -> BaseException | None:
    if lost is None:
        return None
    return VersionTaken() if lost.reason == "version" else ConditionLost(lost)
