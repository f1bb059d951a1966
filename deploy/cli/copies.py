"""What `tuan doctor` and `tuan verify` say of copies of read models: rebuilds that run, failed or were broken off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from shared.kernel.clock import from_micros, iso
from shared.messaging.generations import CHECKPOINT, CHECKPOINTS
from shared.projections.copies import COPIES
from shared.runtime.parts import SOURCES

Row = dict[str, Any]


@dataclass(frozen=True)
class Unfinished:
    """A read model that is not as it stays: `fault` where nobody works on it; `advice` is the command to run next."""

    what: str
    fault: bool
    advice: str = ""


def unfinished(client: MongoClient[Row], namespace: str) -> Iterator[Unfinished]:
    """Of every service, as its rows say. Raises what MongoDB raises."""
    checkpoint = client[f"{namespace}relay"][CHECKPOINTS].find_one({"_id": CHECKPOINT}) or {}
    if beginning := checkpoint.get("beginning"):
        yield Unfinished(f"generation {beginning} of the topics is not filled yet", fault=True, advice="tuan republish")
    for service in SOURCES:
        database = client[f"{namespace}{service}"]
        leases = {row["_id"]: row for row in database["leases"].find({"_id": {"$regex": "^rebuild/"}})}
        for row in database[COPIES].find({}).sort("_id", 1):
            name = f"{service}.{row['_id'].rsplit('-v', 1)[0]}"
            lease = leases.get(f"rebuild/{row['_id']}", {})
            yield from _of(name, row, working=_lasts(lease), generation=checkpoint.get("generation", 1))


def _of(name: str, row: Mapping[str, Any], *, working: bool, generation: int) -> Iterator[Unfinished]:
    kept = set(row["generations"]) - {str(row["read"]), str(row["fed"]), str(row.get("built"))}
    if working:
        yield Unfinished(f"{name} is being rebuilt", fault=False)
    elif differ := row.get("differ"):
        what = f"the new copy of {name} differs from the one that is read, first in {differ[0]}"
        yield Unfinished(what, fault=True, advice=f"tuan rebuild {name} --accept, or --abandon")
    elif "built" in row:
        since = iso(from_micros(row["since"]))
        what = f"the rebuild of {name}, begun {since}, was broken off"
        yield Unfinished(what, fault=True, advice=f"tuan rebuild {name}, or with --abandon")
    elif row["generations"][str(row["read"])] != generation:
        what = f"{name} is made of older topics than those of generation {generation}"
        yield Unfinished(what, fault=True, advice="tuan republish")
    elif kept:
        yield Unfinished(f"{name} keeps an old copy", fault=True, advice=f"tuan rebuild {name} --abandon")


def _lasts(lease: Mapping[str, Any]) -> bool:
    until: datetime | None = lease.get("until")
    return until is not None and until.replace(tzinfo=UTC) > datetime.now(UTC)
