"""A new epoch: the same history goes on after the change stream was lost (kernel.md 3).

The order is the proof. The compare-and-set ends every older relay's writes; the marker in every partition makes readers
drop what such a relay still sends; what lies before the marker is in MongoDB's history by the moment asked for after
the marker was acknowledged; what commits of that moment are not before the marker is sent behind it; from that moment
on the stream goes on.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from bson import Timestamp
from pymongo.errors import OperationFailure

from services.relay.audit import SNAPSHOT_TOO_OLD, commits_at, now_on
from services.relay.checkpoint import Checkpoint, CheckpointStore
from services.relay.kafka_tails import TailLost, kafka_loss, other_history, read_tails
from services.relay.numbering import BEAT_INDEX, Link, Numbering, Place
from services.relay.sending import Sender, sending
from services.relay.stopped import RelayStopped
from shared.eventstore.driver import Driver
from shared.messaging.consumer import connection
from shared.messaging.topics import LANE, Topics
from shared.messaging.wire import records_of
from shared.runtime.settings import Settings

OVERLAP_SECONDS = 3_600
"""By how much a commit's instant may differ from the moment of its insert: clocks of services, waiting."""


async def begin_epoch(
    driver: Driver,
    settings: Settings,
    topics: Topics,
    services: Sequence[str],
    store: CheckpointStore,
    lost: Checkpoint,
) -> Checkpoint:
    """Goes from a checkpoint without a usable token to one of the next epoch, with everything up to it sent.

    A new generation begins so too, of nothing: everything there is gets sent into its topics.

    May stop anywhere: the next start begins a further epoch, and finds in Kafka what this one had sent. Raises
    RelayStopped where Kafka and MongoDB do not tell the same history, Superseded if another relay was first.
    """
    epoch = await store.raise_epoch(lost.epoch)
    there = await topics.there(connection(settings), services)
    async with sending(settings, topics) as sender:
        await sender.know(there)
        numbering = Numbering(sender.partitions.__getitem__, epoch)
        markers = [record for topic in there for record in numbering.mark(topic)]
        _note(numbering, await sender.send(markers))
        time = await now_on(driver)
        before = await _before_markers(settings, topics, services, store, lost)
        scan = Scan(driver, settings, sender, numbering, time)
        sent = {link.id for links in before.values() for link in links}
        unproved = _behind(before, lost.chain) - {record.id for record in markers}
        for service in services:
            since = _since(settings, lost) if service in lost.ordinals else None
            unproved -= await scan.send(service, since, sent)
    if unproved:
        place = next(p for p, links in before.items() if any(link.id in unproved for link in links))
        raise other_history(place, f"has {len(unproved)} records behind the checkpoint that MongoDB does not have")
    begun = Checkpoint(
        epoch,
        None,
        Timestamp(time.time, time.inc + 1),
        numbering.ordinals,
        numbering.chain,
        generation=lost.filling,
    )
    await store.replace(begun)
    return begun


class Scan:
    """Sends what commits hold at one moment, in the order of their instants: a stream's commits in their order."""

    def __init__(
        self, driver: Driver, settings: Settings, sender: Sender, numbering: Numbering, time: Timestamp
    ) -> None:
        self._driver = driver
        self._settings = settings
        self._sender = sender
        self._numbering = numbering
        self._time = time

    async def send(self, service: str, since: int | None, sent: Container[str] = ()) -> set[str]:
        """Numbers a source's commits from the instant `since` on and sends their records but those in `sent`.

        Answers the ids of these. Raises RelayStopped when it takes longer than MongoDB keeps the moment.
        """
        older = await commits_at(self._driver, self._settings, service, self._time, since) if since else 0
        self._numbering.ordinals[service] = older
        met: set[str] = set()
        query = {"at": {"$gte": since}} if since else {}
        database = self._settings.database(service)
        try:
            async for commits in self._driver.found_at(database, "commits", self._time, query, {"at": 1}):
                await self._send(service, commits, sent, met)
        except OperationFailure as error:
            if error.code != SNAPSHOT_TOO_OLD:
                raise
            raise _too_long(service) from error
        return met

    async def _send(
        self, service: str, commits: Sequence[Mapping[str, Any]], sent: Container[str], met: set[str]
    ) -> None:
        outgoing = [out for commit in commits for out in records_of(commit, service)]
        met.update(out.recorded.event_id for out in outgoing if out.recorded.event_id in sent)
        await self._sender.know({out.topic for out in outgoing} - self._sender.partitions.keys())
        numbered = [record for commit in commits for record in self._numbering.commit(service, commit, sent)]
        _note(self._numbering, await self._sender.send(numbered))


async def _before_markers(
    settings: Settings, topics: Topics, services: Sequence[str], store: CheckpointStore, lost: Checkpoint
) -> dict[Place, list[Link]]:
    """What every reader applied before the markers, of the time that is scanned. Raises RelayStopped.

    Read from the newest checkpoint that is older than everything scanned, and judged as readers judge: a record behind
    a gap was never applied, so it does not count as sent.
    """
    oldest = lost.reached.time - 2 * OVERLAP_SECONDS
    known: Mapping[Place, Link] = {}
    async for minute in store.minutes():
        if minute.generation == topics.generation and minute.reached.time < oldest:
            known = minute.chain
            break
    try:
        read = await read_tails(settings, topics, services, known, gaps=True)
    except TailLost as loss:
        raise kafka_loss(loss) from loss
    before = {place: list(links) for place, links in read.waiting.items()}
    for place, link in lost.chain.items():
        there = known.get(place) == link or any(link.id == each.id for each in before.get(place, ()))
        if not there and place[0] != LANE:
            raise kafka_loss(TailLost(place, f"{link.position} is not there"))
    return before


def _behind(before: Mapping[Place, list[Link]], chain: Mapping[Place, Link]) -> set[str]:
    """The ids of records of commits that lie behind the checkpoint: MongoDB must have them."""
    return {
        link.id
        for place, links in before.items()
        for link in links
        if not link.position.is_marker
        and link.position.index < BEAT_INDEX
        and (place not in chain or link.position > chain[place].position)
    }


def _since(settings: Settings, lost: Checkpoint) -> int:
    """Commits whose instant (microseconds) is earlier were sent before the token was lost."""
    moved = int(settings.clock_offset_seconds)
    return (lost.reached.time + moved - OVERLAP_SECONDS) * 1_000_000


def _too_long(service: str) -> RelayStopped:
    return RelayStopped(
        "scan-too-long",
        f"Reading the commits of {service} took longer than MongoDB keeps one moment of them. Set its parameter "
        "minSnapshotHistoryWindowInSeconds to some hours until this is done, and start the relay again.",
    )


def _note(numbering: Numbering, offsets: dict[Place, int]) -> None:
    for place, offset in offsets.items():
        numbering.chain[place] = numbering.chain[place]._replace(offset=offset)
