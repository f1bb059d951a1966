"""What had been published beyond a backup: others have heard of it, and the restored system has not.

Read from the backed-up system's topics, from where its relay stood at the backup on and in all generations begun since;
whatever is of no restored commit is listed, a line of JSON each: topic, partition, offset, id, type, stream, version,
time. Nothing of what the events say.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson
from aiokafka import TopicPartition

from deploy.backup.manifest import Manifest
from deploy.backup.problems import CannotRestore
from services.relay.checkpoint import places_of
from services.relay.numbering import BEAT_INDEX
from shared.eventstore.commits import row_id
from shared.eventstore.driver import Driver
from shared.kernel import ids
from shared.kernel.clock import iso
from shared.messaging.consumer import connection, make_consumer
from shared.messaging.topics import Topics
from shared.messaging.wire import Position, Received, decode
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Settings

_IDLE_MS = 500


@dataclass(slots=True)
class Beyond:
    """How many events of each type, each counted once, in which generations of topics: none where Kafka has none."""

    generations: tuple[int, ...]
    types: Counter[str] = field(default_factory=Counter)

    @property
    def events(self) -> int:
        return self.types.total()


async def list_beyond(driver: Driver, settings: Settings, manifest: Manifest, report: Path) -> Beyond:
    """Writes the list to `report` and answers its sums. The commits are restored already. Raises CannotRestore."""
    there = await Topics(manifest.namespace).generations(connection(settings))
    relayed = manifest.relayed.generation if manifest.relayed else 1
    beyond = Beyond(tuple(sorted(generation for generation in there if generation >= relayed)))
    if not there:
        return beyond
    try:
        with os.fdopen(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            listed: set[str] = set()
            for generation in beyond.generations:
                topics = Topics(manifest.namespace, generation)
                reading = _Reading(driver, settings, topics, beyond, file, listed)
                await reading.read(_starts(manifest, topics))
    except OSError as error:
        raise CannotRestore(
            f"{report} cannot be written: {error.strerror}; name another file with --report."
        ) from error
    return beyond


def _starts(manifest: Manifest, topics: Topics) -> Mapping[tuple[str, int], int]:
    """Up to these offsets everything was of commits before the backup; in topics of another generation nothing is."""
    relayed = manifest.relayed
    if relayed is None or relayed.generation != topics.generation:
        return {}
    return {place: link.offset for place, link in places_of(relayed.chain).items()}


class _Reading:
    def __init__(
        self, driver: Driver, settings: Settings, topics: Topics, beyond: Beyond, file: IO[bytes], listed: set[str]
    ) -> None:
        self._driver = driver
        self._settings = settings
        self._topics = topics
        self._beyond = beyond
        self._file = file
        self._listed = listed
        self._last: dict[tuple[str, int], Position] = {}

    async def read(self, starts: Mapping[tuple[str, int], int]) -> None:
        there = await self._topics.there(connection(self._settings), SOURCES)
        logical = {
            TopicPartition(self._topics.physical(t), n): (t, n) for t, count in there.items() for n in range(count)
        }
        consumer = make_consumer(self._settings)
        await consumer.start()
        try:
            begins = await consumer.beginning_offsets(list(logical))
            ends = await consumer.end_offsets(list(logical))
            at = {p: max(begins[p], starts.get(place, 0)) for p, place in logical.items()}
            unread = {p for p in logical if at[p] < ends[p]}
            consumer.assign(list(unread))
            for partition in unread:
                consumer.seek(partition, at[partition])
            while unread:
                for partition, records in (await consumer.getmany(*unread, timeout_ms=_IDLE_MS)).items():
                    await self._list(logical[partition], [r for r in records if r.offset < ends[partition]])
                unread = {p for p in unread if await consumer.position(p) < ends[p]}
        finally:
            await consumer.stop()

    async def _list(self, place: tuple[str, int], records: Sequence[Any]) -> None:
        """Compared with the commits by id: after an earlier restore another commit may have a stream and version."""
        ours = [(record, r) for record in records if (r := self._first_time(place, decode(record)))]
        service = place[0].split(".", maxsplit=1)[0]
        commits = self._driver.database(self._settings.database(service))["commits"]
        wanted = list({row_id(r.event.stream, r.event.version) for _, r in ours if r.event})
        found = {row["_id"]: row["commit_id"] async for row in commits.find({"_id": {"$in": wanted}}, {"commit_id": 1})}
        for record, received in ours:
            if not _is_of(found, place[0], received):
                self._write(place, record.offset, received)

    def _first_time(self, place: tuple[str, int], received: Received) -> Received | None:
        """None for what the relay sent twice, and for what is of no commit: markers and beats."""
        last = self._last.get(place)
        if last is not None and received.position <= last:
            return None
        self._last[place] = received.position
        return received if received.event is not None and received.position.index < BEAT_INDEX else None

    def _write(self, place: tuple[str, int], offset: int, received: Received) -> None:
        event = received.event
        if event is None or event.event_id in self._listed:
            return
        if len(self._beyond.generations) > 1:  # with one, no event comes twice, and nothing is held in memory
            self._listed.add(event.event_id)
        self._beyond.types[event.type] += 1
        line = {
            "topic": self._topics.physical(place[0]),
            "partition": place[1],
            "offset": offset,
            "id": event.event_id,
            "type": event.type,
            "stream": event.stream,
            "version": event.version,
            "at": iso(event.at),
        }
        self._file.write(orjson.dumps(line) + b"\n")


def _is_of(commits: Mapping[str, str], topic: str, received: Received) -> bool:
    event = received.event
    if event is None:
        return True
    commit = commits.get(row_id(event.stream, event.version))
    return commit is not None and ids.event_id(commit, topic, event.index) == event.event_id
