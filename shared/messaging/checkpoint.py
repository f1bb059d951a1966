"""What the relay remembers between two starts: one document, each write of it fenced by epoch and holder.

The form is stored and stays (docs/decisions/0001): `{_id, epoch, holder, token, start, ordinals: {service: n},
chain: {"org/log/v1/0": {position, id, offset}}, saved_at, lag_us}`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp

from shared.messaging.numbering import Link, Place
from shared.messaging.wire import Position

CHECKPOINT_ID = "relay"


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
        self._rows = database["checkpoint"]
        self._holder = holder

    async def load(self) -> Checkpoint | None:
        """None before the very first start."""
        row = await self._rows.find_one({"_id": CHECKPOINT_ID})
        return _read(row) if row else None

    async def create(self, start: Timestamp) -> Checkpoint:
        """The first checkpoint of all: nothing sent yet. Raises DuplicateKeyError if there is one."""
        row = {
            "_id": CHECKPOINT_ID,
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
            change[f"chain.{_name(place)}"] = {"position": str(link.position), "id": link.id, "offset": link.offset}
        await self._update(epoch, {"holder": self._holder}, change)

    async def _update(self, epoch: int, also: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        result = await self._rows.update_one({"_id": CHECKPOINT_ID, "epoch": epoch, **also}, {"$set": change})
        if not result.matched_count:
            raise Superseded(f"the checkpoint is no longer of epoch {epoch} and {self._holder}")


def _name(place: Place) -> str:
    """`org/log/v1/0`: dots would be paths in an update."""
    topic, partition = place
    return f"{topic.replace('.', '/')}/{partition}"


def _place(name: str) -> Place:
    topic, _, partition = name.rpartition("/")
    return topic.replace("/", "."), int(partition)


def _read(row: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        epoch=row["epoch"],
        token=row["token"],
        start=row["start"],
        ordinals=row["ordinals"],
        chain={
            _place(name): Link(Position.parse(link["position"]), link["id"], link["offset"])
            for name, link in row["chain"].items()
        },
        saved_at=row["saved_at"],
        lag_us=row["lag_us"],
    )
