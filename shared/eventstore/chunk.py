"""Conditional appends: one transaction per chunk, losers set aside with their reason (kernel.md 2)."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from pymongo import DeleteOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.eventstore.commits import Codec, Commit, Document
from shared.eventstore.conditions import Claim, Gate, Lost, Release, Row
from shared.eventstore.driver import Driver
from shared.kernel.clock import to_micros

CHUNK_ROWS_MAX = 500
DUPLICATE = 11_000
UNEXPLAINED_MAX = 20
UNEXPLAINED_SECONDS = 0.05
"""A duplicate that nobody finds afterwards: a claim given back meanwhile, or a row the majority has in a moment."""

_Step = tuple[str, str, str, bytes, bytes]
"""Collection, row, counter, condition, what the row gets."""

Fence = Callable[[Mapping[str, Lost]], Commit]


class Fenced(Exception):
    """The fence's version is taken: another worker has gone on with this work. Nothing was written."""


class _GateClosed(Exception):
    """Inside a transaction: these gates did not open; the transaction is aborted."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self.gates = gates


class _SomeGateClosed(Exception):
    """Inside a transaction: of gates tried together one at least did not open; the transaction is aborted."""


class _Duplicate(Exception):
    """Inside a transaction: something was there already; the transaction is aborted."""


class ChunkWriter:
    """Writes chunks for one service's store."""

    def __init__(self, driver: Driver, database: Any, codec: Codec) -> None:
        self._driver = driver
        self._database = database
        self._codec = codec

    async def write(
        self, commits: Sequence[Commit], documents: Mapping[str, Document], fence: Fence | None
    ) -> dict[str, Lost]:
        """See EventStore.append_chunk; `documents` by commit id. Each round loses at least one row or ends."""
        if len(commits) > CHUNK_ROWS_MAX:
            raise ValueError(f"a chunk holds at most {CHUNK_ROWS_MAX} commits, not {len(commits)}")
        lost: dict[str, Lost] = {}
        done: set[str] = set()
        held: set[str] = set()
        patience = iter(range(UNEXPLAINED_MAX))
        while True:
            alive = [c for c in commits if c.commit_id not in lost and c.commit_id not in done]
            behind = _clashes_inside(alive)
            trying = [c for c in alive if c.commit_id not in behind]
            fencing = fence(lost | behind) if fence else None
            if not trying and fencing is None:
                return lost
            try:
                await self._try(trying, documents, fencing, held)
            except _GateClosed as closed:
                losers = _behind(closed.gates, trying)
                if not losers:
                    raise
                lost |= losers
            except _Duplicate as duplicate:
                if fencing is not None and await self._fence_written(fencing):
                    return lost | behind
                if not await self._sort_out(trying, lost, done, held):
                    await _wait(patience, duplicate)
            else:
                return lost | behind

    async def _try(
        self,
        commits: Sequence[Commit],
        documents: Mapping[str, Document],
        fence: Commit | None,
        held: set[str],
    ) -> None:
        rows = ([self._codec.encode(fence)] if fence else []) + [documents[c.commit_id] for c in commits]
        everything = ([fence] if fence else []) + list(commits)
        try:
            await self._driver.transaction(partial(self._attempt, everything, rows, held, self._pass_gates))
        except _SomeGateClosed:
            await self._driver.transaction(partial(self._attempt, everything, rows, held, self._pass_each_gate))

    async def _attempt(
        self,
        everything: Sequence[Commit],
        rows: Sequence[Document],
        held: set[str],
        pass_gates: Callable[[Any, Mapping[_Step, Sequence[Gate]]], Awaitable[None]],
        session: Any,
    ) -> None:
        try:
            await self._database["commits"].insert_many(rows, ordered=True, session=session)
            await self._claim(session, everything, held)
            await pass_gates(session, _gates(everything))
            await self._insert_rows(session, everything)
        except (BulkWriteError, DuplicateKeyError) as error:
            if _is_duplicate(error):
                raise _Duplicate from error
            raise

    async def _claim(self, session: Any, commits: Sequence[Commit], held: set[str]) -> None:
        claims = self._database["claims"]
        at = to_micros(self._codec.now())
        releases = [(c, r) for c in commits for r in c.conditions if isinstance(r, Release)]
        if releases:
            result = await claims.bulk_write(
                [DeleteOne({"_id": r.id, "owner": c.stream}) for c, r in releases], ordered=True, session=session
            )
            if result.deleted_count != len(releases):
                raise LookupError(f"a claim to release is not there: {sorted(r.id for _, r in releases)}")
        wanted = [
            {"_id": k.id, "owner": c.stream, "at": at}
            for c in commits
            for k in c.conditions
            if isinstance(k, Claim) and k.id not in held
        ]
        if wanted:
            await claims.insert_many(wanted, ordered=True, session=session)

    async def _pass_gates(self, session: Any, steps: Mapping[_Step, Sequence[Gate]]) -> None:
        """All gates of a collection by one write [fifty branches of an import were fifty of them a chunk]."""
        updates: dict[str, list[UpdateOne]] = defaultdict(list)
        for step, gates in steps.items():
            where, change = _passing(gates)
            updates[step[0]].append(UpdateOne(where, change, upsert=gates[0].create))
        for collection, writes in updates.items():
            result = await self._database[collection].bulk_write(writes, ordered=True, session=session)
            if result.matched_count + result.upserted_count < len(writes):
                raise _SomeGateClosed

    async def _pass_each_gate(self, session: Any, steps: Mapping[_Step, Sequence[Gate]]) -> None:
        """One after the other, to find those that are closed."""
        for step, gates in steps.items():
            where, change = _passing(gates)
            collection = self._database[step[0]]
            result = await collection.update_one(where, change, upsert=gates[0].create, session=session)
            if not result.matched_count and result.upserted_id is None:
                raise _GateClosed(gates)

    async def _insert_rows(self, session: Any, commits: Sequence[Commit]) -> None:
        rows: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for commit in commits:
            for row in commit.conditions:
                if isinstance(row, Row):
                    rows[row.database, row.collection].append(row.document)
        for (database, collection), documents in rows.items():
            await self._driver.database(database)[collection].insert_many(documents, ordered=True, session=session)

    async def _fence_written(self, fence: Commit) -> bool:
        there = await self._database["commits"].find_one({"_id": fence.id}, {"commit_id": 1})
        if there is None:
            return False
        if there["commit_id"] != fence.commit_id:
            raise Fenced(fence.id)
        return True

    async def _sort_out(self, commits: Sequence[Commit], lost: dict[str, Lost], done: set[str], held: set[str]) -> bool:
        """After a duplicate: which commits are there already, which lost to whom. False if nothing was found."""
        before = len(lost) + len(done) + len(held)
        rows = await written(self._database["commits"], [c.id for c in commits])
        wanted = [k.id for c in commits for k in c.conditions if isinstance(k, Claim)]
        held_by = self._database["claims"].find({"_id": {"$in": wanted}}, {"owner": 1})
        owners = {d["_id"]: d["owner"] async for d in held_by}
        for commit in commits:
            if commit.id in rows:
                if rows[commit.id] == (commit.commit_id, commit.request.body_hash):
                    done.add(commit.commit_id)
                else:
                    lost[commit.commit_id] = Lost("version")
                continue
            for claim in (k for k in commit.conditions if isinstance(k, Claim) and k.id in owners):
                if owners[claim.id] == commit.stream:
                    held.add(claim.id)
                elif commit.commit_id not in lost:
                    lost[commit.commit_id] = Lost("claim", claim, owners[claim.id])
        await self._closed_gates(commits, lost, done)
        return len(lost) + len(done) + len(held) > before

    async def _closed_gates(self, commits: Sequence[Commit], lost: dict[str, Lost], done: set[str]) -> None:
        """A gate row that is to be made but stands in another state shows as a duplicate: find those."""
        alive = [c for c in commits if c.commit_id not in lost and c.commit_id not in done]
        gates = {(g.collection, g.id): g for c in alive for g in c.conditions if isinstance(g, Gate) and g.create}
        closed = []
        for (collection, id_), gate in gates.items():
            row = await self._database[collection].find_one({"_id": id_})
            if row and not await self._database[collection].find_one({"_id": id_, **gate.where}):
                closed.append(gate)
        lost |= _behind(closed, alive)


def _gates(commits: Sequence[Commit]) -> dict[_Step, list[Gate]]:
    """The steps of all commits on the same row with the same condition are one step; in one order for everybody."""
    steps: dict[_Step, list[Gate]] = defaultdict(list)
    for commit in commits:
        for gate in commit.conditions:
            if isinstance(gate, Gate):
                where, sets = (
                    orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in (dict(gate.where), _sets(gate))
                )
                steps[gate.collection, gate.id, gate.counter, where, sets].append(gate)
    return dict(sorted(steps.items()))


def _passing(gates: Sequence[Gate]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the row must be, and how it changes."""
    first = gates[0]
    change: dict[str, Any] = {"$inc": {first.counter: sum(g.by for g in gates)}}
    sets = _sets(first)
    return {"_id": first.id, **first.where}, change | ({"$set": sets} if sets else {})


def _sets(gate: Gate) -> dict[str, Any]:
    return {**gate.sets, **({"state": gate.state} if gate.state else {})}


async def _wait(patience: Iterator[int], duplicate: _Duplicate) -> None:
    """Before trying the same again; raises when patience ends."""
    if next(patience, None) is None:
        raise duplicate
    await asyncio.sleep(UNEXPLAINED_SECONDS)


async def written(collection: Any, rows: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Whose commits lie there: row id -> commit id and request hash. The same key with another body is another's."""
    found = collection.find({"_id": {"$in": list(rows)}}, {"commit_id": 1, "request_hash": 1})
    return {d["_id"]: (d["commit_id"], d["request_hash"]) async for d in found}


def _behind(gates: Sequence[Gate], commits: Sequence[Commit]) -> dict[str, Lost]:
    """Everyone who needs a gate that is closed loses."""
    return {c.commit_id: Lost("gate", g) for c in commits for g in c.conditions if g in gates}


def _clashes_inside(commits: Sequence[Commit]) -> dict[str, Lost]:
    """Of two commits that want the same claim, the later one loses, if the earlier one goes in."""
    owners: dict[str, str] = {}
    streams: set[str] = set()
    lost: dict[str, Lost] = {}
    for commit in commits:
        if commit.stream in streams:
            raise ValueError(f"two commits of {commit.stream} in one chunk")
        streams.add(commit.stream)
        for claim in commit.conditions:
            if isinstance(claim, Claim) and owners.setdefault(claim.id, commit.stream) != commit.stream:
                lost[commit.commit_id] = Lost("claim", claim, owners[claim.id])
                break
    return lost


def _is_duplicate(error: BulkWriteError | DuplicateKeyError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    return any(e["code"] == DUPLICATE for e in (error.details or {}).get("writeErrors", []))
