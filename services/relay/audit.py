"""Ordinal = number of the source's commits at that point (kernel.md 3): sees what the chain of records cannot."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp
from pymongo.errors import OperationFailure

from services.relay.checkpoint import Checkpoint
from services.relay.tail import Passing, tailing
from shared.eventstore.driver import Driver
from shared.runtime.settings import Settings

_COUNT_MS_MAX = 600_000
_BATCH = 2_000
SNAPSHOT_TOO_OLD = 239
_SNAPSHOT_UNAVAILABLE = 246


class Behind(Exception):
    """There is nothing to compare yet; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Miscount:
    """A source of which the relay numbered another number of commits than there are."""

    service: str
    numbered: int
    commits: int

    def __str__(self) -> str:
        return f"{self.service} has {self.commits} commits, the relay numbered {self.numbered}"


async def now_on(driver: Driver) -> Timestamp:
    """The set's present cluster time: whatever was acknowledged before lies before it."""
    answer = await driver.database("admin").command("ping")
    time: Timestamp = answer["operationTime"]
    return time


async def commits_at(
    driver: Driver, settings: Settings, service: str, time: Timestamp, before: int | None = None
) -> int:
    """How many commits a source had at a cluster time (a scan of an index: about 1 us each).

    With `before` only those whose instant (microseconds) is earlier.

    Raises Behind when MongoDB has no snapshot of `time`: more than five minutes ago, or before the collection.
    """
    older = {} if before is None else {"at": {"$lt": before}}
    command: dict[str, Any] = {
        "aggregate": "commits",
        "pipeline": [{"$match": older}, {"$group": {"_id": None, "n": {"$sum": 1}}}],
        "cursor": {},
        "readConcern": {"level": "snapshot", "atClusterTime": time},
        "maxTimeMS": _COUNT_MS_MAX,
    }
    if not older:
        command["hint"] = "_id_"
    try:
        answer = await driver.database(settings.database(service)).command(command)
    except OperationFailure as error:
        if error.code == SNAPSHOT_TOO_OLD:
            raise Behind("the relay's checkpoint is more than five minutes old: it is down, or late") from error
        if error.code == _SNAPSHOT_UNAVAILABLE:
            raise Behind(f"{service}'s commits, or an index of theirs, were made after the checkpoint") from error
        raise
    rows = answer["cursor"]["firstBatch"]
    return int(rows[0]["n"]) if rows else 0


async def miscounts(
    driver: Driver, settings: Settings, services: Collection[str], checkpoint: Checkpoint
) -> list[Miscount]:
    """Compares a checkpoint with the stores at the very moment it stands for."""
    found = []
    for service in services:
        numbered = checkpoint.ordinals.get(service, 0)
        commits = await commits_at(driver, settings, service, checkpoint.reached)
        if commits != numbered:
            found.append(Miscount(service, numbered, commits))
    return found


async def unproved(
    driver: Driver, settings: Settings, services: Collection[str], resume: Mapping[str, Any]
) -> list[Miscount]:
    """Of sources not numbered yet: those whose commits a stream from `resume` on does not give in full.

    One pass over the stream up to now, in which nothing is sent. Raises what MongoDB says of the stream.
    """
    until = await now_on(driver)
    there = {s: await commits_at(driver, settings, s, until) for s in services}
    wanted = {settings.database(s): s for s, n in there.items() if n}
    seen = dict.fromkeys(wanted.values(), 0)
    if wanted:
        passing = Passing(until)
        async with tailing(driver, resume) as tail:
            while not passing.passed:
                for change in await tail.take(_BATCH, 0):
                    if not passing.see(change) and change.collection == "commits" and change.database in wanted:
                        seen[wanted[change.database]] += 1
    return [Miscount(s, seen[s], n) for s, n in there.items() if s in seen and seen[s] != n]
