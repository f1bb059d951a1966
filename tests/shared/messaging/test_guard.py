"""The guard: each record once, no gap unseen, no healthy stream stopped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.guard import Apply, Duplicate, Guard, Stop
from shared.messaging.wire import Position, Received
from tests.shared.messaging.support import guarded


def chain(count: int, epoch: int = 1, first: int = 1, after: Position | None = None) -> list[Received]:
    """Records of one partition in which every third commit has two records and every fifth none."""
    records = []
    for ordinal in range(first, first + count):
        for index in range(0 if ordinal % 5 == 0 else 2 if ordinal % 3 == 0 else 1):
            position = Position(epoch, ordinal, index)
            records.append(Received(position, after, f"id-{position}", None))
            after = position
    return records


def marker(epoch: int, after: Position | None = None) -> Received:
    return Received(Position(epoch, 0, 0), after, f"marker-{epoch}", None)


def after(*records: Received) -> Guard:
    guard = Guard()
    for offset, each in enumerate(records):
        guard = guard.advance(each, offset, guard.judge(each.position, each.after, each.event_id))
    return guard


def verdict(guard: Guard, record: Received) -> Apply | Duplicate | Stop:
    return guard.judge(record.position, record.after, record.event_id)


@pytest.mark.rule("P2")
@given(times=st.lists(st.integers(1, 5), min_size=10, max_size=40), window=st.integers(1, 12))
def test_each_record_is_applied_once_however_often_stretches_come_again(times: list[int], window: int) -> None:
    """Without the guard a restarted relay or a moved partition would count people twice."""
    records = chain(len(times))
    delivered = []
    for start in range(0, len(records), window):
        stretch = records[start : start + window]
        delivered += stretch * times[start % len(times)]
    assert guarded(delivered) == records


@pytest.mark.rule("P3")
@given(count=st.integers(3, 40), data=st.data())
def test_no_missing_record_goes_unseen(count: int, data: st.DataObject) -> None:
    """Breaks if `after` is only compared for being earlier: a later record would be applied over the gap."""
    records = chain(count)
    lost = data.draw(st.integers(0, len(records) - 2))
    guard = after(*records[:lost])
    assert isinstance(verdict(guard, records[lost + 1]), Stop)


@pytest.mark.rule("P3")
def test_after_a_stop_nothing_fits_until_the_missing_record_comes() -> None:
    records = chain(8)
    guard = after(*records[:3])
    for late in records[4:]:
        assert isinstance(verdict(guard, late), Stop)
        assert guard.advance(late, 99, verdict(guard, late)) is guard
    assert isinstance(verdict(guard, records[3]), Apply)


@pytest.mark.rule("P3")
def test_two_records_at_one_position_are_two_histories() -> None:
    records = chain(4)
    other = Received(records[-1].position, records[-1].after, "another", None)
    assert isinstance(verdict(after(*records), other), Stop)
    assert isinstance(verdict(after(*records), records[-1]), Duplicate)


@pytest.mark.rule("P3")
def test_a_reader_that_begins_in_the_middle_stops() -> None:
    records = chain(4)
    assert isinstance(verdict(Guard(), records[1]), Stop)
    assert isinstance(verdict(Guard(), records[0]), Apply)


@pytest.mark.rule("P3")
def test_a_new_epoch_begins_with_its_marker_whatever_that_follows() -> None:
    old = chain(6)
    began = after(*old, marker(2, after=Position(1, 99, 0)))
    assert began.position == Position(2, 0, 0)
    new = chain(3, epoch=2, first=7, after=Position(2, 0, 0))
    assert isinstance(verdict(began, new[0]), Apply)
    assert isinstance(verdict(after(*old), new[0]), Stop), "without the marker nothing proves what lies between"


@pytest.mark.rule("P3")
def test_late_records_of_an_older_epoch_are_dropped_and_a_repeated_marker_too() -> None:
    """A zombie's records behind the marker repeat what the new epoch sends again; applying them counts twice."""
    old = chain(20)
    guard = after(*old[:5], marker(2))
    assert all(isinstance(verdict(guard, late), Duplicate) for late in old[5:])
    assert isinstance(verdict(guard, marker(2)), Duplicate)


@pytest.mark.rule("P3")
def test_the_marker_of_an_empty_partition_is_its_beginning() -> None:
    guard = after(marker(3))
    assert guard.position == Position(3, 0, 0)
    assert isinstance(verdict(guard, chain(1, epoch=3, after=Position(3, 0, 0))[0]), Apply)


@pytest.mark.rule("P2")
def test_a_duplicate_moves_the_offset_and_nothing_else_and_a_guard_survives_its_row() -> None:
    records = chain(3)
    guard = after(*records)
    moved = guard.advance(records[0], 17, verdict(guard, records[0]))
    assert (moved.position, moved.id, moved.offset) == (guard.position, guard.id, 17)
    row = {"epoch": 1, "ordinal": moved.position.ordinal, "index": moved.position.index, "id": moved.id, "offset": 17}
    assert Guard.restore(row) == moved
    assert Guard.restore(None) == Guard()
