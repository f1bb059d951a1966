"""A record may be about hundreds of people; a transaction takes as many documents as at other times all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
import pytest
from aiokafka import TopicPartition

from shared.eventstore.driver import Driver
from shared.kernel.envelope import Recorded
from shared.projections import portions as sizing
from shared.projections.portions import BATCH_MAX, BATCH_MIN, BATCH_SECONDS, NAME_BYTES, next_size, portions
from shared.projections.runner import ProjectionLoop
from shared.runtime.settings import Settings
from tests.shared.projections.conftest import Records
from tests.shared.projections.test_runner import STREAMS, Weights, looping, totals, until

FIRST, SECOND = TopicPartition("parcels", 0), TopicPartition("parcels", 1)


@dataclass(frozen=True)
class Record:
    offset: int
    value: bytes | None


def light(offset: int) -> Record:
    return Record(offset, b"x" * 900)


def heavy(offset: int, named: int = 500) -> Record:
    return Record(offset, b"x" * named * NAME_BYTES)


def test_records_that_are_about_one_thing_stay_together() -> None:
    batch = {FIRST: [light(i) for i in range(900)], SECOND: [light(i) for i in range(1100)]}
    assert list(portions(batch, 2_000)) == [batch]
    assert list(portions({}, 2_000)) == [{}]


def test_what_could_name_too_many_is_cut_in_order_and_nothing_is_left_out() -> None:
    batch = {FIRST: [light(0), *(heavy(i) for i in range(1, 8)), light(8)], SECOND: [light(0), heavy(1), light(2)]}
    cut = list(portions(batch, 2_000))
    assert [[len(records) for records in portion.values()] for portion in cut] == [[4], [4], [1, 3]]
    for partition, records in batch.items():
        assert [record for portion in cut for record in portion.get(partition, ())] == records


def test_batches_keep_away_from_the_end_of_a_transaction_s_time() -> None:
    size, seconds_a_record = BATCH_MAX, 0.004
    sizes = [size := next_size(size, size * seconds_a_record) for _ in range(40)]
    assert max(each * seconds_a_record for each in sizes[3:]) <= 2 * BATCH_SECONDS
    assert next_size(BATCH_MAX, 0.1) == next_size(BATCH_MAX // 2, 0.1) == BATCH_MAX
    assert next_size(BATCH_MIN, None) == next_size(BATCH_MIN, 60.0) == BATCH_MIN
    assert next_size(BATCH_MAX, None) == BATCH_MAX // 2


def test_a_record_that_names_more_than_all_is_taken_alone() -> None:
    records = [light(0), heavy(1, 9_000), light(2), Record(3, None)]
    assert list(portions({FIRST: records}, 2_000)) == [
        {FIRST: records[:1]},
        {FIRST: records[1:2]},
        {FIRST: records[2:]},
    ]


class Counting(Weights):
    """Remembers how many heavy records each transaction held."""

    held: ClassVar[list[int]]

    async def apply(self, session: Any, batch: Sequence[Recorded]) -> None:
        self.held.append(sum("members" in event.data for event in batch))
        await super().apply(session, batch)


async def test_a_backlog_of_heavy_records_is_applied_in_small_transactions_and_counts_once(
    driver: Driver, settings: Settings, records: Records
) -> None:
    total = totals(driver, settings)
    sent = records.make(STREAMS * 2)
    for record in sent[::2]:
        data = orjson.loads(record["value"]) | {"members": ["p" * NAME_BYTES] * 500}
        record["value"] = orjson.dumps(data)
    await records.send(sent)
    Counting.held = []
    async with looping(driver, settings, Counting):
        await until(lambda: counted(total, 80))
    assert sum(Counting.held) == 40
    assert max(Counting.held) <= BATCH_MAX // 500


async def counted(total: Any, wanted: int) -> bool:
    return bool(await total() == wanted)


async def test_a_loop_that_was_slow_asks_for_less_and_for_more_again_afterwards(
    driver: Driver, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = totals(driver, settings)
    monkeypatch.setattr(sizing, "BATCH_SECONDS", 0.0)
    async with looping(driver, settings) as loop:
        await records.send(records.make(STREAMS))
        await until(lambda: counted(total, 40))
        await until(lambda: size_is(loop, below=BATCH_MAX))
        monkeypatch.setattr(sizing, "BATCH_SECONDS", 60.0)
        for number in range(1, 7):
            await records.send(records.make(STREAMS[:1]))
            await until(lambda so_far=number: counted(total, 40 + so_far))
        await until(lambda: size_is(loop, below=BATCH_MAX + 1))
        assert loop._batch == BATCH_MAX


async def size_is(loop: ProjectionLoop, below: int) -> bool:
    return loop._batch < below
