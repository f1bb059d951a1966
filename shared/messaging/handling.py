"""Giving a batch of records to a service's functions: bounded retry, then record by record, then a decision.

Knows nothing of Kafka. Whoever calls it acknowledges only what it returned from.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby

import structlog
from pymongo.errors import ConnectionFailure, ExecutionTimeout

from shared.kernel.envelope import Recorded
from shared.kernel.refusals import Kind, Refusal

log = structlog.get_logger()

React = Callable[[Sequence[Recorded]], Awaitable[None]]

TRIES = 5
PAUSE_SECONDS = 0.1
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


class Poisoned(Exception):
    """A record that cannot be handled, however often it is tried. The sentence names it, never its contents."""


class Handling:
    """Calls the function for each run of consecutive records of one (topic, type); others are skipped."""

    def __init__(self, table: Mapping[tuple[str, str], React]) -> None:
        self._table = dict(table)

    async def handle(self, batch: Sequence[tuple[str, Recorded]]) -> int:
        """Returns how many records were handled, all in order. Raises Unavailable or Poisoned; then none counts."""
        deadline = time.monotonic() + BATCH_SECONDS_MAX
        handled = 0
        for key, run in groupby(batch, key=lambda item: (item[0], item[1].type)):
            react = self._table.get(key)
            if react is None:
                continue
            records = [recorded for _, recorded in run]
            handled += len(records)
            error = await _tried(react, records, deadline)
            if error is None:
                continue
            if len(records) == 1 or passing(error):
                raise _verdict(records[0], error) from error
            for recorded in records:
                if alone := await _tried(react, [recorded], deadline):
                    raise _verdict(recorded, alone) from alone
        return handled


async def _tried(react: React, records: Sequence[Recorded], deadline: float) -> Exception | None:
    """None when done, the last error after all tries."""
    for attempt in range(TRIES):
        try:
            async with asyncio.timeout(min(CALL_SECONDS_MAX, max(0.0, deadline - time.monotonic()))):
                await react(records)
        except Exception as error:  # noqa: BLE001 - whatever a function raises is tried again, then decided upon
            log.warning(
                "reaction.failed",
                type=records[0].type,
                first=records[0].event_id,
                count=len(records),
                attempt=attempt + 1,
                error=type(error).__name__,
            )
            failure = error
        else:
            return None
        if attempt < TRIES - 1:
            await asyncio.sleep(random.uniform(0.5, 1.0) * PAUSE_SECONDS * 2**attempt)  # noqa: S311 - jitter
    return failure


def _verdict(recorded: Recorded, error: Exception) -> Exception:
    if passing(error):
        return Unavailable(f"{recorded.type} waits: {type(error).__name__}")
    return Poisoned(
        f"the record {recorded.event_id} ({recorded.type}, {recorded.stream} version {recorded.version}) cannot be "
        f"handled: {type(error).__name__}. Nothing behind it was handled either. Mend the code, then start the service "
        "again."
    )
