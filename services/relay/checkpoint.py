"""What the relay remembers between two starts: one document, each write of it fenced by epoch and holder.

The form is stored and stays (docs/decisions/0001): `{_id, epoch, holder, token, start, ordinals: {service: n},
chain: {"org/log/v1/0": {position, id, offset}}, saved_at, lag_us}`, and `lost: true` from the moment the token is lost
until a new epoch has begun; `generation` of the topics (absent: 1), and `beginning`, the one that is to be filled,
until it is. `minutes` holds the same document as it was once a minute, its `_id` the minute since 1970.
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp
from pymongo.errors import DuplicateKeyError

from services.relay.numbering import Link, Place
from shared.messaging.generations import CHECKPOINT, CHECKPOINTS
from shared.messaging.wire import Position

KEPT_MINUTES = 48 * 60
"""As far back as an oplog should reach (oplogMinRetentionHours)."""
MINUTE_MICROS = 60_000_000
RESTORING = "restoring"
"""A collection beside it: holds a row as long as a restore is under way."""
BEGINNING = Timestamp(1, 1)
"""Before every oplog: MongoDB takes it only if the oplog reaches back to the set's initiation, and says 286 else."""


class Superseded(Exception):
    """Another relay holds the checkpoint, or its epoch is newer: this one forgets everything."""


def token_time(token: Mapping[str, Any]) -> Timestamp:
    """The cluster time a resume token stands for: bytes 1 to 8 of its hexadecimal text."""
    raw = bytes.fromhex(token["_data"][2:18])
    return Timestamp(int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big"))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far everything sent is known to lie in Kafka. Until the first token there is only `start`."""

    epoch: int
    token: Mapping[str, Any] | None
    start: Timestamp
    ordinals: Mapping[str, int]
    chain: Mapping[Place, Link]
    saved_at: int = 0
    lag_us: int = 0
    lost: bool = False
    generation: int = 1
    beginning: int = 0

    @property
    def filling(self) -> int:
        """The generation of the topics that the relay writes to; readers follow when it has become `generation`."""
        return self.beginning or self.generation

    @property
    def reached(self) -> Timestamp:
        """The cluster time up to which commits are numbered."""
        return token_time(self.token) if self.token else self.start

    @property
    def resume(self) -> dict[str, Any]:
        """How the change stream goes on from here."""
        if self.token:
            return {"resume_after": self.token}
        return {"start_at_operation_time": self.start}


class CheckpointStore:
    """The checkpoint in the relay's database. `holder` names this relay's hold of the lease."""

    def __init__(self, database: Any, holder: str) -> None:
        self._rows = database[CHECKPOINTS]
        self._minutes = database["minutes"]
        self._restoring = database[RESTORING]
        self._holder = holder

    async def load(self) -> Checkpoint | None:
        """None before the very first start."""
        row = await self._rows.find_one({"_id": CHECKPOINT})
        return _read(row) if row else None

    async def create(self, start: Timestamp) -> Checkpoint:
        """The first checkpoint of all: nothing sent yet. Raises DuplicateKeyError if there is one."""
        row = {
            "_id": CHECKPOINT,
            "epoch": 1,
            "holder": self._holder,
            "token": None,
            "start": start,
            "ordinals": {},
            "chain": {},
            "saved_at": 0,
            "lag_us": 0,
        }
        await self._rows.insert_one(row)
        before = start.time // 60 - 1
        await self._minutes.replace_one({"_id": before}, row | {"_id": before}, upsert=True)
        return _read(row)

    async def hold(self, epoch: int) -> None:
        """Makes this relay the only one whose writes pass. Raises Superseded if the epoch has moved."""
        await self._update(epoch, {}, {"holder": self._holder})

    async def save(
        self,
        epoch: int,
        token: Mapping[str, Any],
        ordinals: Mapping[str, int],
        links: Iterable[tuple[Place, Link]],
        seen: Mapping[str, int],
    ) -> None:
        """Moves on to `token`, after every record up to it was acknowledged. `links` are those that changed.

        `seen` has `saved_at` and `lag_us`, for whoever looks after the relay.
        """
        change: dict[str, Any] = {"token": dict(token), **seen}
        change |= {f"ordinals.{service}": n for service, n in ordinals.items()}
        for place, link in links:
            change[f"chain.{_name(place)}"] = _stored(link)
        await self._update(epoch, {"holder": self._holder}, change)

    async def keep_minute(self, minute: int) -> None:
        """Keeps the checkpoint as it is now under a minute since 1970, and forgets those of two days before.

        Whoever saved it, a checkpoint that was saved is a true one: this write needs no fence.
        """
        row = await self._rows.find_one({"_id": CHECKPOINT})
        with contextlib.suppress(DuplicateKeyError):  # another relay keeps this very minute
            await self._minutes.replace_one({"_id": minute}, row | {"_id": minute}, upsert=True)
        await self._minutes.delete_many({"_id": {"$lt": minute - KEPT_MINUTES}})

    async def minutes(self) -> AsyncIterator[Checkpoint]:
        """The kept ones, the newest first."""
        async for row in self._minutes.find({}).sort("_id", -1):
            yield _read(row)

    async def restoring(self) -> bool:
        """Whether a restore has begun and not ended: what the commits hold is not whole."""
        return await self._restoring.find_one({}) is not None

    async def lose_token(self, epoch: int) -> None:
        """From here on every start begins a new epoch, until one has begun. Raises Superseded."""
        await self._update(epoch, {"holder": self._holder}, {"lost": True})

    async def raise_epoch(self, epoch: int) -> int:
        """Compare-and-set: from here on no write of an older relay passes. Answers the new epoch; raises Superseded."""
        await self._update(epoch, {"lost": True}, {"epoch": epoch + 1, "holder": self._holder})
        return epoch + 1

    async def begin_generation(self, generation: int, read: int = 1) -> None:
        """From here on no relay's write passes until one has filled that generation's topics from the first commit on.

        Also where there is no checkpoint any more: then readers hear the generation `read` until it is filled. The form
        of an epoch's change, of which nothing was sent.
        """
        change: dict[str, Any] = {
            "beginning": generation,
            "lost": True,
            "token": None,
            "start": BEGINNING,
            "ordinals": {},
            "chain": {},
            "holder": self._holder,
        }
        new = {"generation": read, "saved_at": 0, "lag_us": 0}
        await self._rows.update_one(
            {"_id": CHECKPOINT}, {"$set": change, "$inc": {"epoch": 1}, "$setOnInsert": new}, upsert=True
        )

    async def replace(self, checkpoint: Checkpoint) -> None:
        """Puts another checkpoint of the same epoch in the place of the present one. Raises Superseded."""
        change = {
            "token": checkpoint.token,
            "start": checkpoint.start,
            "ordinals": dict(checkpoint.ordinals),
            "chain": {_name(place): _stored(link) for place, link in checkpoint.chain.items()},
            "lost": False,
            "generation": checkpoint.generation,
            "beginning": 0,
        }
        await self._update(checkpoint.epoch, {"holder": self._holder}, change)

    async def _update(self, epoch: int, also: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        result = await self._rows.update_one({"_id": CHECKPOINT, "epoch": epoch, **also}, {"$set": change})
        if not result.matched_count:
            raise Superseded(f"the checkpoint is no longer of epoch {epoch} and {self._holder}")


def places_of(chain: Mapping[str, Mapping[str, Any]]) -> dict[Place, Link]:
    """The links of a stored checkpoint."""
    return {
        _place(name): Link(Position.parse(link["position"].encode()), link["id"], link["offset"])
        for name, link in chain.items()
    }


def _name(place: Place) -> str:
    """`org/log/v1/0`: dots would be paths in an update."""
    topic, partition = place
    return f"{topic.replace('.', '/')}/{partition}"


def _stored(link: Link) -> dict[str, Any]:
    return {"position": str(link.position), "id": link.id, "offset": link.offset}


def _place(name: str) -> Place:
    topic, _, partition = name.rpartition("/")
    return topic.replace("/", "."), int(partition)


def _read(row: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        epoch=row["epoch"],
        token=row["token"],
        start=row["start"],
        ordinals=row["ordinals"],
        chain=places_of(row["chain"]),
        saved_at=row["saved_at"],
        lag_us=row["lag_us"],
        lost=row.get("lost", False),
        generation=row.get("generation", 1),
        beginning=row.get("beginning", 0),
    )
