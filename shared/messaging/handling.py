"""Giving a batch of records to a service's functions: bounded retry, then halves of it, then a decision.

Knows nothing of Kafka. Whoever calls it acknowledges only what it returned from, and parks what it could not handle.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product

import structlog
from pymongo.errors import ConnectionFailure, ExecutionTimeout

from shared.kernel.envelope import Recorded
from shared.kernel.refusals import Kind, Refusal
from shared.messaging.wire import Headers
from shared.observability.metric_names import counter
from shared.observability.tracing import batch

log = structlog.get_logger()

HANDED = counter("tuan_reaction_records_total")
OUTCOMES = ("handled", "retried", "parked")

React = Callable[[Sequence[Recorded]], Awaitable[None]]

TRIES = 5
PAUSE_SECONDS = 0.1
CALLS_AT_ONCE = 20
CALL_SECONDS_MAX = 60.0
BATCH_SECONDS_MAX = 200.0
"""Below max_poll_interval_ms (300 s), so that a member that retries keeps its partitions."""

PASSING = (ConnectionFailure, ExecutionTimeout, OSError, TimeoutError)
"""Not the record's fault: servers that are away or busy."""


def passing(error: Exception) -> bool:
    """Whether an error says nothing about the record: it will pass, and the record comes again."""
    return isinstance(error, PASSING) or (isinstance(error, Refusal) and error.kind is Kind.UNAVAILABLE)


class Unavailable(Exception):
    """What the functions need is away: nothing of the batch counts as handled, it comes again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A record as it came: where it stands (`topic` is the logical name), its bytes, and the event in them."""

    topic: str
    key: str
    partition: int
    offset: int
    value: bytes
    headers: Headers
    event: Recorded

    @property
    def line(self) -> str:
        """What must stay in order: the records of one key on one topic."""
        return f"{self.topic}:{self.key}"


@dataclass(frozen=True, slots=True)
class Stuck:
    """The record of a line that cannot be handled, however often it is tried, and what it fails with."""

    head: Heard
    error: Exception


class Handling:
    """Calls the function for each run of consecutive records of one (topic, type); others are skipped."""

    def __init__(self, table: Mapping[tuple[str, str], React]) -> None:
        self._table = dict(table)
        for (_, type_), outcome in product(self._table, OUTCOMES):
            HANDED.labels(type_, outcome)

    async def handle(self, batch: Sequence[Heard]) -> dict[str, Stuck]:
        """Handles all that can be, each line in its order. Answers the lines that stand still: from the head of such
        a line on nothing of it was handled. Raises Unavailable; then nothing of the batch counts.
        """
        deadline = time.monotonic() + BATCH_SECONDS_MAX
        stuck: dict[str, Stuck] = {}
        for key, run in groupby(batch, key=lambda heard: (heard.topic, heard.event.type)):
            react = self._table.get(key)
            records = [heard for heard in run if heard.line not in stuck]
            if react is None or not records:
                continue
            lines: dict[str, list[Heard]] = {}
            for heard in records:
                lines.setdefault(heard.line, []).append(heard)
            stuck |= await _Run(react, deadline).handle(list(lines.values()), records)
        return stuck


class _Run:
    """One function and its records. Where they fail together they are halved, line by line and both halves at once:
    a poisoned record costs the others a few calls, and its own line all the tries.
    """

    def __init__(self, react: React, deadline: float) -> None:
        self._react = react
        self._deadline = deadline
        self._room = asyncio.Semaphore(CALLS_AT_ONCE)

    async def handle(self, lines: Sequence[Sequence[Heard]], records: Sequence[Heard] = ()) -> dict[str, Stuck]:
        """The lines that stand still. `records` are those of all lines in the order in which they came."""
        together = records or [heard for line in lines for heard in line]
        alone = len(together) == 1
        error = await self._tried(together, TRIES if alone else 1)
        if error is None:
            return {}
        if alone:
            return {together[0].line: Stuck(together[0], error)}
        if len(lines) > 1:
            half = len(lines) // 2
            found = await asyncio.gather(self.handle(lines[:half]), self.handle(lines[half:]), return_exceptions=True)
            return _joined(found)
        for heard in lines[0]:
            if stuck := await self.handle([[heard]]):
                return stuck
        return {}

    async def _tried(self, records: Sequence[Heard], tries: int) -> Exception | None:
        """None when done, else the last error. Raises Unavailable for one that is passing still after TRIES."""
        events = [heard.event for heard in records]
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self._room, asyncio.timeout(min(CALL_SECONDS_MAX, self._left())):
                    with batch(f"reaction {events[0].type}", (event.correlation for event in events)):
                        await self._react(events)
                HANDED.labels(events[0].type, "handled").inc(len(events))
            except Exception as error:  # whatever a function raises is tried again, then decided upon
                HANDED.labels(events[0].type, "retried").inc(len(events))
                log.warning(
                    "reaction.failed",
                    type=events[0].type,
                    first=events[0].event_id,
                    correlation=events[0].correlation,
                    count=len(events),
                    attempt=attempt,
                    error=type(error).__name__,
                )
                if attempt >= TRIES and passing(error):
                    raise Unavailable(f"{events[0].type} waits: {type(error).__name__}") from error
                if attempt >= tries and not passing(error):
                    return error
            else:
                return None
            await asyncio.sleep(random.uniform(0.5, 1.0) * PAUSE_SECONDS * 2 ** (attempt - 1))  # noqa: S311 - jitter

    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())


def _joined(found: Sequence[dict[str, Stuck] | BaseException]) -> dict[str, Stuck]:
    stuck: dict[str, Stuck] = {}
    for each in found:
        if isinstance(each, BaseException):
            raise each
        stuck |= each
    return stuck
