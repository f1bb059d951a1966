import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.eventstore.chunk import Fenced
from shared.eventstore.commits import CommitTooLarge
from shared.eventstore.conditions import Claim, Gate, Lost, Release, Row
from shared.eventstore.execute import execute
from shared.eventstore.store import ConditionLost, EventStore, VersionTaken
from shared.kernel.clock import to_micros
from shared.kernel.decider import Decider
from shared.kernel.envelope import Personal
from shared.kernel.refusals import IdempotencyKeyReused, Refusal
from shared.privacy.sealing import new_key, open_
from tests.shared.eventstore.conftest import ParcelArrived, ParcelSent, commit, request

OPEN = {"state": "open"}


def gate(by: int = 1, **more: object) -> Gate:
    return Gate("rosters", "branch-1", "members", by, OPEN, create=True, **more)  # type: ignore[arg-type]


async def count(store: EventStore, collection: str) -> int:
    return int(await store.database[collection].count_documents({}))


@pytest.mark.rule("P1")
async def test_what_was_appended_is_loaded_in_order(store: EventStore) -> None:
    await store.append(commit("parcel-1", 1))
    await store.append(commit("parcel-1", 2, key="k2", events=[ParcelArrived()]))
    loaded = await store.load("parcel-1")
    assert [c.version for c in loaded] == [1, 2]
    assert [e for c in loaded for e in c.events] == [ParcelSent(weight=1), ParcelArrived()]


@pytest.mark.rule("IDN-08", "P9")
async def test_the_role_of_a_central_operator_is_kept_with_the_commit_and_older_commits_have_none(
    store: EventStore,
) -> None:
    by = request("k2")
    central = replace(by, actor=replace(by.actor, central=True))
    await store.append(commit("parcel-1"))
    await store.append(replace(commit("parcel-1", 2, key="k2"), request=central))
    documents = [d async for d in store.documents(["parcel-1"])]
    assert "central" not in documents[0]["actor"]
    actors = [recorded.actor for d in documents for recorded in store.codec.recorded(d)]
    assert [actor.central for actor in actors] == [False, True]


async def test_streams_whose_names_begin_alike_are_kept_apart(store: EventStore) -> None:
    await store.append(commit("parcel-1"))
    await store.append(commit("parcel-11"))
    assert [c.stream for c in await store.load("parcel-1")] == ["parcel-1"]
    assert set(await store.load_many(["parcel-1", "parcel-11", "parcel-2"])) == {"parcel-1", "parcel-11"}


async def test_of_two_appends_of_one_version_exactly_one_wins(store: EventStore) -> None:
    outcomes = await asyncio.gather(
        *(store.append(commit("parcel-1", 1, key=f"k{i}")) for i in range(20)), return_exceptions=True
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["NoneType"] + ["VersionTaken"] * 19
    assert await count(store, "commits") == 1


@pytest.mark.rule("P2")
async def test_appending_the_same_commit_again_is_done_already(store: EventStore) -> None:
    await store.append(commit("parcel-1"))
    await store.append(commit("parcel-1"))
    await store.append(commit("parcel-2", conditions=[Claim("number", "a")]))
    await store.append(commit("parcel-2", conditions=[Claim("number", "a")]))
    assert await count(store, "commits") == 2
    assert await count(store, "claims") == 1


async def test_a_stream_s_instants_rise_even_when_the_clock_stands(store: EventStore) -> None:
    first = commit("parcel-1")
    await store.append(first)
    at = (await store.load("parcel-1"))[0].at
    assert at == to_micros(datetime(2026, 11, 22, tzinfo=UTC))
    second = commit("parcel-1", 2, key="k2")
    await store.append(type(second)(**{f: getattr(second, f) for f in second.__slots__} | {"previous_at": at}))
    assert (await store.load("parcel-1"))[1].at == at + 1


async def test_a_commit_above_the_limit_is_refused_and_harms_nobody_else(store: EventStore) -> None:
    huge = commit("parcel-1", events=[ParcelSent(weight=1)] * 9_000)
    small = commit("parcel-2")
    outcomes = await asyncio.gather(store.append(huge), store.append(small), return_exceptions=True)
    assert isinstance(outcomes[0], CommitTooLarge)
    assert outcomes[1] is None


@pytest.mark.rule("P4")
async def test_a_hundred_claims_of_one_value_at_once_have_one_winner(store: EventStore) -> None:
    outcomes = await asyncio.gather(
        *(store.append(commit(f"parcel-{i}", conditions=[Claim("number", "a")])) for i in range(100)),
        return_exceptions=True,
    )
    assert sum(o is None for o in outcomes) == 1
    assert sum(isinstance(o, ConditionLost) and o.lost.reason == "claim" for o in outcomes) == 99
    assert (await count(store, "commits"), await count(store, "claims")) == (1, 1)


@pytest.mark.rule("P4")
async def test_two_chunks_with_the_same_people_share_them_out(store: EventStore) -> None:
    def chunk(who: str) -> list:
        return [commit(f"{who}-{i}", conditions=[Claim("number", str(i)), gate()]) for i in range(200)]

    first, second = await asyncio.gather(store.append_chunk(chunk("a")), store.append_chunk(chunk("b")))
    assert len(first) + len(second) == 200
    assert await count(store, "commits") == 200
    roster = await store.database["rosters"].find_one({"_id": "branch-1"})
    assert roster is not None
    assert roster["members"] == 200


async def test_losers_are_told_to_whom_and_the_rest_goes_in(store: EventStore) -> None:
    await store.append(commit("parcel-0", conditions=[Claim("number", "a")]))
    lost = await store.append_chunk(
        [commit("parcel-1", conditions=[Claim("number", "a")]), commit("parcel-2", conditions=[Claim("number", "b")])]
    )
    assert lost == {"parcel-1/k": Lost("claim", Claim("number", "a"), "parcel-0")}
    assert await store.load("parcel-2")
    assert not await store.load("parcel-1")


async def test_of_two_equal_claims_in_one_chunk_the_earlier_row_wins(store: EventStore) -> None:
    lost = await store.append_chunk([commit(f"parcel-{i}", conditions=[Claim("number", "a")]) for i in range(3)])
    assert lost == {f"parcel-{i}/k": Lost("claim", Claim("number", "a"), "parcel-0") for i in (1, 2)}


async def test_a_release_frees_the_claim_in_the_same_transaction(store: EventStore) -> None:
    await store.append(commit("parcel-1", conditions=[Claim("number", "a")]))
    await store.append(commit("parcel-1", 2, key="k2", events=[ParcelArrived()], conditions=[Release("number", "a")]))
    await store.append(commit("parcel-2", conditions=[Claim("number", "a")]))
    assert (await store.database["claims"].find_one({"_id": "number:a"}))["owner"] == "parcel-2"


async def test_nobody_releases_a_claim_of_somebody_else(store: EventStore) -> None:
    await store.append(commit("parcel-1", conditions=[Claim("number", "a")]))
    with pytest.raises(LookupError):
        await store.append(commit("parcel-2", conditions=[Release("number", "a")]))
    assert not await store.load("parcel-2")
    assert await count(store, "claims") == 1


async def test_a_gate_lets_pass_while_open_and_nothing_when_closing(store: EventStore) -> None:
    """The roster of a branch: without this a person could enter a branch that is being dissolved."""
    await store.append(commit("parcel-1", conditions=[gate()]))
    await store.database["rosters"].update_one({"_id": "branch-1"}, {"$set": {"state": "closing"}})
    lost = await store.append_chunk([commit("parcel-2", conditions=[gate()]), commit("parcel-3")])
    assert lost["parcel-2/k"].reason == "gate"
    assert await store.load("parcel-3")
    leaving = Gate("rosters", "branch-1", "members", -1, {"state": {"$in": ["open", "closing"]}})
    await store.append(commit("parcel-1", 2, key="k2", events=[ParcelArrived()], conditions=[leaving]))
    assert (await store.database["rosters"].find_one({"_id": "branch-1"}))["members"] == 0


async def test_a_gate_changes_the_state_of_its_row_once_and_also_of_one_that_it_makes(store: EventStore) -> None:
    """The sealing of a branch, whether anybody was ever in it or not."""
    rows, empty = store.database["rosters"], {"state": "open", "members": 0}

    def sealing(branch: str) -> Gate:
        return Gate("rosters", branch, "members", 0, empty, create=True, state="sealed")

    await store.append(commit("parcel-1", conditions=[gate()]))
    lost = await store.append_chunk([commit("parcel-2", conditions=[sealing("branch-1")])])
    assert lost["parcel-2/k"].reason == "gate"
    await store.append(commit("parcel-3", conditions=[sealing("branch-2")]))
    assert await rows.find_one({"_id": "branch-2"}) == {"_id": "branch-2", "state": "sealed", "members": 0}
    leaving = Gate("rosters", "branch-1", "members", -1, {"state": "open"})
    await store.append(commit("parcel-1", 2, key="k2", events=[ParcelArrived()], conditions=[leaving]))
    lost = await store.append_chunk([commit(f"parcel-{n}", conditions=[sealing("branch-1")]) for n in (4, 5)])
    assert await rows.find_one({"_id": "branch-1"}) == {"_id": "branch-1", "state": "sealed", "members": 0}
    entering = await store.append_chunk([commit("parcel-6", conditions=[gate()])])
    assert entering["parcel-6/k"].reason == "gate"


async def test_a_row_comes_with_its_commit_or_not_at_all(store: EventStore) -> None:
    row = Row(store.database.name, "keys", {"_id": "person-1", "wrapped": b"x"})
    await store.append(commit("parcel-0", conditions=[Claim("number", "a")]))
    with pytest.raises(ConditionLost):
        await store.append(commit("parcel-1", conditions=[Claim("number", "a"), row]))
    assert await count(store, "keys") == 0
    await store.append(commit("parcel-2", conditions=[row]))
    assert await count(store, "keys") == 1


@pytest.mark.rule("P2")
async def test_a_fenced_chunk_changes_nothing(store: EventStore) -> None:
    """A worker that was paused comes back while another has gone on: without the fence its rows would go in twice."""
    await store.append(commit("import-1", 1, key="other"))
    with pytest.raises(Fenced):
        await store.append_chunk([commit("parcel-1")], fence=lambda _lost: commit("import-1", 1, key="mine"))
    assert not await store.load("parcel-1")


async def test_the_fence_records_who_lost(store: EventStore) -> None:
    await store.append(commit("parcel-0", conditions=[Claim("number", "a")]))
    rows = [commit("parcel-1", conditions=[Claim("number", "a")]), commit("parcel-2")]
    await store.append_chunk(
        rows, fence=lambda lost: commit("import-1", events=[ParcelSent(weight=len(rows) - len(lost))])
    )
    assert (await store.load("import-1"))[0].events == (ParcelSent(weight=1),)


@pytest.mark.rule("P2")
async def test_a_chunk_sent_again_after_an_unknown_result_is_done_already(store: EventStore) -> None:
    rows = [commit("parcel-1", conditions=[Claim("number", "a"), gate()])]
    for _ in range(2):
        assert await store.append_chunk(rows, fence=lambda _lost: commit("import-1")) == {}
    assert await count(store, "commits") == 2
    assert (await store.database["rosters"].find_one({"_id": "branch-1"}))["members"] == 1


async def test_a_failing_transaction_leaves_nothing(store: EventStore) -> None:
    async def work(session: object) -> None:
        await store.commits.insert_one({"_id": "x"}, session=session)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await store.driver.transaction(work)
    assert await count(store, "commits") == 0


async def test_writers_of_one_row_all_get_through(store: EventStore) -> None:
    async def add(session: object) -> None:
        await store.database["rosters"].update_one({"_id": "r"}, {"$inc": {"n": 1}}, upsert=True, session=session)

    await asyncio.gather(*(store.driver.transaction(add) for _ in range(40)))
    assert (await store.database["rosters"].find_one({"_id": "r"}))["n"] == 40


@pytest.mark.rule("P11")
async def test_personal_parts_lie_sealed_in_stored_and_in_public_events(store: EventStore) -> None:
    key = new_key()
    event = ParcelSent(weight=1, personal=Personal(person="person-1", values={"name": "欧阳金丝雀"}))
    sealed = commit("person-1", events=[event])
    await store.append(type(sealed)(**{f: getattr(sealed, f) for f in sealed.__slots__} | {"keys": {"person-1": key}}))
    document = await store.commits.find_one({})
    assert document is not None
    assert "欧阳金丝雀" not in str(document)
    recorded = store.codec.recorded(document)[0]
    assert recorded.sealed is not None
    assert open_(key, recorded.sealed, "person-1", recorded.event_id) == {"name": "欧阳金丝雀"}
    assert document["public"][0]["sealed"]["ciphertext"] != document["events"][0]["sealed"]["ciphertext"]


PARCEL: Decider[int, ParcelSent] = Decider("parcel", 0, lambda state, event: state + event.weight)


class TooHeavy(Refusal):
    rule = "X"
    zh = "太重"
    en = "too heavy"


def send(weight: int, limit: int = 5):
    def decide(state: int) -> list[ParcelSent]:
        if state + weight > limit:
            raise TooHeavy
        return [ParcelSent(weight=weight)]

    return decide


@pytest.mark.rule("P2")
async def test_a_repeated_key_gets_the_first_answer(store: EventStore) -> None:
    first = await execute(store, PARCEL, "parcel-1", request("k"), send(3))
    again = await execute(store, PARCEL, "parcel-1", request("k"), send(3))
    assert (first.version, again.version, again.repeated, again.events) == (1, 1, True, first.events)


@pytest.mark.rule("P2")
async def test_the_same_key_with_another_request_is_refused(store: EventStore) -> None:
    await execute(store, PARCEL, "parcel-1", request("k"), send(3))
    with pytest.raises(IdempotencyKeyReused):
        await execute(store, PARCEL, "parcel-1", request("k", body="other"), send(1))


async def test_a_refusal_is_decided_anew(store: EventStore) -> None:
    with pytest.raises(TooHeavy):
        await execute(store, PARCEL, "parcel-1", request("k"), send(6))
    assert (await execute(store, PARCEL, "parcel-1", request("k"), send(6, limit=9))).version == 1


async def test_racing_commands_are_decided_one_after_the_other(store: EventStore) -> None:
    """Without the version check both would see an empty stream and five parcels of 2 would pass a limit of 5."""
    outcomes = await asyncio.gather(
        *(execute(store, PARCEL, "parcel-1", request(f"k{i}"), send(2)) for i in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(o, Exception) for o in outcomes) == 2
    assert {type(o) for o in outcomes if isinstance(o, Exception)} <= {TooHeavy, VersionTaken}
