"""What shares a transaction does not share a fate."""

import asyncio
from dataclasses import replace

import pytest

from shared.eventstore.commits import CommitTooLarge
from shared.eventstore.conditions import Claim, Gate, Lost, Release
from shared.eventstore.execute import execute
from shared.eventstore.store import ConditionLost, EventStore, VersionTaken
from shared.kernel.decider import Decider
from shared.kernel.refusals import IdempotencyKeyReused
from tests.shared.eventstore.conftest import ParcelSent, commit, request

PARCEL: Decider[int, ParcelSent] = Decider("parcel", 0, lambda state, event: state + event.weight)


@pytest.mark.rule("P2")
@pytest.mark.parametrize("conditions", [(), (Claim("number", "a"),)], ids=["plain", "with claims"])
async def test_of_two_bodies_under_one_key_at_once_one_is_refused(
    store: EventStore, conditions: tuple[Claim, ...]
) -> None:
    outcomes = await asyncio.gather(
        *(
            execute(
                store,
                PARCEL,
                "parcel-1",
                request("key-1", body=f"body {weight}"),
                lambda _, weight=weight: [ParcelSent(weight=weight)],  # type: ignore[misc]
                conditions=lambda *_: conditions,
            )
            for weight in (1, 2)
        ),
        return_exceptions=True,
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Answer", "IdempotencyKeyReused"]
    (answered,) = [o for o in outcomes if not isinstance(o, (BaseException, IdempotencyKeyReused))]
    (stored,) = await store.load("parcel-1")
    assert answered.events == stored.events


@pytest.mark.rule("P2")
@pytest.mark.parametrize("conditions", [(), (Claim("number", "a"),)], ids=["plain", "with claims"])
async def test_what_lies_there_under_the_same_key_but_another_body_is_somebody_elses(
    store: EventStore, conditions: tuple[Claim, ...]
) -> None:
    first = commit("parcel-1", conditions=conditions)
    await store.append(first)
    with pytest.raises(VersionTaken):
        await store.append(replace(first, request=request("k", body="another")))


async def test_a_commit_that_cannot_be_stored_harms_none_that_waits_with_it(store: EventStore) -> None:
    huge = commit("parcel-1", events=[ParcelSent(weight=1)] * 9_000, conditions=[Claim("number", "a")])
    small = commit("parcel-2", conditions=[Claim("number", "b")])
    outcomes = await asyncio.gather(store.append(huge), store.append(small), return_exceptions=True)
    assert isinstance(outcomes[0], CommitTooLarge)
    assert outcomes[1] is None


@pytest.mark.rule("P4")
async def test_a_claim_of_one_who_stays_out_is_free_for_the_next(store: EventStore) -> None:
    shut = Gate("rosters", "branch-1", "members", 1, {"state": "open"}, create=True)
    await store.database["rosters"].insert_one({"_id": "branch-1", "state": "closing", "members": 0})
    first = commit("parcel-1", conditions=[Claim("number", "a"), shut])
    second = commit("parcel-2", conditions=[Claim("number", "a")])
    third = commit("parcel-3", conditions=[Claim("number", "a")])
    lost = await store.append_chunk([first, second, third])
    assert {c: why.reason for c, why in lost.items()} == {first.commit_id: "gate", third.commit_id: "claim"}
    assert lost[third.commit_id].owner == "parcel-2"


@pytest.mark.rule("P4")
async def test_an_entry_does_not_slip_through_the_gate_that_an_exit_may_pass(store: EventStore) -> None:
    await store.database["rosters"].insert_one({"_id": "branch-1", "state": "closing", "members": 5})
    leaving = commit(
        "parcel-1", conditions=[Gate("rosters", "branch-1", "members", -1, {"state": {"$in": ["open", "closing"]}})]
    )
    entering = commit("parcel-2", conditions=[Gate("rosters", "branch-1", "members", 1, {"state": "open"})])
    lost = await store.append_chunk([leaving, entering])
    assert set(lost) == {entering.commit_id}
    assert (await store.database["rosters"].find_one({"_id": "branch-1"}))["members"] == 4


@pytest.mark.rule("P4")
async def test_a_claim_given_back_between_the_clash_and_the_look_is_simply_taken(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one ended in the very moment: nobody is told of a duplicate that is not there."""
    holder = commit("parcel-1", conditions=[Claim("running", "a")])
    await store.append(holder)
    chunks = store._chunks
    look = chunks._sort_out

    async def slow_look(*args: object) -> bool:
        monkeypatch.setattr(chunks, "_sort_out", look)
        ending = replace(commit("parcel-1", 2, key="end"), conditions=(Release("running", "a"),))
        await store.append_chunk([ending])
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(chunks, "_sort_out", slow_look)
    await store.append(commit("parcel-2", conditions=[Claim("running", "a")]))
    with pytest.raises(ConditionLost) as late:
        await store.append(commit("parcel-3", conditions=[Claim("running", "a")]))
    assert late.value.lost == Lost("claim", Claim("running", "a"), "parcel-2")
