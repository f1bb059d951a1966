"""The relay's start: the only place where a mistake would be silent, so everything is checked (kernel.md 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import Timestamp
from pymongo.errors import OperationFailure

from shared.eventstore.driver import Driver
from shared.messaging.audit import Miscount, now_on, unproved
from shared.messaging.checkpoint import Checkpoint, CheckpointStore
from shared.messaging.consumer import connection
from shared.messaging.kafka_tails import Tails, not_empty, read_tails
from shared.messaging.stopped import RelayStopped
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import log_topic
from shared.runtime.settings import Settings

BEGINNING = Timestamp(1, 1)
"""Before every oplog: MongoDB takes it only if the oplog reaches back to the set's initiation, and says 286 else."""

HISTORY_LOST = {280, 286}
"""ChangeStreamFatalError (the token is not in the oplog) and ChangeStreamHistoryLost (the oplog has moved on)."""
_TOKEN_UNREADABLE = {9, 40_647, 40_648, 40_649, 50_811, 260}


@dataclass(frozen=True, slots=True)
class Ready:
    """What the relay goes on from. By `until`, everything in `tails` must have come again."""

    checkpoint: Checkpoint
    tails: Tails
    until: Timestamp


async def begin(
    driver: Driver, settings: Settings, topics: Topics, services: Sequence[str], store: CheckpointStore
) -> Ready:
    """Holds the checkpoint, makes the topics the relay itself needs, and checks. Raises RelayStopped."""
    checkpoint = await store.load()
    new = [s for s in services if s not in checkpoint.ordinals] if checkpoint else []
    if checkpoint is None:
        checkpoint = await _first(driver, settings, topics, services, store)
    await store.hold(checkpoint.epoch)
    until = await now_on(driver)
    if checkpoint.reached > until:
        raise RelayStopped(
            "token-ahead",
            f"The relay's checkpoint is of {checkpoint.reached.as_datetime()}, MongoDB's own history ends at "
            f"{until.as_datetime()}: MongoDB was restored or replaced. Keep the relay down and restore MongoDB to a "
            "moment after the checkpoint, or Kafka and the relay's database to MongoDB's.",
        )
    await _newcomers(driver, settings, new, checkpoint)
    tails = await read_tails(settings, topics, services, checkpoint.chain)
    needed = [log_topic(s) for s in services] + ([LANE] if LANE.split(".", maxsplit=1)[0] in services else [])
    await topics.ensure(connection(settings), needed, settings.partitions, settings.replication)
    return Ready(checkpoint, tails, until)


def lost_history(error: OperationFailure) -> RelayStopped | None:
    """The stop for a stream that MongoDB will not go on with; None for an error that passes."""
    if error.code in HISTORY_LOST:
        return RelayStopped(
            "history-lost",
            "MongoDB's oplog no longer reaches back to where the relay stopped, so the commits since then cannot be "
            "read as a stream. Keep the relay down (commands go on being recorded, nothing is lost) and begin a new "
            "epoch; then set oplogMinRetentionHours to 48 or more. Do not delete the checkpoint.",
        )
    if error.code in _TOKEN_UNREADABLE:
        return RelayStopped(
            "token-unreadable",
            f"MongoDB does not accept the relay's resume token ({error.code}): the checkpoint was damaged, or comes "
            "from another server. Keep the relay down and restore the relay's database from its backup.",
        )
    return None


async def _first(
    driver: Driver, settings: Settings, topics: Topics, services: Sequence[str], store: CheckpointStore
) -> Checkpoint:
    """The very first start: from the first commit of all on, or not at all."""
    if filled := await not_empty(settings, topics, services):
        raise RelayStopped(
            "no-checkpoint",
            f"The relay has no checkpoint, yet Kafka holds records in {', '.join(filled)}: the relay's database was "
            "lost, or Kafka belongs to another system. Restore the relay's database; on a machine for trying, "
            "`make reset` begins anew.",
        )
    start = await now_on(driver)
    try:
        missing = await unproved(driver, settings, services, {"start_at_operation_time": start})
        if missing:
            # Services were faster than the relay: from the beginning of the oplog, if that proves to hold everything.
            start = BEGINNING
            missing = await unproved(driver, settings, services, {"start_at_operation_time": start})
    except OperationFailure as error:
        if error.code not in HISTORY_LOST:
            raise
        raise _older_than_oplog("the oplog begins after the first commit") from error
    if missing:
        raise _older_than_oplog(_sentence(missing))
    return await store.create(start)


async def _newcomers(driver: Driver, settings: Settings, new: Sequence[str], checkpoint: Checkpoint) -> None:
    """A source the relay has not numbered yet must have begun after the checkpoint."""
    try:
        missing = await unproved(driver, settings, new, checkpoint.resume)
    except OperationFailure as error:
        if stop := lost_history(error):
            raise stop from error
        raise
    if missing:
        raise RelayStopped(
            "newcomer",
            f"A service had commits before the relay knew it ({_sentence(missing)}), and they were never sent. Start "
            "the relay without it, and have its topics published anew from its store.",
        )


def _older_than_oplog(what: str) -> RelayStopped:
    return RelayStopped(
        "older-than-oplog",
        f"This is the relay's first start, but commits are there which MongoDB's oplog does not hold ({what}): a "
        "stream would leave them out. Restore the relay's database that belongs to these commits; on a machine for "
        "trying, `make reset` begins anew.",
    )


def _sentence(missing: Sequence[Miscount]) -> str:
    return "; ".join(f"{m.service}: {m.commits} commits, {m.numbered} of them in the stream" for m in missing)
