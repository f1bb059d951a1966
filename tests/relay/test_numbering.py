"""Numbers depend on the commits and the state before them, on nothing else."""

import copy

import pytest

from services.relay.numbering import BEAT_INDEX, Numbered, Numbering
from shared.messaging.guard import Apply, Guard
from shared.messaging.topics import LANE
from shared.messaging.wire import Position, decode, records_of
from tests.shared.messaging.support import commit, guarded


def numbering() -> Numbering:
    return Numbering(lambda topic: 1 if topic == LANE else 4)


def received(records: list[Numbered], place: tuple[str, int]) -> list:
    return [decode(r) for r in records if r.place == place]


def org_commit(version: int, *, withdraws: bool) -> dict:
    made = commit("organization-1", version, service="org")
    if withdraws:
        made["public"].append({"topic": LANE, "type": "org.RightWithdrawn.v1", "data": {}, "sealed": None})
    return made


@pytest.mark.rule("P3")
def test_the_same_commits_after_the_same_state_give_the_same_records() -> None:
    """Two relays at once, or one that died and came back, differ in nothing: that is what makes them harmless."""
    commits = [commit(f"person-{n % 7}", n) for n in range(1, 40)]
    first = numbering()
    for each in commits[:20]:
        first.commit("member", each)
    second = Numbering(first.partitions, first.epoch, dict(first.ordinals), copy.deepcopy(first.chain))
    one = [r for c in commits[20:] for r in first.commit("member", c)]
    other = [r for c in commits[20:] for r in second.commit("member", c)]
    assert one == other
    assert first.ordinals == {"member": 39}


@pytest.mark.rule("P3")
def test_every_partition_is_a_chain_without_gaps_although_ordinals_jump_in_it() -> None:
    numbers = numbering()
    records = [r for n in range(60) for r in numbers.commit("member", commit(f"person-{n}", 1, public=n % 3))]
    places = {r.place for r in records}
    assert len(places) > 4
    for place in places:
        mine = received(records, place)
        assert guarded(mine) == mine
    assert numbers.ordinals["member"] == 60


@pytest.mark.rule("P3")
def test_a_commit_that_publishes_nothing_is_numbered_and_leaves_no_gap() -> None:
    numbers = numbering()
    records = [r for v in range(1, 6) for r in numbers.commit("member", commit("person-1", v, public=v % 2))]
    [events] = {r.place for r in records if r.place[0] == "member.events.v1"}
    mine = received(records, events)
    assert [r.position.ordinal for r in mine] == [1, 3, 5]
    assert guarded(mine) == mine


@pytest.mark.rule("P6")
def test_beats_and_withdrawals_share_one_rising_chain_from_before_the_first_commit_on() -> None:
    """If a beat stood above the commit behind it, the guard would take that commit's withdrawal for a repeat."""
    numbers = numbering()
    records = [numbers.beat("org", LANE, 1), numbers.beat("org", LANE, 2)]
    for version in range(1, 5):
        records += numbers.commit("org", org_commit(version, withdraws=version % 2 == 0))
        records += [numbers.beat("org", LANE, 10 * version), numbers.beat("org", LANE, 10 * version + 1)]
    lane = received(records, (LANE, 0))
    assert guarded(lane) == lane
    assert [r.position for r in lane] == sorted({r.position for r in lane})
    assert lane[0].position == Position(1, 0, BEAT_INDEX)
    assert sum(r.event.type == "org.RightWithdrawn.v1" for r in lane if r.event) == 2
    assert not any(r.position.is_marker for r in lane)


@pytest.mark.rule("P3")
def test_a_commit_left_out_shows_in_no_chain_and_that_is_why_ordinals_are_counted() -> None:
    """Documents what the guard cannot see (kernel.md 3): tests of the audit hold the other half."""
    numbers = numbering()
    records = [r for v in (1, 2, 4) for r in numbers.commit("member", commit("person-1", v))]
    [log] = {r.place for r in records if r.place[0] == "member.log.v1"}
    guard = Guard()
    for each in received(records, log):
        assert isinstance(guard.judge(each.position, each.after, each.event_id), Apply)
        guard = guard.advance(each, 0, Apply())
    assert numbers.ordinals["member"] == 3


@pytest.mark.rule("P3")
def test_no_commit_holds_as_many_records_as_would_reach_the_numbers_of_beats() -> None:
    assert BEAT_INDEX > 512 * 1024
    assert len(records_of(commit("person-1", 1, public=5), "member")) == 6
