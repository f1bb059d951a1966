"""The relay's start: the only place where a mistake would be silent, so everything is checked (kernel.md 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from bson import Timestamp
from pymongo.errors import OperationFailure

from services.relay.audit import Miscount, now_on, unproved
from services.relay.checkpoint import BEGINNING, Checkpoint, CheckpointStore
from services.relay.epochs import begin_epoch
from services.relay.kafka_tails import TailLost, Tails, ends_of, kafka_loss, not_empty, read_tails
from services.relay.stopped import RelayStopped
from shared.eventstore.driver import Driver
from shared.messaging.consumer import connection
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import log_topic
from shared.runtime.settings import Settings

log = structlog.get_logger()

HISTORY_LOST = {280, 286}
"""ChangeStreamFatalError (the token is not in the oplog) and ChangeStreamHistoryLost (the oplog has moved on)."""
_TOKEN_UNREADABLE = {9, 40_647, 40_648, 40_649, 50_811, 260}


@dataclass(frozen=True, slots=True)
class Ready:
    """What the relay goes on from, into `topics`. By `until`, everything in `tails` must have come again."""

    topics: Topics
    checkpoint: Checkpoint
    tails: Tails
    until: Timestamp


async def begin(driver: Driver, settings: Settings, services: Sequence[str], store: CheckpointStore) -> Ready:
    """Holds the checkpoint, mends what can be mended, and checks. Raises RelayStopped.

    Raises OperationFailure as MongoDB does where the token is lost.
    """
    if await store.restoring():
        raise RelayStopped(
            "half-restored",
            "A restore of this system has begun and not ended, so its commits are not whole. Keep the relay and all "
            "services down and say `tuan restore` again; it begins anew.",
        )
    checkpoint = await store.load()
    topics = Topics(settings.namespace, checkpoint.filling if checkpoint else 1)
    new = [s for s in services if s not in checkpoint.ordinals] if checkpoint and not checkpoint.lost else []
    if checkpoint is None:
        checkpoint = await _first(driver, settings, topics, services, store)
    now = await now_on(driver)
    if checkpoint.reached > now:
        raise RelayStopped(
            "token-ahead",
            f"The relay's checkpoint is of {checkpoint.reached.as_datetime()}, MongoDB's own history ends at "
            f"{now.as_datetime()}: MongoDB was restored or replaced. Keep the relay down and restore MongoDB to a "
            "moment after the checkpoint; or, if what MongoDB has now is the truth, `tuan republish`.",
        )
    if checkpoint.lost:
        checkpoint = await begin_epoch(driver, settings, topics, services, store, checkpoint)
    await store.hold(checkpoint.epoch)
    await _newcomers(driver, settings, new, checkpoint)
    checkpoint, tails = await _tails(settings, topics, services, store, checkpoint)
    needed = [log_topic(s) for s in services] + ([LANE] if LANE.split(".", maxsplit=1)[0] in services else [])
    await topics.ensure(connection(settings), needed, settings.partitions, settings.replication)
    # After the tails were read: a relay that does not know yet that it was superseded sends until it saves.
    return Ready(topics, checkpoint, tails, await now_on(driver))


async def _tails(
    settings: Settings, topics: Topics, services: Sequence[str], store: CheckpointStore, checkpoint: Checkpoint
) -> tuple[Checkpoint, Tails]:
    """What lies behind the checkpoint; after a loss in Kafka's tail, behind the last kept one before the loss."""
    try:
        return checkpoint, await read_tails(settings, topics, services, checkpoint.chain)
    except TailLost as loss:
        lost = loss
    log.critical("relay.kafka_loss", reason=str(lost))
    await topics.ensure(
        connection(settings), {topic for topic, _ in checkpoint.chain}, settings.partitions, settings.replication
    )
    ends = await ends_of(settings, topics, services)
    if checkpoint.chain.keys() <= ends.keys():
        async for minute in store.minutes():
            if minute.lost or minute.epoch != checkpoint.epoch:
                continue
            if any(link.offset >= ends[place] for place, link in minute.chain.items()):
                continue
            try:
                tails = await read_tails(settings, topics, services, minute.chain, gaps=True)
            except TailLost:
                continue
            await store.replace(minute)
            log.critical("relay.sends_again", reached=str(minute.reached))
            return minute, tails
    raise kafka_loss(lost)


def unreadable(error: OperationFailure) -> RelayStopped | None:
    """The stop for a token that MongoDB does not understand; None for an error that passes."""
    if error.code in _TOKEN_UNREADABLE:
        return RelayStopped(
            "token-unreadable",
            f"MongoDB does not accept the relay's resume token ({error.code}): the checkpoint was damaged, or comes "
            "from another server. Restore the relay's database from its backup, or send everything anew: "
            "`tuan republish`.",
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
            "lost, or Kafka belongs to another system. Restore the relay's database, or, if it is this system's Kafka, "
            "send everything anew: `tuan republish`. On a machine for trying, `make reset` begins anew.",
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
    missing = await unproved(driver, settings, new, checkpoint.resume)
    if missing:
        raise RelayStopped(
            "newcomer",
            f"A service had commits before the relay knew it ({_sentence(missing)}), and they were never sent. Start "
            "the relay without it, or send everything anew: `tuan republish`.",
        )


def _older_than_oplog(what: str) -> RelayStopped:
    return RelayStopped(
        "older-than-oplog",
        f"This is the relay's first start, but commits are there which MongoDB's oplog does not hold ({what}): a "
        "stream would leave them out. Restore the relay's database that belongs to these commits, or send everything "
        "anew: `tuan republish`. On a machine for trying, `make reset` begins anew.",
    )


def _sentence(missing: Sequence[Miscount]) -> str:
    return "; ".join(f"{m.service}: {m.commits} commits, {m.numbered} of them in the stream" for m in missing)
