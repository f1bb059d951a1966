"""Appends and transactions are measured: how long, how many together, how often again."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from shared.eventstore.conditions import Claim
from shared.eventstore.store import EventStore
from shared.testing.measured import measured
from tests.shared.eventstore.conftest import commit


@pytest.mark.parametrize(("kind", "conditional"), [("plain", False), ("conditional", True)])
async def test_what_waits_together_is_counted_together(store: EventStore, kind: str, conditional: bool) -> None:
    labels = {"kind": kind}
    samples = ("tuan_append_seconds_count", "tuan_append_commits_sum", "tuan_append_commits_count")
    before = [measured(each, labels) for each in samples]
    conditions = [(Claim("number", str(n)),) if conditional else () for n in range(20)]
    await asyncio.gather(*(store.append(commit(f"parcel-{n}", conditions=c)) for n, c in enumerate(conditions)))
    appends, commits, writes = (measured(each, labels) - was for each, was in zip(samples, before, strict=True))
    assert (appends, commits) == (20, 20)
    assert writes < 20
    assert measured("tuan_append_waiting", labels) == 0


async def test_a_chunk_is_counted_by_its_commits(store: EventStore) -> None:
    before = measured("tuan_append_commits_sum", {"kind": "chunk"})
    await store.append_chunk([commit(f"parcel-{n}") for n in range(7)])
    assert measured("tuan_append_commits_sum", {"kind": "chunk"}) - before == 7


async def test_a_transaction_that_was_begun_again_is_counted_once_and_its_repeat(store: EventStore) -> None:
    done, repeats = measured("tuan_transaction_seconds_count", {"outcome": "done"}), "tuan_transaction_repeats_total"
    before = measured(repeats)
    tries = 0

    async def work(_session: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OperationFailure("again", 112, {"errorLabels": ["TransientTransactionError"]})

    await store.driver.transaction(work)
    assert measured(repeats) - before == 1
    assert measured("tuan_transaction_seconds_count", {"outcome": "done"}) - done == 1
