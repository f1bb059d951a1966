"""Topics: their names on the broker, and making them with everything that decides durability written out.

Code and commits use logical names (`org.events.v1`). A generation is a new history (republish, restore) and so part of
the physical name.
"""

import asyncio
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

LANE = "org.withdrawals.v1"
"""The withdrawals lane (kernel.md 5): one partition, so that a beat proves that all earlier withdrawals were sent."""

LANE_RETENTION_MS = 7 * 24 * 3600 * 1000
_DAY_MS = 24 * 3600 * 1000
_MAY_NOT, _ALREADY_EXISTS = 29, 36
_KNOWN_SECONDS = 60.0
_KNOWN_PAUSE_SECONDS = 0.1


class TopicNotMade(RuntimeError):
    """The broker refused to make a topic; the sentence has its reason."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Names of one system's topics. `namespace` prefixes all of them; generation 1 has no suffix."""

    namespace: str = ""
    generation: int = 1

    @property
    def suffix(self) -> str:
        """Of names that belong to the generation: topics, and the groups that read them.

        Of groups too: a lasting member that comes back with other topics is given its old ones by the broker.
        """
        return "" if self.generation == 1 else f"-g{self.generation}"

    def physical(self, topic: str) -> str:
        """The name on the broker."""
        return f"{self.namespace}{topic}{self.suffix}"

    def logical(self, name: str) -> str | None:
        """Back from a name on the broker; None for topics of another system or generation."""
        topic, generation = self._parsed(name)
        return topic if generation == self.generation else None

    async def generations(self, kafka: Mapping[str, Any]) -> dict[int, list[str]]:
        """Of which generations this system has topics on the broker: their names there."""
        admin = AIOKafkaAdminClient(**kafka)
        await admin.start()
        try:
            found: dict[int, list[str]] = {}
            for name in await admin.list_topics():
                if generation := self._parsed(name)[1]:
                    found.setdefault(generation, []).append(name)
            return found
        finally:
            await admin.close()

    def _parsed(self, name: str) -> tuple[str, int]:
        """The logical name and the generation (0: not of this system)."""
        shape = rf"{re.escape(self.namespace)}([a-z]+\.[a-z]+\.v\d+)(?:-g(\d+))?"
        found = re.fullmatch(shape, name)
        return (found[1], int(found[2] or 1)) if found else ("", 0)

    async def ensure(
        self, kafka: Mapping[str, Any], topics: Collection[str], partitions: int, replication: int = 1
    ) -> None:
        """Makes those of `topics` (logical) that are not there; an existing one keeps its number of partitions.

        `kafka` is what clients are told of the broker, which makes no topics by itself. Raises TopicNotMade with the
        broker's reason.
        """
        admin = AIOKafkaAdminClient(**kafka)
        await admin.start()
        try:
            there = set(await admin.list_topics())
            missing = [t for t in topics if self.physical(t) not in there]
            if missing:
                answer = await admin.create_topics([self._new(t, partitions, replication) for t in missing])
                _raise_refused(answer.topic_errors)
            await self._until_known(admin, topics)
        finally:
            await admin.close()

    async def there(self, kafka: Mapping[str, Any], services: Collection[str]) -> dict[str, int]:
        """The topics of these services that exist: logical name -> number of partitions."""
        admin = AIOKafkaAdminClient(**kafka)
        await admin.start()
        try:
            names = {n: t for n in await admin.list_topics() if (t := self.logical(n))}
            ours = [n for n, t in names.items() if t.split(".", maxsplit=1)[0] in services]
            if not ours:
                return {}
            return {names[d["topic"]]: len(d["partitions"]) for d in await admin.describe_topics(ours)}
        finally:
            await admin.close()

    async def _until_known(self, admin: AIOKafkaAdminClient, topics: Collection[str]) -> None:
        """A topic that was just made is not in every broker's metadata yet; who subscribes too early gets nothing."""
        unknown = {self.physical(t) for t in topics}
        until = time.monotonic() + _KNOWN_SECONDS
        while unknown:
            described = await admin.describe_topics(list(unknown))
            unknown -= {d["topic"] for d in described if not d["error_code"] and d["partitions"]}
            if unknown and time.monotonic() > until:
                raise TopicNotMade(f"Kafka does not show these topics: {', '.join(sorted(unknown))}")
            if unknown:
                await asyncio.sleep(_KNOWN_PAUSE_SECONDS)

    def _new(self, topic: str, partitions: int, replication: int) -> NewTopic:
        lane = topic == LANE
        configs = {
            "cleanup.policy": "delete",
            "retention.ms": str(LANE_RETENTION_MS if lane else -1),
            "retention.bytes": "-1",
            "min.insync.replicas": str(max(1, replication - 1)),
            "unclean.leader.election.enable": "false",
            "message.timestamp.type": "CreateTime",
        }
        if lane:
            configs["segment.ms"] = str(_DAY_MS)
        return NewTopic(self.physical(topic), 1 if lane else partitions, replication, topic_configs=configs)


def _raise_refused(errors: list[tuple[Any, ...]]) -> None:
    for name, code, *detail in errors:
        if code not in (0, _ALREADY_EXISTS):
            reason = detail[0] if detail and detail[0] else for_code(code).__name__
            advice = " Lay this part's rights: tuan acls." if code == _MAY_NOT else ""
            raise TopicNotMade(f"Kafka did not make the topic {name}: {reason}{advice}")
