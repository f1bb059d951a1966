"""Thirty members at once, over both services (TRF-08): who cannot go is named, the others go, nothing comes twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from services.transfer.use_cases.transfers import TransferCommands
from services.transfer.use_cases.waits import OPEN
from shared.deadlines.rows import DEADLINES
from shared.eventstore.store import EventStore
from shared.kernel.refusals import SystemBusy
from shared.runtime.cache import AgingCache
from tests.transfer.conftest import (
    CLASS,
    COMMITTEE_ADMIN,
    DEEP,
    IN,
    OUT,
    OUT_ADMIN,
    PROVINCE,
    SCHOOL,
    SCHOOL_ADMIN,
    STRANGER,
    World,
    person,
    two_levels,
)

LEADER = person(111)
PATH = f"organizations/{SCHOOL}/transfer-batches"


def asked(*people: str, **more: Any) -> dict[str, Any]:
    return {"from_branch": OUT, "to": IN, "people": list(people), "reason": "change_of_school"} | more


async def ask(world: World, *people: str, key: str | None = None, **more: Any) -> str:
    answer = await world.send(PATH, asked(*people, **more), SCHOOL_ADMIN, key)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"])


async def ended(world: World) -> None:
    await world.work()
    await world.carry()


async def shown(world: World, batch: str, by: str = SCHOOL_ADMIN) -> dict[str, Any]:
    answer = await world.get(f"transfer-batches/{batch}", by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def outcomes(card: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {each["person"]: (each["state"], each["cause"]) for each in card["members"]}


@pytest.mark.rule("TRF-08", "TRF-22", "TRF-02")
async def test_members_go_without_approvals_and_each_has_a_history_of_their_own(world: World) -> None:
    people = [await world.enter() for _ in range(3)]
    batch = await ask(world, *people)
    waiting = await shown(world, batch)
    assert (waiting["settled"], outcomes(waiting)) == (False, dict.fromkeys(people, ("waiting", None)))
    await world.work()
    begun = await shown(world, batch)
    assert (begun["settled"], outcomes(begun)) == (False, dict.fromkeys(people, ("requested", None)))
    await world.carry()
    card = await shown(world, batch)
    assert (card["settled"], card["people"], card["left_out"]) == (True, 3, 0)
    assert outcomes(card) == dict.fromkeys(people, ("completed", None))
    assert await world.rosters() == {OUT: 0, IN: 3}
    for each in card["members"]:
        assert await world.branch(each["person"]) == IN
        one = (await world.get(f"transfers/{each['transfer']}", each["person"])).json()
        assert (one["batch"], one["started_by"], one["reason"]) == (batch, "above", "change_of_school")
        assert one["steps"][0]["by"] == SCHOOL_ADMIN
        assert [s["what"] for s in one["steps"]] == ["requested", "completed"]
    assert await world.parts.database["claims"].count_documents({"_id": {"$regex": f"^{OPEN}:"}}) == 0
    listed = (await world.get(f"organizations/{OUT}/transfers?which=all", OUT_ADMIN)).json()["items"]
    assert {row["batch"] for row in listed} == {batch}
    of_school = (await world.get(PATH, SCHOOL_ADMIN)).json()["items"]
    assert [(row["batch"], row["people"], row["from_name"], row["to_name"]) for row in of_school] == [
        (batch, 3, OUT, IN)
    ]


@pytest.mark.rule("TRF-08", "ADM-08")
async def test_a_batch_goes_to_a_branch_two_levels_below_and_from_there(world: World) -> None:
    await two_levels(world, SCHOOL)
    people = [await world.enter() for _ in range(2)]
    there = await ask(world, *people, to=DEEP)
    await ended(world)
    assert outcomes(await shown(world, there)) == dict.fromkeys(people, ("completed", None))
    assert [await world.branch(who) for who in people] == [DEEP, DEEP]
    back = await ask(world, *people, from_branch=DEEP, to=IN)
    await ended(world)
    assert outcomes(await shown(world, back)) == dict.fromkeys(people, ("completed", None))
    assert [await world.branch(who) for who in people] == [IN, IN]


class BusyOnce:
    """The store behind the settings: the first `times` that it is asked for more of them it is busy."""

    def __init__(self, store: EventStore, times: int) -> None:
        self.codec, self._store, self.left = store.codec, store, times

    def documents(self, streams: Sequence[str], after: int = 0) -> AsyncIterator[dict[str, Any]]:
        if self.left:
            self.left -= 1
            raise SystemBusy
        return self._store.documents(streams, after)


@pytest.mark.rule("TRF-08", "TRF-22", "P2")
async def test_a_batch_whose_settings_cannot_be_read_for_a_moment_loses_and_doubles_nobody(world: World) -> None:
    """The steps' calendar is read when member holds somebody: what is heard then fails and is heard again."""
    people = [await world.enter() for _ in range(3)]
    batch = await ask(world, *people)
    await world.work()
    settled = world.parts.settled
    settled._store = busy = BusyOnce(world.parts.store, 2)
    for _ in range(2):
        with pytest.raises(SystemBusy):
            await world.carry()
    assert (busy.left, outcomes(await shown(world, batch))) == (0, dict.fromkeys(people, ("requested", None)))
    await world.carry(times=2)
    card = await shown(world, batch)
    assert (card["settled"], outcomes(card)) == (True, dict.fromkeys(people, ("completed", None)))
    assert await world.rosters() == {OUT: 0, IN: 3}


@pytest.mark.rule("TRF-08", "P8")
async def test_a_busy_store_leaves_nobody_out_of_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [await world.enter() for _ in range(3)]
    batch = await ask(world, *people)
    begin, busy = TransferCommands.begin, iter((True,))

    async def sometimes(self: TransferCommands, *given: Any) -> Any:
        if next(busy, False):
            raise SystemBusy
        return await begin(self, *given)

    monkeypatch.setattr(TransferCommands, "begin", sometimes)
    with pytest.raises(SystemBusy):
        await world.work()
    assert (await shown(world, batch))["left_out"] == 0
    await ended(world)
    assert outcomes(await shown(world, batch)) == dict.fromkeys(people, ("completed", None))


@pytest.mark.rule("TRF-08", "TRF-02")
async def test_who_cannot_go_is_named_with_the_reason_and_the_others_go(world: World) -> None:
    goes, held, elsewhere = await world.enter(), await world.enter(), await world.enter(IN)
    await world.start(held)
    nobody = person(999)
    batch = await ask(world, goes, held, elsewhere, nobody)
    await ended(world)
    card = await shown(world, batch)
    assert outcomes(card) == {
        goes: ("completed", None),
        held: ("left_out", "transfer_already_open"),
        elsewhere: ("left_out", "member_not_in_branch"),
        nobody: ("left_out", "member_not_in_branch"),
    }
    assert (card["settled"], card["left_out"]) == (True, 3)


@pytest.mark.rule("TRF-08")
async def test_a_roster_that_closes_meanwhile_refuses_and_the_member_stays(world: World) -> None:
    who = await world.enter()
    await world.enter(IN)
    batch = await ask(world, who)
    await world.members.parts.store.database["rosters"].update_one({"_id": IN}, {"$set": {"state": "closing"}})
    await ended(world)
    card = await shown(world, batch)
    assert outcomes(card) == {who: ("failed", "branch_closing")}
    assert (card["settled"], await world.branch(who)) == (True, OUT)


@pytest.mark.rule("TRF-08", "P2")
async def test_the_same_batch_sent_twice_is_one_batch(world: World) -> None:
    people = [await world.enter() for _ in range(4)]
    sent = [world.send(PATH, asked(*people), SCHOOL_ADMIN, "the-same-key-0001") for _ in range(3)]
    assert len({answer.json()["stream"] for answer in await asyncio.gather(*sent)}) == 1
    await ended(world)
    again = await world.send(PATH, asked(*people), SCHOOL_ADMIN, "the-same-key-0001")
    await ended(world)
    assert await world.rosters() == {OUT: 0, IN: 4}
    assert outcomes(await shown(world, again.json()["stream"])) == dict.fromkeys(people, ("completed", None))


@pytest.mark.rule("TRF-08", "P8")
@pytest.mark.parametrize("stops", [1, 2, 3])
async def test_stopped_in_the_middle_it_is_finished_once(
    world: World, monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    people = [await world.enter() for _ in range(3)]
    batch = await ask(world, *people)
    begin, begun = TransferCommands.begin, 0

    async def dies(self: TransferCommands, *given: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun == stops:
            raise RuntimeError("stopped")
        return await begin(self, *given)

    monkeypatch.setattr(TransferCommands, "begin", dies)
    with pytest.raises(RuntimeError, match="stopped"):
        await world.work()
    assert await world.parts.database[DEADLINES].count_documents({"kind": "batch-due"}) == 1
    await world.carry()
    await ended(world)
    assert outcomes(await shown(world, batch)) == dict.fromkeys(people, ("completed", None))
    begun_streams = {"stream": {"$regex": "^transfer-"}, "version": 1}
    assert await world.parts.store.commits.count_documents(begun_streams) == 3
    assert await world.rosters() == {OUT: 0, IN: 3}


@pytest.mark.rule("TRF-08", "ADM-08")
async def test_only_an_organization_above_both_branches_moves_members(world: World) -> None:
    who = await world.enter()

    async def code(path: str, by: str, **more: Any) -> tuple[int, str, str]:
        said = await world.send(f"organizations/{path}/transfer-batches", asked(who, **more), by)
        return said.status_code, said.json()["code"], said.json()["rule"]

    assert await code(SCHOOL, SCHOOL_ADMIN, to=CLASS) == (422, "branch_not_below", "TRF-08")
    assert await code(SCHOOL, SCHOOL_ADMIN, from_branch=CLASS, to=IN) == (422, "branch_not_below", "TRF-08")
    assert await code(SCHOOL, SCHOOL_ADMIN, to=SCHOOL) == (422, "branch_not_below", "TRF-08")
    assert await code(OUT, OUT_ADMIN) == (422, "batch_of_committees_only", "TRF-08")
    await world.rights.administers(LEADER, PROVINCE)
    assert await code(PROVINCE, LEADER, to=CLASS) == (422, "batch_of_committees_only", "TRF-08")
    for by in (COMMITTEE_ADMIN, OUT_ADMIN, STRANGER):
        assert (await code(SCHOOL, by))[:2] == (403, "outside_authority")
    crowd = [person(number) for number in range(31)]
    too_many = await world.send(PATH, asked(*crowd), SCHOOL_ADMIN)
    assert (too_many.status_code, too_many.json()["code"]) == (400, "batch_too_large")


@pytest.mark.rule("TRF-08", "ADM-06")
async def test_rights_and_places_are_looked_at_again_when_it_comes_to_the_work(world: World) -> None:
    first, second = await world.enter(), await world.enter()
    world.rights.authority.tree._cache = AgingCache(1_000, 0.0)
    moved = await ask(world, first)
    await world.rights.tree({IN: CLASS})
    await ended(world)
    assert outcomes(await shown(world, moved)) == {first: ("left_out", "branch_not_below")}
    await world.rights.tree({IN: SCHOOL})
    lost = await ask(world, second)
    await world.rights.nothing(SCHOOL_ADMIN)
    await ended(world)
    await world.rights.administers(SCHOOL_ADMIN, SCHOOL)
    assert outcomes(await shown(world, lost)) == {second: ("left_out", "batch_right_lost")}
    assert await world.rosters() == {OUT: 2}


@pytest.mark.rule("TRF-08", "TRF-15", "P11")
async def test_the_text_of_another_reason_goes_with_every_transfer_and_is_stored_in_clear_nowhere(
    world: World,
) -> None:
    people, text = [await world.enter() for _ in range(2)], "随家人迁居外地"
    none = await world.send(PATH, asked(*people, reason="other"), SCHOOL_ADMIN)
    assert none.json()["code"] == "reason_needs_text"
    batch = await ask(world, *people, reason="other", note=text)
    await ended(world)
    card = await shown(world, batch)
    assert (card["note"], outcomes(card)) == (text, dict.fromkeys(people, ("completed", None)))
    for each in card["members"]:
        assert (await world.get(f"transfers/{each['transfer']}", each["person"])).json()["note"] == text
    async for commit in world.parts.store.commits.find({}):
        assert text not in str(commit)


@pytest.mark.rule("TRF-14", "X14")
async def test_a_batch_is_shown_to_who_reads_the_organization_that_asked_for_it(world: World) -> None:
    batch = await ask(world, await world.enter())
    assert (await world.get(f"transfer-batches/{batch}", OUT_ADMIN)).status_code == 404
    assert (await world.get("transfer-batches/batch-none", SCHOOL_ADMIN)).status_code == 404
