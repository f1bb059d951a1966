"""The only place that knows which MongoDB driver runs, and the only one that starts transactions (kernel.md 1)."""

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shared.kernel.refusals import SystemBusy
from shared.observability.metric_names import counter, histogram

T = TypeVar("T")
Document = dict[str, Any]

TRANSACTION_SECONDS = 10.0
OPERATION_MILLISECONDS = 10_000
MAX_LIFETIME_SECONDS = 5
NAMESPACE_EXISTS = 48
SCAN_BATCH = 1_000

_SECONDS = histogram("tuan_transaction_seconds", ("done", "busy", "failed"))
_REPEATS = counter("tuan_transaction_repeats_total")


async def aggregated(collection: Any, pipeline: Sequence[Document]) -> list[Document]:
    """What a pipeline gives, on either driver: one answers with a cursor, the other with a coroutine of one."""
    cursor = collection.aggregate(list(pipeline), maxTimeMS=OPERATION_MILLISECONDS)
    if inspect.isawaitable(cursor):
        cursor = await cursor
    found: list[Document] = await cursor.to_list(None)
    return found


class WrongServer(RuntimeError):
    """The MongoDB server lacks what the platform stands on; the sentence says what to set."""


class Driver:
    """One per process. Reads are majority reads from the primary, writes are acknowledged by the majority's journal.

    `kind` is `pymongo` (PyMongo Async) or `motor`; both run the same store suite.
    """

    def __init__(self, url: str, kind: Literal["pymongo", "motor"] = "pymongo", pool: int = 50) -> None:
        options: dict[str, Any] = {
            "maxPoolSize": pool,
            "readConcernLevel": "majority",
            "w": "majority",
            "journal": True,
            "retryWrites": True,
            "serverSelectionTimeoutMS": 10_000,
            "connectTimeoutMS": 5_000,
            "waitQueueTimeoutMS": 10_000,  # none waits for a connection for ever: a loop fails aloud instead
            "tz_aware": True,
        }
        self.kind = kind
        self.client: Any
        if kind == "motor":
            from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 - an extra, loaded when chosen

            self.client = AsyncIOMotorClient(url, **options)
        else:
            self.client = AsyncMongoClient[Document](url, **options)

    def database(self, name: str) -> Any:
        """A database of the driver in use; both kinds have the same coroutine methods."""
        return self.client[name]

    async def watch(self, pipeline: Sequence[Mapping[str, Any]], **options: Any) -> Any:
        """A change stream over all databases of the replica set; with motor it opens at its first read."""
        stream = self.client.watch(pipeline, **options)
        return await stream if self.kind == "pymongo" else stream

    async def close(self) -> None:
        if self.kind == "motor":
            self.client.close()
        else:
            await self.client.close()

    async def check_server(self) -> None:
        """Refuses a server that is no replica set, or keeps locks of dead clients for long. Raises WrongServer."""
        hello: Mapping[str, Any] = await self.client.admin.command("hello")
        if not hello.get("setName"):
            raise WrongServer("MongoDB runs alone: start it with --replSet rs0 and initiate the set, then start again")
        answer = await self.client.admin.command({"getParameter": 1, "transactionLifetimeLimitSeconds": 1})
        if answer["transactionLifetimeLimitSeconds"] > MAX_LIFETIME_SECONDS:
            raise WrongServer(
                "MongoDB keeps rows of a dead client locked for "
                f"{answer['transactionLifetimeLimitSeconds']} s: start it with "
                f"--setParameter transactionLifetimeLimitSeconds={MAX_LIFETIME_SECONDS}"
            )

    async def transaction(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Runs `work(session)` in one transaction: snapshot reads, majority journaled commit.

        `work` may run several times and has no effect outside its session. It is repeated only on errors labelled
        transient, with jitter, for at most 10 s in all; then SystemBusy. A commit whose result is unknown is
        committed again; if that stays unknown the whole is repeated, and `work` finds its own commit ids as
        duplicates. Every other error goes up, after the transaction was aborted.
        """
        began = time.monotonic()
        outcome = "failed"
        try:
            result = await self._repeated(work, began + TRANSACTION_SECONDS)
            outcome = "done"
        except SystemBusy:
            outcome = "busy"
            raise
        else:
            return result
        finally:
            _SECONDS.labels(outcome).observe(time.monotonic() - began)

    async def _repeated(self, work: Callable[[Any], Awaitable[T]], deadline: float) -> T:
        attempt = 0
        while True:
            try:
                return await self._once(work, deadline)
            except PyMongoError as error:
                if not _transient(error):
                    raise
                attempt += 1
                _REPEATS.inc()
                pause = random.uniform(0, min(0.5, 0.005 * 2**attempt))  # noqa: S311 - jitter
                if time.monotonic() + pause > deadline:
                    raise SystemBusy from error
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Any]:
        """A session whose reads all see one moment, beside running writers; the server keeps it for five minutes."""
        started = self.client.start_session(snapshot=True)
        session = await started if self.kind == "motor" else started
        try:
            yield session
        finally:
            await session.end_session()

    async def found_at(
        self,
        database: str,
        collection: str,
        time: Any,
        query: Mapping[str, Any] | None = None,
        sort: Mapping[str, int] | None = None,
        codec: Any = None,
    ) -> AsyncIterator[list[Any]]:
        """What was there at a cluster time, in batches; kept for minSnapshotHistoryWindowInSeconds (300).

        `codec` says how documents are given, where not as dictionaries.
        """
        where = self.database(database)
        how = {"codec_options": codec} if codec else {}
        started = self.client.start_session(causal_consistency=False)
        session = await started if self.kind == "motor" else started
        find = {
            "find": collection,
            "filter": dict(query or {}),
            "sort": dict(sort or {}),
            "batchSize": SCAN_BATCH,
            "readConcern": {"level": "snapshot", "atClusterTime": time},
        }
        try:
            cursor = (await where.command(find, session=session, **how))["cursor"]
            batch = cursor["firstBatch"]
            while batch:
                yield batch
                if not cursor["id"]:
                    return
                more = {"getMore": cursor["id"], "collection": collection, "batchSize": SCAN_BATCH}
                cursor = (await where.command(more, session=session, **how))["cursor"]
                batch = cursor["nextBatch"]
        finally:
            await session.end_session()

    async def _once(self, work: Callable[[Any], Awaitable[T]], deadline: float) -> T:
        session = await self._session()
        try:
            started = session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority", j=True, wtimeout=OPERATION_MILLISECONDS),
                read_preference=ReadPreference.PRIMARY,
                max_commit_time_ms=OPERATION_MILLISECONDS,
            )
            if self.kind == "pymongo":
                await started
            if not session.in_transaction:
                raise RuntimeError("no transaction was started; nothing may be written")
            result = await work(session)
            await self._commit(session, deadline)
        except BaseException:
            if session.in_transaction:
                await session.abort_transaction()
            raise
        else:
            return result
        finally:
            await session.end_session()

    async def _session(self) -> Any:
        started = self.client.start_session()
        return await started if self.kind == "motor" else started

    @staticmethod
    async def _commit(session: Any, deadline: float) -> None:
        while True:
            try:
                await session.commit_transaction()
            except PyMongoError as error:
                if not error.has_error_label("UnknownTransactionCommitResult") or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return


async def ensure_collections(database: Any, *names: str) -> None:
    """Makes collections that are not there, so that no transaction has to. Safe when two processes do it at once."""
    present = set(await database.list_collection_names())
    for name in names:
        if name in present:
            continue
        try:
            await database.create_collection(name, check_exists=False)  # it would list them all for each
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:
                raise


def _transient(error: PyMongoError) -> bool:
    """Whether the whole transaction may be run again. "Too large" and the like carry no label and are not."""
    if error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult"):
        return True
    return isinstance(error, ConnectionFailure) and not isinstance(error, OperationFailure)
